/** A schedule in words: what is shown of an ordinary run, of takeovers and of faults, and what holds of every narration of every scenario. */
import { describe, expect, test } from 'vitest';
import { formatTraceOn, sendingRow } from '../../../../labs-runtime/checks/trace-text.ts';
import { formatEvent, parseEvent, type ClusterEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import type { Cluster } from '../../../../labs-runtime/sim/cluster/cluster.ts';
import { enabledEvents } from '../../../../labs-runtime/sim/cluster/enabled.ts';
import { explainBreach } from '../../../../labs-runtime/sim/cluster/explain-breach.ts';
import { narrate, type Narration } from '../../../../labs-runtime/sim/cluster/narrate.ts';
import { PROPERTIES, type PropertyName } from '../../../../labs-runtime/sim/cluster/properties.ts';
import { ScheduleReplayer } from '../../../../labs-runtime/sim/cluster/replay-schedule.ts';
import type { MechanismName } from '../../../../labs-runtime/sim/cluster/mechanisms.ts';
import { changeScenario } from '../../../../labs-runtime/sim/cluster/scenario-changes.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import { hashState } from '../../../../labs-runtime/sim/cluster/state-hash.ts';
import { isGap } from '../../../../labs-runtime/sim/trace-event.ts';
import { createPrng } from '../../../../labs-runtime/sim/prng.ts';
import { clusterOf, counterScenario, get, options, put, storeScenario } from './small-scenarios.ts';

const events = (text: string) => text.split('; ').map((each) => parseEvent(each)!);

async function narrationOf(scenario: Scenario, text: string, isSettled = false): Promise<Narration> {
  const cluster = await clusterOf(scenario);
  return narrate(cluster, cluster.state, { events: text === '' ? [] : events(text), isSettled });
}

/** The table of a narration, without the time, which is 50 ms until ticks pass. */
async function tableOf(scenario: Scenario, text: string): Promise<string[]> {
  const { rows, lanes } = await narrationOf(scenario, text);
  return formatTraceOn(rows, { lanes }).map((line) => line.replace(/^(.{5}).{9}/, '$1'));
}

function scenarioWithout(name: string, ...without: MechanismName[]): Scenario {
  const scenario = scenarios.find((each) => each.name === name)!;
  return changeScenario(scenario, { faults: scenario.allowance.faults, without });
}

describe('the table of a run', () => {
  test('follows a request into the guest, its answer to the gate, and both entries to the backup and back', async () => {
    const table = await tableOf(
      storeScenario([[put('x', '1')]], { eager: ['run'] }),
      'ask 0; frame 0; log 0 1; log 0 1; replay 1; log 1 0; replay 1; log 1 0; frame 0',
    );
    expect(table.map((line) => line.replaceAll(/output \d+/g, 'output N'))).toEqual([
      '       client  server  server',
      'event     A       0       1',
      '    1     o--#1   |       |    asks A1: put x "1"',
      '    2     |   #1->o       |    request A1 arrives; logs entry 1 (request A1)',
      '    2     |       o--#2   |    sends entry 1',
      '    2     |       o--#3   |    logs entry 2 (output N); makes output N (answer to A1: ok), and holds it until entry 2 is acknowledged',
      '    3     |       |   #2->o    entry 1 arrives; holds entry 1',
      '    3     |       |   #4--o    acknowledges entry 1',
      '    4     |       |   #3->o    entry 2 arrives; holds entry 2',
      '    4     |       |   #5--o    acknowledges entry 2',
      '    5     |       |       o    replays entry 1 (request A1)',
      '    6     |       o<-#4   |    the acknowledgement of entry 1 arrives; takes entry 1 for acknowledged',
      '    7     |       |       o    replays entry 2 (output N); comes past output N (answer to A1: ok)',
      '    8     |       o<-#5   |    the acknowledgement of entry 2 arrives; takes entry 2 for acknowledged',
      '    8     |   #6--o       |    lets output N go (answer to A1: ok)',
      '    9     o<-#6   |       |    is told the answer to A1: ok',
    ]);
  });

  test('follows a power-off to its end, when everything is outside', async () => {
    const scenario = scenarios.find(({ name }) => name === 'power off at work')!;
    const { rows } = await narrationOf({ ...scenario, eager: ['run', 'log', 'replay'] }, 'key; disk 0; disk 0');
    expect(rows.flatMap(({ lane, what }) => (/outside|off/.test(what) ? [`${lane}: ${what}`] : []))).toEqual([
      'server 0: logs entry 5 (power-off); has its guest switched off',
      'server 1: replays entry 5 (power-off); has its guest switched off',
      'server 0: logs entry 6 (everything is outside)',
      'server 0: takes entry 6 for acknowledged; halts: the power-off is complete',
      'server 1: replays entry 6 (everything is outside); halts: the power-off is complete',
    ]);
  });

  test('says what a machine that goes live does with a guest that is off', async () => {
    const scenario = scenarios.find(({ name }) => name === 'power off by checkpoints')!;
    const { rows } = await narrationOf(scenario, 'key; tick; transfer 0 1; crash 0', true);
    const [said] = rows.map(({ what }) => what).filter((what) => what.includes('goes live'));
    expect(said).toContain('goes live: its guest is off, and it does what is left to do;');
    expect(said).toContain('makes output 2 again (console byte ".")');
  });

  test('draws what arrives at once as an arrow, without a number and without saying it twice', async () => {
    expect(await tableOf(counterScenario({ eager: ['log', 'replay'] }), 'key')).toEqual([
      '       console server  server',
      'event             0       1',
      '    1     o------>|       |    key "a"',
      '    1     |       o------>|    logs entry 1 (key "a")',
      '    1     |       |<------o    holds entry 1; acknowledges entry 1',
      '    1     |       o       |    takes entry 1 for acknowledged',
      '    1     |       |       o    replays entry 1 (key "a")',
    ]);
  });

  test('calls only what was sent before sent again: an entry that waited for company was not', async () => {
    const scenario = counterScenario({
      eager: ['heartbeat'],
      options: options({ channel: { ...options().channel, batchEntriesMax: 4 } }, { keepsLogAlive: false }),
      allowance: { faults: 0, ticks: 3, retries: 0, repairs: 0, keys: 1, leaves: 0 },
    });
    const { rows } = await narrationOf(scenario, 'key; tick; tick');
    const said = rows.map(({ event, what }) => `${event} ${what}`).filter((text) => /entry/.test(text));
    expect(said).toEqual(['1 logs entry 1', '2 sends entry 1', '3 sends entry 1 again']);
  });

  test('shows a takeover: silence, the flag, and the machine that goes live', async () => {
    const scenario = storeScenario([[get('x')]], {
      eager: ['run', 'heartbeat', 'answer', 'log', 'replay'],
      faults: ['crash'],
      allowance: { faults: 1, ticks: 2, retries: 0, repairs: 0, keys: 0, leaves: 0 },
    });
    const { rows } = await narrationOf(scenario, 'crash 0; tick; tick');
    const told = rows.filter(({ event }) => event !== 2).map(({ lane, to, what, tone }) => [lane, to, what, tone]);
    expect(told).toEqual([
      ['server 0', undefined, 'crashes', 'fault'],
      ['server 1', 'server 0', expect.stringContaining('takes server 0 for failed: accepts no more entries'), undefined],
      ['server 1', 'storage', 'takes server 0 for failed and asks the storage for the flag of pair 1', undefined],
      ['storage', 'server 1', 'gives it the flag of pair 1', undefined],
      [
        'server 1',
        undefined,
        'is told that the flag is its own; goes live: its guest serves now; tells the network that the guest is here',
        undefined,
      ],
    ]);
  });

  test.each([
    ['crash 0', 'server 0', undefined, 'crashes'],
    ['freeze 1', 'server 1', undefined, 'stands still'],
    ['cut 0 1', 'server 0', 'server 1', 'the streams to server 1 break: what is on its way in them is lost'],
    ['mute 0 1', 'server 0', 'server 1', 'heartbeats to and from server 1 are lost from here on'],
    ['part 1', 'server 1', 'storage', 'what it asks the storage is lost from here on'],
    ['ask 0; lose frame 0', 'client A', 'server 0', 'its frame is lost on its way'],
    ['ask 0; double frame 0', 'client A', 'server 0', 'its frame is doubled on its way'],
    ['tick; lose heartbeat 0', 'server 0', 'server 1', 'its heartbeat is lost on its way'],
    ['ask 0; frame 0; garble 0 1', 'server 0', 'server 1', 'a bit of what is on its way is garbled'],
  ])('marks the fault of "%s"', async (text, lane, to, what) => {
    const faults = ['crash', 'freeze', 'cut', 'mute', 'part', 'lose frame', 'double frame', 'lose heartbeat', 'garble'] as const;
    const allowance = { faults: 1, ticks: 1, retries: 0, repairs: 0, keys: 0, leaves: 0 };
    const { rows } = await narrationOf(storeScenario([[get('x')]], { faults, allowance }), text);
    expect(rows.filter(({ tone }) => tone === 'fault')).toEqual([expect.objectContaining({ lane, what, tone: 'fault' })]);
    expect(rows.find(({ tone }) => tone === 'fault')!.to).toBe(to);
  });

  test('shows a doubled frame twice where it arrives, by one number, and a damaged frame as none', async () => {
    const allowance = { faults: 1, ticks: 0, retries: 0, repairs: 0, keys: 0, leaves: 0 };
    const doubled = await tableOf(
      storeScenario([[get('x')]], { faults: ['double frame'], allowance }),
      'ask 0; double frame 0; frame 0; frame 0',
    );
    expect(doubled.filter((line) => line.includes('#1->o')).length).toBe(2);
    const garbled = await tableOf(storeScenario([[get('x')]], { faults: ['garble'], allowance }), 'ask 0; frame 0; garble 0 1; log 0 1');
    expect(garbled.at(-1)).toMatch(/#2->o {4}\d+ bytes arrive that are no frame$/);
  });

  test('has a row for time that passes while nothing comes of it', async () => {
    const allowance = { faults: 2, ticks: 1, retries: 0, repairs: 0, keys: 0, leaves: 0 };
    const { rows } = await narrationOf(counterScenario({ faults: ['crash'], allowance }), 'crash 0; crash 1; tick');
    expect(rows.at(-1)).toMatchObject({ event: 3, what: '50 ms pass' });
  });
});

describe('the explanation', () => {
  test('says what should hold, what was seen, and what comes of it', async () => {
    const { explanation, rows } = await narrationOf(scenarioWithout('partition', 'flag'), 'tick; tick; answer 0; answer 0');
    expect(explanation).toEqual({
      property: 'one machine is live',
      section: '2.3',
      says: PROPERTIES['one machine is live'].says,
      expected: 'server 1 not live: server 0 serves alone',
      observed: 'server 1 goes live too',
      consequence: expect.stringMatching(/^Two machines answer under one address/),
    });
    expect(rows.filter(({ tone }) => tone === 'broken')).toEqual([rows.at(-1)]);
    expect(rows.at(-1)).toMatchObject({ event: 4, lane: 'server 1' });
  });

  test('has a consequence for every property', () => {
    for (const property of Object.keys(PROPERTIES) as PropertyName[]) {
      const { consequence, section, says } = explainBreach({ property, expected: 'a', observed: 'b', server: 0 });
      expect(consequence).toMatch(/^[A-Z].{40,}\.$/);
      expect({ section, says }).toEqual(PROPERTIES[property]);
    }
  });

  test('of what is owed at the end of a run stands on the lane of who waits, and the middle of a long end is left out', async () => {
    const { rows, explanation } = await narrationOf(scenarioWithout('crash', 'announces'), 'crash 0', true);
    expect(explanation!.property).toBe('service goes on');
    expect(rows.at(-1)).toMatchObject({ lane: 'client A', tone: 'broken', what: explanation!.observed });
    expect(rows[1]!.what).toMatch(/^… from here on nothing fails/);
    expect(rows.filter(isGap).map(({ what }) => what)).toEqual([
      expect.any(String),
      expect.stringMatching(/^… \d+ more rows until t=\d+ ms …$/),
    ]);
    expect(rows.length).toBeLessThan(22);
  });

  test('is none where nothing is broken', async () => {
    const { rows, explanation } = await narrationOf(storeScenario([[get('x')]]), 'ask 0', true);
    expect(explanation).toBeUndefined();
    expect(rows.some(({ tone }) => tone === 'broken')).toBe(false);
    expect((await narrationOf(storeScenario([[get('x')]]), '')).rows).toEqual([]);
  });
});

/** A walk in which everything that can happen is as likely. */
function walk(cluster: Cluster, start: Cluster['state'], seed: number): ClusterEvent[] {
  const random = createPrng(seed);
  const walked: ClusterEvent[] = [];
  cluster.state = start;
  while (walked.length < 40) {
    const possible = enabledEvents(cluster.scenario, cluster.state);
    if (possible.length === 0) break;
    const event = possible[random.int(possible.length)]!;
    cluster.apply(event);
    walked.push(event);
  }
  return walked;
}

describe('every narration', () => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('of walks in "%s"', async (_, scenario) => {
    const cluster = await clusterOf(scenario);
    const start = cluster.state;
    const { observe, observeEvent } = cluster;
    let arrivals = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const schedule = { events: walk(cluster, start, seed), isSettled: seed % 2 === 0 };
      const { rows, lanes, end } = narrate(cluster, start, schedule);
      const said = schedule.events.map(formatEvent).join('; ');
      expect(
        rows.map(({ event }) => event),
        said,
      ).toEqual(rows.map(({ event }) => event).toSorted((a, b) => a - b));
      expect(new Set(rows.map(({ event }) => event)), `each event has a row: ${said}`).toEqual(
        new Set(Array.from({ length: schedule.events.length + (schedule.isSettled ? 1 : 0) }, (_, index) => index + 1)),
      );
      for (const [index, row] of rows.entries()) {
        expect(row.what.length, said).toBeGreaterThan(0);
        expect(lanes, said).toContain(row.lane);
        if (row.to !== undefined) expect(lanes, said).toContain(row.to);
        if (row.message !== undefined && sendingRow(rows, index) !== undefined) arrivals += 1;
      }
      // Watching changes nothing.
      const hash = hashState(end);
      new ScheduleReplayer(cluster, start).replay(schedule);
      expect(hashState(cluster.state), said).toBe(hash);
    }
    expect([cluster.observe, cluster.observeEvent]).toEqual([observe, observeEvent]);
    if (!scenario.eager.includes('log') && scenario.options.follows === 'log') expect(arrivals).toBeGreaterThan(0);
  });
});

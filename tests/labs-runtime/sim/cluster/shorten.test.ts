/** What a search found is made minimal: held against leaving out each event, one by one, on a cluster of its own. */
import { describe, expect, test } from 'vitest';
import { formatEvent, parseEvent, type ClusterEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import type { Breach } from '../../../../labs-runtime/sim/cluster/cluster-state.ts';
import type { Cluster } from '../../../../labs-runtime/sim/cluster/cluster.ts';
import { RandomWalks, type Finding } from '../../../../labs-runtime/sim/cluster/explore.ts';
import { ScheduleReplayer } from '../../../../labs-runtime/sim/cluster/replay-schedule.ts';
import type { MechanismName } from '../../../../labs-runtime/sim/cluster/mechanisms.ts';
import { changeScenario } from '../../../../labs-runtime/sim/cluster/scenario-changes.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import { settle } from '../../../../labs-runtime/sim/cluster/settle.ts';
import { FindingShortening, shorten } from '../../../../labs-runtime/sim/cluster/shorten.ts';
import { createPrng } from '../../../../labs-runtime/sim/prng.ts';
import { clusterOf } from './small-scenarios.ts';

async function clusterWithout(name: string, ...without: MechanismName[]): Promise<Cluster> {
  const scenario = scenarios.find((each) => each.name === name)!;
  return clusterOf(changeScenario(scenario, { faults: scenario.allowance.faults, without }));
}

/** The first finding of walks from seed 1 on. */
function find(cluster: Cluster): Finding {
  const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 2000 });
  while (walks.goOn(1000));
  if (walks.finding === undefined) throw new Error(`no walk in ${cluster.scenario.name} breaks anything`);
  return walks.finding;
}

/** Replays plainly: from the beginning, event by event, and to its fair end where that is asked for. */
function replay(cluster: Cluster, start: Cluster['state'], events: readonly ClusterEvent[], isSettled: boolean): Breach | null {
  cluster.state = start;
  for (const event of events) if (cluster.state.breach === null) cluster.apply(event);
  return cluster.state.breach ?? (isSettled ? settle(cluster) : null);
}

const events = (text: string) => text.split('; ').map((each) => parseEvent(each)!);
const without = (all: readonly ClusterEvent[], index: number) => all.filter((_, each) => each !== index);

describe('a finding made short', () => {
  test.each([
    ['crash', 'remakesOutputs'],
    ['crash', 'replaysToEnd'],
    ['partition', 'flag'],
    ['reads', 'bouncesDisk'],
    ['disk', 'reissuesDisk'],
    ['one failure after another', 'restoresRedundancy'],
  ] as const)('in %s without %s breaks the same property, and does not without any one of its events', async (name, mechanism) => {
    const cluster = await clusterWithout(name, mechanism);
    const start = cluster.state;
    const found = find(cluster);
    const { finding, isMinimal } = shorten(cluster, found, { start });
    expect(isMinimal).toBe(true);
    expect(finding.events.length).toBeGreaterThan(0);
    expect(finding.events.length).toBeLessThan(found.events.length);

    const other = await clusterWithout(name, mechanism);
    const beginning = other.state;
    expect(replay(other, beginning, finding.events, finding.isSettled)).toEqual(finding.breach);
    expect(finding.breach.property).toBe(found.breach.property);
    const breaksByItself = replay(other, beginning, finding.events, false) !== null;
    expect(finding.isSettled, 'is brought to its end only where it breaks nothing before').toBe(!breaksByItself);
    for (const index of finding.events.keys()) {
      const rest = without(finding.events, index);
      const what = `without event ${index + 1}, ${formatEvent(finding.events[index]!)}`;
      expect(replay(other, beginning, rest, finding.isSettled)?.property, what).not.toBe(found.breach.property);
    }
    other.state = beginning;
    for (const event of finding.events) expect(other.apply(event), formatEvent(event)).toBe(true);
  });

  test('has no event that did nothing where it came', async () => {
    const cluster = await clusterWithout('crash', 'announces');
    const start = cluster.state;
    const list = events('log 0 1; crash 0; thaw 0; crash 0; replay 1');
    cluster.state = start;
    const breach = replay(cluster, start, list, true)!;
    expect(breach.property).toBe('service goes on');
    const { finding } = shorten(cluster, { breach, events: list, isSettled: true, seed: 9 }, { start });
    expect(finding).toMatchObject({ events: events('crash 0'), isSettled: true, seed: 9 });
  });

  test('waits behind as little as can be: places among what is on its way are the lowest', async () => {
    const cluster = await clusterWithout('partition', 'flag');
    const start = cluster.state;
    const list = events('tick; tick; answer 1; answer 0');
    const breach = replay(cluster, start, list, false)!;
    const { finding } = shorten(cluster, { breach, events: list, isSettled: false, seed: undefined }, { start });
    expect(finding.events.map(formatEvent)).toEqual(['tick', 'tick', 'answer 0', 'answer 0']);
  });

  test('keeps to its allowance, and says that it may not be minimal', async () => {
    const cluster = await clusterWithout('crash', 'remakesOutputs');
    const start = cluster.state;
    const found = find(cluster);
    const shortening = shorten(cluster, found, { start, runsMax: 3 });
    expect(shortening).toMatchObject({ runs: 3, isMinimal: false });
    const { finding } = shortening;
    expect(replay(cluster, start, finding.events, finding.isSettled)?.property).toBe(found.breach.property);
  });

  test('is the same in slices of one schedule, each of them as short as those before or shorter', async () => {
    const cluster = await clusterWithout('crash', 'remakesOutputs');
    const start = cluster.state;
    const found = find(cluster);
    const inSlices = new FindingShortening(cluster, found, { start });
    let shortest = found.events.length;
    while (inSlices.goOn(1)) {
      expect(inSlices.finding.events.length).toBeLessThanOrEqual(shortest);
      shortest = inSlices.finding.events.length;
    }
    const atOnce = shorten(cluster, found, { start });
    expect(inSlices.finding).toEqual(atOnce.finding);
    expect(inSlices.runs).toBe(atOnce.runs);
  });
});

test('a replayer that shares beginnings comes to what a replay from the beginning comes to', async () => {
  const cluster = await clusterWithout('partition');
  const start = cluster.state;
  const replayer = new ScheduleReplayer(cluster, start);
  const random = createPrng(7);
  const all = events('tick; ask 0; cut 0 1; frame 0; log 0 1; tick; mend 0 1; log 0 1; log 1 0; answer 0; frame 0; frame 0; tick; retry 0');
  let happened = 0;
  for (let round = 0; round < 40; round++) {
    const some = all.filter(() => random.int(4) > 0);
    const isSettled = random.int(2) === 0;
    const breach = replayer.replay({ events: some, isSettled });
    const { servers, witness, left } = cluster.state;
    expect(replay(cluster, start, some, isSettled)).toEqual(breach);
    expect([cluster.state.witness, cluster.state.left]).toEqual([witness, left]);
    expect(cluster.state.servers.map(({ replica }) => replica?.guest.hash)).toEqual(servers.map(({ replica }) => replica?.guest.hash));
    happened += witness.history.length;
  }
  expect(happened).toBeGreaterThan(10);
});

/**
 * The reference protocol in the simulated world: whole schedules, by seed and as scripts. Sections are those of the VMware FT paper.
 */
import { describe, expect, test } from 'vitest';
import * as channelPart from '../../../labs-runtime/ft/channel.ts';
import * as failoverPart from '../../../labs-runtime/ft/failover.ts';
import type { FailoverEffect } from '../../../labs-runtime/ft/failover-api.ts';
import * as outputGatePart from '../../../labs-runtime/ft/output-gate.ts';
import type { OutputGateEffect, OutputGateInput } from '../../../labs-runtime/ft/output-gate-api.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { Machines } from '../../../labs-runtime/sim/machines.ts';
import type { ChannelPart, FailoverPart, OutputGatePart } from '../../../labs-runtime/sim/part-end.ts';
import type { Rule } from '../../../labs-runtime/sim/rules.ts';
import { runSchedule, search } from '../../../labs-runtime/sim/search.ts';
import type { Search } from '../../../labs-runtime/sim/search.ts';
import type { World } from '../../../labs-runtime/sim/world.ts';
import type { WorldEvent } from '../../../labs-runtime/sim/world-event.ts';
import { worldDefaults } from '../../../labs-runtime/sim/world-options.ts';
import type { WorldOptions } from '../../../labs-runtime/sim/world-options.ts';

const reference = {
  channelPart: channelPart as ChannelPart,
  outputGatePart: outputGatePart as OutputGatePart,
  failoverPart: failoverPart as FailoverPart,
};

const gateRules: Rule[] = [
  'network held',
  'console held',
  'own entry',
  'prompt',
  'guest runs',
  'inside passes',
  'output order',
  'output once',
  'alone',
  'remembered',
  'client',
];
const failoverRules: Rule[] = [
  'heartbeats',
  'notices',
  'false alarm',
  'log end',
  'flag',
  'goes on',
  'loser halts',
  'asks again',
  'power-off',
  'one live',
];
const everyRule = [...gateRules, ...failoverRules];

const boot: WorldEvent = { kind: 'run', attempts: 6000 };
const request: WorldEvent = { kind: 'request', client: 0 };
const pass = (forMs: number): WorldEvent => ({ kind: 'pass', forMs });

/** The search's result with every rule asked about, over many seeds. */
function searchAll(wanted: Partial<Search>) {
  return search({ parts: reference, rules: everyRule, firstSeed: 1, seeds: 400, guest: 'tickets', clients: 2, ...wanted });
}

/** A script, run to its fair end in a world of the reference's parts, of which some are replaced. */
async function runScript(events: WorldEvent[], changed: Partial<WorldOptions> = {}): Promise<World> {
  const { ramBytes } = guests.tickets;
  const image = await guests.tickets.load();
  return runSchedule({ ...worldDefaults, ...reference, seed: 1, machines: new Machines(image, ramBytes), ...changed }, events);
}

function rulesBroken(world: World): Rule[] {
  return [...new Set(world.run.violations.map(({ rule }) => rule))];
}

/** A gate that does with each input something else than the reference. */
function gateThat(change: (effects: OutputGateEffect[], input: OutputGateInput) => OutputGateEffect[]): OutputGatePart {
  const step = (state: outputGatePart.OutputGateState, input: OutputGateInput) => change(outputGatePart.step(state, input), input);
  return { ...outputGatePart, step } as OutputGatePart;
}

/** Failover that lacks one of its effects, or has another in its place. */
function failoverThat(change: (effect: FailoverEffect) => FailoverEffect[]): FailoverPart {
  const step = (state: failoverPart.FailoverState, input: Parameters<typeof failoverPart.step>[1]) =>
    failoverPart.step(state, input).flatMap(change);
  return { ...failoverPart, step } as FailoverPart;
}

describe('the reference keeps every rule, clients see one history, and service goes on (sections 2.2 and 2.3)', () => {
  test.each<[string, Partial<Search>, number]>([
    ['a link that breaks', { schedule: { traffic: 'service', breaks: true, datagramFaults: true } }, 0],
    ['a primary that crashes anywhere', { schedule: { traffic: 'service', breaks: true, crash: 'primary' } }, 400],
    ['a backup that crashes anywhere', { schedule: { traffic: 'service', crash: 'backup' } }, 400],
    ['nothing that fails', { schedule: { traffic: 'failover', length: 30, datagramFaults: true } }, 0],
    ['either machine crashing', { schedule: { traffic: 'failover', length: 30, crash: 'either' } }, 400],
    [
      'everything failing at once',
      {
        schedule: {
          traffic: 'failover',
          length: 30,
          crash: 'either',
          breaks: true,
          lateBytes: true,
          datagramFaults: true,
          heartbeatFaults: true,
          storageFaults: true,
        },
      },
      200,
    ],
    ['a backup that lags', { replayEntriesPerRound: 3, schedule: { traffic: 'failover', length: 30, crash: 'primary' } }, 400],
  ])('with %s', async (_, wanted, takeoversMin) => {
    const result = await searchAll(wanted);
    expect(result.counterexample, `seed ${result.counterexample?.seed}`).toBeUndefined();
    expect(result.answers).toBeGreaterThan(400);
    expect(result.takeovers).toBeGreaterThanOrEqual(takeoversMin);
  });
});

describe('a script', () => {
  test('primary dies: the backup answers, with the tickets that were given out before', async () => {
    const world = await runScript([boot, request, pass(100), request, { kind: 'crash', machine: 'primary' }]);
    expect(rulesBroken(world)).toEqual([]);
    expect(world.hosts.backup.isAlone).toBe(true);
    expect([...world.clients[0]!.tickets.values()].map(({ ticket }) => ticket)).toEqual([1, 2]);
  });

  test('backup dies: the primary wins the flag and lets out what it held', async () => {
    const world = await runScript([boot, { kind: 'crash', machine: 'backup' }, request]);
    expect(rulesBroken(world)).toEqual([]);
    expect(world.hosts.primary.isAlone).toBe(true);
    expect(world.clients[0]!.tickets.size).toBe(1);
    expect(world.consoles.primary).toBe('1\n');
  });

  test('each thinks the other dead: one goes on, the other halts, whoever asks first', async () => {
    const cut: WorldEvent[] = [
      { kind: 'break', lateToBackup: 0, lateToPrimary: 0 },
      { kind: 'heartbeats', pass: false },
    ];
    for (const unreachable of ['primary', 'backup'] as const) {
      const world = await runScript([
        boot,
        request,
        ...cut,
        { kind: 'storage', machine: unreachable, reachable: false },
        pass(500),
        request,
      ]);
      expect(rulesBroken(world)).toEqual([]);
      expect(world.hosts[unreachable].condition).toBe('halted');
      expect(Object.values(world.hosts).filter((host) => host.isRunning && host.isAlone)).toHaveLength(1);
      expect(world.clients[0]!.tickets.size).toBe(2);
    }
  });

  test('without the flag both go on, and a client sees it', async () => {
    const world = await runScript(
      [
        boot,
        pass(100),
        { kind: 'break', lateToBackup: 0, lateToPrimary: 0 },
        { kind: 'heartbeats', pass: false },
        { kind: 'clients split', on: true },
        pass(400),
        request,
        { kind: 'request', client: 1 },
        pass(100),
      ],
      { flag: false },
    );
    expect(rulesBroken(world)).toEqual(['one live', 'client']);
  });

  test('an answer of the storage that is lost: the same machine asks again and wins', async () => {
    const world = await runScript([boot, request, { kind: 'lose answer', machine: 'backup' }, { kind: 'crash', machine: 'primary' }]);
    expect(rulesBroken(world)).toEqual([]);
    expect(world.hosts.backup.isAlone).toBe(true);
  });

  test('a power-off is no failure: nobody goes live', async () => {
    const world = await runScript([boot, request, pass(100), { kind: 'power off', client: 0 }, pass(1000)]);
    expect(rulesBroken(world)).toEqual([]);
    expect(world.storage.flag).toBeUndefined();
    expect(Object.values(world.hosts).map(({ isOff }) => isOff)).toEqual([true, true]);
  });

  test('a power-off that the backup has not heard of when the primary dies: the backup goes live, and may', async () => {
    const events: WorldEvent[] = [boot, pass(50), { kind: 'break', lateToBackup: 0, lateToPrimary: 0 }, { kind: 'power off', client: 0 }];
    const world = await runScript([...events, pass(50), { kind: 'crash', machine: 'primary' }, pass(600)]);
    expect(rulesBroken(world)).toEqual([]);
    expect(world.hosts.backup.isAlone).toBe(true);
  });

  test('without the output rule, a client holds a ticket that no machine remembers', async () => {
    const events: WorldEvent[] = [
      boot,
      request,
      { kind: 'run', attempts: 3000 },
      { kind: 'wait', forMs: 1 },
      { kind: 'crash', machine: 'primary', lateBytes: 0 },
    ];
    const world = await runScript([...events, { kind: 'request', client: 1 }], { outputGatePart: undefined });
    expect(rulesBroken(world)).toEqual(['remembered', 'client']);
  });
});

describe('a gate hears what its interface says it may hear', () => {
  const deliverAndAnswer: WorldEvent[] = [
    { kind: 'carry', to: 'backup', bytesMax: 4000 },
    { kind: 'carry', to: 'primary', bytesMax: 4000 },
  ];
  const hears = async (events: WorldEvent[]): Promise<OutputGateInput[]> => {
    const heard: OutputGateInput[] = [];
    const outputGate = gateThat((effects, input) => (heard.push(input), effects));
    expect(rulesBroken(await runScript([boot, request, ...events], { outputGatePart: outputGate }))).toEqual([]);
    return heard;
  };

  test('of an acknowledgement again, and of a lower one after a higher', async () => {
    const events: WorldEvent[] = [
      { kind: 'run', attempts: 4000 },
      ...deliverAndAnswer,
      { kind: 'old acknowledgement', behind: 0 },
      { kind: 'old acknowledgement', behind: 2 },
    ];
    const numbers = (await hears(events)).flatMap((input) => (input.kind === 'acknowledged' ? [input.seq] : []));
    expect(numbers.some((seq, index) => index > 0 && seq === numbers[index - 1])).toBe(true);
    expect(numbers.some((seq, index) => index > 0 && seq < numbers[index - 1]!)).toBe(true);
  });

  test('of an output after the acknowledgement of its entry', async () => {
    const heard = await hears([{ kind: 'late output', acknowledgements: 1 }, { kind: 'run', attempts: 4000 }, ...deliverAndAnswer]);
    const acknowledgedFirst = heard.findIndex((input) => input.kind === 'acknowledged' && input.seq >= 6);
    const output = heard.findIndex((input) => input.kind === 'operation' && input.device === 'network' && input.action === 'transmit');
    expect(acknowledgedFirst).toBeGreaterThanOrEqual(0);
    expect(output).toBeGreaterThan(acknowledgedFirst);
  });
});

describe('what breaks a rule is told', () => {
  const service = { schedule: { traffic: 'service', breaks: true } } as const;

  test.each<[Rule, OutputGatePart, Partial<Search>]>([
    [
      'network held',
      gateThat((effects, input) => (input.kind === 'operation' ? [{ kind: 'release', operation: input.operation }] : effects)),
      service,
    ],
    ['prompt', gateThat((effects, input) => (input.kind === 'acknowledged' ? effects.slice(1) : effects)), service],
    [
      'guest runs',
      gateThat((effects, input) => (input.kind === 'operation' && effects.length === 0 ? [{ kind: 'stall' }] : effects)),
      service,
    ],
    ['output order', gateThat((effects) => effects.toReversed()), service],
    ['output once', gateThat((effects) => [...effects, ...effects]), service],
    [
      'alone',
      gateThat((effects, input) => (input.kind === 'peer lost' ? [] : effects)),
      { schedule: { traffic: 'service', crash: 'backup' } },
    ],
  ])('of the output gate: %s', async (rule, part, wanted) => {
    const { counterexample } = await searchAll({ parts: { ...reference, outputGatePart: part }, rules: [rule], ...wanted });
    expect(counterexample?.rule).toBe(rule);
    expect(counterexample!.trace.length).toBeLessThanOrEqual(12);
  });

  test('a gate that lets the guest resume does not undo the stall of a full channel', async () => {
    const outputGate = gateThat((effects) => [...effects, { kind: 'resume' }]);
    const channel = { bufferEntriesMax: 4, entryBytesMax: 256, resendAfterMs: 50 };
    const { counterexample } = await searchAll({
      parts: { ...reference, outputGatePart: outputGate },
      rules: ['primary bound'],
      channel,
      ...service,
    });
    expect(counterexample).toBeUndefined();
  });

  const without = (kind: FailoverEffect['kind']) => failoverThat((effect) => (effect.kind === kind ? [] : [effect]));
  const instead = (kind: FailoverEffect['kind'], other: FailoverEffect['kind']) =>
    failoverThat((effect) => (effect.kind === kind ? [{ kind: other }] : [effect]));

  test.each<[Rule, FailoverPart, WorldEvent[]]>([
    ['heartbeats', without('heartbeat'), [boot, pass(200)]],
    ['notices', without('replay to end'), [boot, { kind: 'crash', machine: 'primary' }]],
    ['false alarm', instead('heartbeat', 'test-and-set'), [boot, pass(100)]],
    [
      'log end',
      failoverThat((effect) => (effect.kind === 'replay to end' ? [effect, { kind: 'go live' }] : [effect])),
      [boot, { kind: 'crash', machine: 'primary' }],
    ],
    ['flag', instead('test-and-set', 'go live'), [boot, { kind: 'crash', machine: 'primary' }]],
    ['goes on', without('go live'), [boot, { kind: 'crash', machine: 'backup' }]],
    ['loser halts', without('halt'), [boot, { kind: 'break', lateToBackup: 0, lateToPrimary: 0 }, pass(600)]],
    ['asks again', instead('test-and-set', 'halt'), [boot, { kind: 'crash', machine: 'backup' }]],
  ])('of failover: %s', async (rule, part, events) => {
    expect(rulesBroken(await runScript(events, { failoverPart: part }))).toContain(rule);
  });
});

/** Which events can happen where: the list for a search, the judgement of a single event, and what a scenario leaves out or lets happen by itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DiskRequest } from '../../../../labs-runtime/emulator/machine.ts';
import { encodeRecorded } from '../../../../labs-runtime/ft/log-codec.ts';
import type { ClusterEvent, EventKind } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import { EVENT_KINDS, FAULTS, formatEvent, parseEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import type { ClusterState } from '../../../../labs-runtime/sim/cluster/cluster-state.ts';
import { addEvents, canHappen, enabledEvents, firstOf } from '../../../../labs-runtime/sim/cluster/enabled.ts';
import { copyPlain } from '../../../../labs-runtime/sim/cluster/plain-data.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import { createPrng } from '../../../../labs-runtime/sim/prng.ts';
import { clusterOf, get, options, put, storeScenario, textOf } from './small-scenarios.ts';

const PLENTY = { faults: 9, ticks: 9, retries: 9, repairs: 9, leaves: 9, keys: 9 };
/** Everything may fail, and nothing happens by itself. */
const scenario: Scenario = storeScenario([[put('x', '1'), get('x')], []], { servers: 3, faults: [...FAULTS], allowance: PLENTY });
let start: ClusterState;
beforeAll(async () => {
  const cluster = await clusterOf(scenario);
  start = { ...cluster.state, left: PLENTY };
});

/** The state after a test has changed it. */
function changed(change: (state: ClusterState) => void): ClusterState {
  const state = copyPlain(start);
  change(state);
  return state;
}

function can(text: string, state: ClusterState, changes: Partial<Scenario> = {}): boolean {
  return canHappen({ ...scenario, ...changes }, state, parseEvent(text)!);
}

const beat = (to: number) => ({ from: 0, to, heartbeat: { generation: 1, released: 0, consumedSeq: 0 } });
const read: DiskRequest = { id: 0, kind: 'read', sector: 0, byteCount: 512 };
const work = { server: 0, incarnation: 0, generation: 1, request: read, isDone: false, isHalf: false };
const entry = encodeRecorded({ at: 1e6, event: { kind: 'control', operation: 'alive' } });
const bytes = { generation: 1, bytes: Uint8Array.of(1) };

/** For an event, a change after which it can happen, and further ones with which it cannot. */
const cases: [text: string, makes: (state: ClusterState) => void, spoils: [string, (state: ClusterState) => void][]][] = [
  [
    'run 0',
    ({ servers }) => (servers[0]!.replica!.isIdle = false),
    [
      ['the guest waits', ({ servers }) => (servers[0]!.replica!.isIdle = true)],
      ['it is off', ({ servers }) => (servers[0]!.replica!.isOff = true)],
      ['the log is full', ({ servers }) => (servers[0]!.replica!.isStalledByChannel = true)],
      ['the gate wants it to stop', ({ servers }) => (servers[0]!.replica!.isStalledByGate = true)],
      ['it is switched to another server', ({ servers }) => (servers[0]!.replica!.isSwitching = true)],
      ['the server stands still', ({ servers }) => (servers[0]!.condition = 'frozen')],
      ['it is no primary', ({ servers }) => (servers[0]!.replica!.role = 'halted')],
      ['there is no machine', ({ servers }) => (servers[0]!.replica = null)],
    ],
  ],
  [
    'replay 1',
    ({ servers }) => servers[1]!.replica!.entries.push(entry),
    [
      ['there is no entry', ({ servers }) => (servers[1]!.replica!.entries = [])],
      ['it is no backup', ({ servers }) => (servers[1]!.replica!.role = 'primary')],
      ['the server is gone', ({ servers }) => (servers[1]!.condition = 'crashed')],
    ],
  ],
  [
    'log 0 1',
    ({ wires }) => wires[1]!.log.push(bytes),
    [['the receiver stands still', ({ servers }) => (servers[1]!.condition = 'frozen')]],
  ],
  [
    'transfer 1 0',
    ({ wires }) => wires[3]!.transfer.push({ kind: 'ready', generation: 1 }),
    [['the receiver is gone', ({ servers }) => (servers[0]!.condition = 'crashed')]],
  ],
  [
    'heartbeat 0',
    ({ network }) => network.heartbeats.push(beat(1)),
    [['the receiver stands still', ({ servers }) => (servers[1]!.condition = 'frozen')]],
  ],
  ['frame 0', ({ network }) => network.frames.push({ to: 'guest', frame: Uint8Array.of() }), []],
  [
    'answer 0',
    ({ storage }) => storage.answers.push({ to: 1, generation: 1, owner: 1 }),
    [['the receiver stands still', ({ servers }) => (servers[1]!.condition = 'frozen')]],
  ],
  [
    'disk 0',
    ({ disk }) => disk.work.push({ ...work }),
    [
      [
        'it is done, and nobody can hear so',
        ({ disk, servers }) => {
          disk.work[0]!.isDone = true;
          servers[0]!.condition = 'frozen';
        },
      ],
    ],
  ],
  [
    'ask 0',
    () => {},
    [
      ['it waits for an answer', ({ clients }) => (clients[0]!.waits = true)],
      ['it has asked everything', ({ clients }) => (clients[0]!.asked = 2)],
    ],
  ],
  [
    'retry 0',
    ({ clients }) => (clients[0]!.waits = true),
    [
      ['it has its answer', ({ clients }) => (clients[0]!.waits = false)],
      ['patience has ended', ({ left }) => (left.retries = 0)],
    ],
  ],
  ['key', () => {}, [['there is none left', ({ left }) => (left.keys = 0)]]],
  ['tick', () => {}, [['time has ended', ({ left }) => (left.ticks = 0)]]],
  [
    'leave 0',
    () => {},
    [
      ['none is allowed', ({ left }) => (left.leaves = 0)],
      ['the server stands still', ({ servers }) => (servers[0]!.condition = 'frozen')],
      ['there is no machine', ({ servers }) => (servers[0]!.replica = null)],
    ],
  ],
  [
    'repair 1',
    ({ servers }) => (servers[1]!.condition = 'crashed'),
    [
      ['it is well', ({ servers }) => (servers[1]!.condition = 'up')],
      ['none is allowed', ({ left }) => (left.repairs = 0)],
    ],
  ],
  [
    'crash 1',
    () => {},
    [
      ['it is gone already', ({ servers }) => (servers[1]!.condition = 'crashed')],
      ['there is no machine', ({ servers }) => (servers[1]!.replica = null)],
    ],
  ],
  [
    'freeze 1',
    () => {},
    [
      ['it stands still already', ({ servers }) => (servers[1]!.condition = 'frozen')],
      ['there is no machine', ({ servers }) => (servers[1]!.replica = null)],
    ],
  ],
  ['thaw 1', ({ servers }) => (servers[1]!.condition = 'frozen'), [['it goes', ({ servers }) => (servers[1]!.condition = 'up')]]],
  ['cut 0 1', () => {}, [['it is cut', ({ wires }) => (wires[1]!.isUp = false)]]],
  ['mend 0 1', ({ wires }) => (wires[1]!.isUp = false), [['it is whole', ({ wires }) => (wires[1]!.isUp = true)]]],
  ['mute 1 2', () => {}, [['it is mute', ({ wires }) => (wires[5]!.isMuted = true)]]],
  ['unmute 1 2', ({ wires }) => (wires[5]!.isMuted = true), [['it is not', ({ wires }) => (wires[5]!.isMuted = false)]]],
  ['garble 0 1', ({ wires }) => wires[1]!.log.push(bytes), [['nothing is on its way', ({ wires }) => (wires[1]!.log = [])]]],
  ['part 2', () => {}, [['it is parted', ({ storage }) => (storage.isReachable[2] = false)]]],
  ['rejoin 2', ({ storage }) => (storage.isReachable[2] = false), [['it is not', ({ storage }) => (storage.isReachable[2] = true)]]],
  [
    'lose answer 0',
    ({ storage }) => storage.answers.push({ to: 1, generation: 1, owner: 1 }),
    [['it is lost already', ({ storage }) => (storage.answers[0]!.owner = -1)]],
  ],
  ['lose heartbeat 0', ({ network }) => network.heartbeats.push(beat(1)), []],
  ['lose frame 0', ({ network }) => network.frames.push({ to: 'guest', frame: Uint8Array.of() }), []],
  ['double frame 0', ({ network }) => network.frames.push({ to: 'clients', frame: Uint8Array.of() }), []],
  [
    'fail disk 0',
    ({ disk }) => disk.work.push({ ...work }),
    [
      ['it is done', ({ disk }) => (disk.work[0]!.isDone = true)],
      ['who asked stands still', ({ servers }) => (servers[0]!.condition = 'frozen')],
      ['who asked was repaired since', ({ servers }) => (servers[0]!.incarnation = 1)],
    ],
  ],
];

describe('an event can happen', () => {
  it.each(cases)('"%s", where it can, and is in the list then', (text, makes) => {
    const state = changed(makes);
    expect(can(text, state)).toBe(true);
    expect(textOf(enabledEvents(scenario, state))).toContain(text);
  });

  const spoiled = cases.flatMap(([text, makes, spoils]) => spoils.map(([why, spoil]) => ({ text, why, makes, spoil })));
  it.each(spoiled)('"$text" not where $why', ({ text, makes, spoil }) => {
    const state = changed((each) => {
      makes(each);
      spoil(each);
    });
    expect(can(text, state)).toBe(false);
    expect(textOf(enabledEvents(scenario, state))).not.toContain(text);
  });

  it('is looked at here for every kind but the one that needs a broken mechanism', () => {
    const seen = new Set(cases.map(([text]) => parseEvent(text)!.kind));
    expect(EVENT_KINDS.filter((kind) => !seen.has(kind))).toEqual(['disk data']);
  });

  it('"disk data" only where no bounce buffer is in its way, once, for a read whose asker hears it', () => {
    const unbounced = { options: options({}, { bouncesDisk: false }) };
    const state = changed(({ disk }) => disk.work.push({ ...work }));
    expect(can('disk data 0', state)).toBe(false);
    expect(can('disk data 0', state, unbounced)).toBe(true);
    for (const other of [{ isHalf: true }, { isDone: true }, { incarnation: 7 }, { request: { ...read, kind: 'write' as const } }])
      expect(
        can(
          'disk data 0',
          changed(({ disk }) => disk.work.push({ ...work, ...other })),
          unbounced,
        ),
      ).toBe(false);
  });
});

describe('what a scenario allows', () => {
  it.each([...FAULTS])('"%s" only if it names it, and while it has faults left', (fault) => {
    const [text, makes] = cases.find(([each]) => parseEvent(each)!.kind === fault)!;
    const state = changed(makes);
    expect(can(text, state, { faults: [...FAULTS].filter((other) => other !== fault) })).toBe(false);
    expect(can(text, { ...state, left: { ...PLENTY, faults: 0 } })).toBe(false);
    expect(can(text, { ...state, left: { ...PLENTY, faults: 1 } })).toBe(true);
  });

  it.each([
    ['thaw', 'freeze'],
    ['mend', 'cut'],
    ['unmute', 'mute'],
    ['rejoin', 'part'],
  ] as const)('"%s" with the fault that it undoes, "%s", and free of charge', (mends, fault) => {
    const [text, makes] = cases.find(([each]) => parseEvent(each)!.kind === mends)!;
    const state = { ...changed(makes), left: { ...PLENTY, faults: 0 } };
    expect(can(text, state)).toBe(true);
    expect(can(text, state, { faults: [...FAULTS].filter((other) => other !== fault) })).toBe(false);
  });

  it('leaves to the search what does not happen by itself, in the order of the kinds', () => {
    const state = changed(({ network, clients }) => {
      network.heartbeats.push(beat(0), beat(1));
      clients[0]!.waits = true;
    });
    const eager: EventKind[] = ['retry', 'heartbeat'];
    const kinds = enabledEvents({ ...scenario, eager }, state).map(({ kind }) => kind);
    expect(kinds).not.toContain('heartbeat');
    expect(kinds).not.toContain('retry');
    expect(kinds).toContain('tick');
    expect(kinds.map((kind) => EVENT_KINDS.indexOf(kind))).toEqual(kinds.map((kind) => EVENT_KINDS.indexOf(kind)).sort((a, b) => a - b));
    expect(firstOf(eager, scenario, state)).toEqual({ kind: 'retry', at: 0, to: 0 });
    expect(firstOf(['answer', 'heartbeat'], scenario, state)).toEqual({ kind: 'heartbeat', at: 0, to: 0 });
    expect(firstOf(['answer'], scenario, state)).toBeUndefined();
  });

  it('is nothing more once something is wrong', () => {
    const state = changed((each) => (each.breach = { property: 'the past stays', expected: '', observed: '', server: 0 }));
    expect(enabledEvents(scenario, state)).toEqual([]);
  });

  it('is given out up to a count', () => {
    const events: ClusterEvent[] = [];
    addEvents(scenario, start, 'cut', events, 2);
    expect(textOf(events)).toEqual(['cut 0 1', 'cut 0 2']);
    addEvents(scenario, start, 'cut', events, Infinity);
    expect(textOf(events.slice(2))).toEqual(['cut 0 1', 'cut 0 2', 'cut 1 2']);
  });
});

describe('the list and the judgement', () => {
  it.each(['partition', 'datagrams', 'disk', 'frozen', 'new backup'])('agree in every state on the way through "%s"', async (name) => {
    const cluster = await clusterOf(scenarios.find((each) => each.name === name)!);
    const { scenario: walked } = cluster;
    const random = createPrng(7);
    let compared = 0;
    for (let walk = 0, begin = cluster.state; walk < 5; walk++, cluster.state = begin) {
      for (let step = 0; step < 60; step++) {
        const listed = enabledEvents(walked, cluster.state);
        const judged = EVENT_KINDS.filter((kind) => !walked.eager.includes(kind)).flatMap((kind) =>
          pairs(4).flatMap(([at, to]) => (canHappen(walked, cluster.state, { kind, at, to }) ? [formatEvent({ kind, at, to })] : [])),
        );
        // Lists of what is on its way may be longer than four.
        expect(textOf(listed.filter(({ at, to }) => at < 4 && to < 4)).sort()).toEqual(judged.sort());
        compared += listed.length;
        if (listed.length === 0) break;
        expect(cluster.apply(random.pick(listed))).toBe(true);
      }
    }
    expect(compared).toBeGreaterThan(100);
  });

  it('agree that what cannot happen changes nothing', async () => {
    const cluster = await clusterOf(scenario);
    const before = cluster.state;
    for (const text of ['run 9', 'log 0 0', 'cut 1 0', 'answer 0', 'disk 3', 'thaw 0'])
      expect([cluster.apply(parseEvent(text)!), cluster.state === before]).toEqual([false, true]);
    expect([cluster.apply({ kind: 'tick', at: 1, to: 0 }), cluster.state === before]).toEqual([false, true]);
  });
});

function pairs(count: number): [number, number][] {
  return Array.from({ length: count * count }, (_, index) => [Math.floor(index / count), index % count]);
}

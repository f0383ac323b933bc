/** The fair end of a run: what was broken is mended, time passes, everything arrives; and who still owes something is told in words. */
import { describe, expect, it } from 'vitest';
import type { OutputGateInput } from '../../../../labs-runtime/ft/output-gate-api.ts';
import * as outputGate from '../../../../labs-runtime/ft/output-gate.ts';
import { referenceParts } from '../../../../labs-runtime/ft/replica/options.ts';
import type { Cluster } from '../../../../labs-runtime/sim/cluster/cluster.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import { ticketService } from '../../../../labs-runtime/sim/cluster/services.ts';
import { settle } from '../../../../labs-runtime/sim/cluster/settle.ts';
import { clusterOf, counterScenario, get, options, play, put, storeScenario } from './small-scenarios.ts';

const store = (changes: Parameters<typeof storeScenario>[1] = {}) =>
  clusterOf(storeScenario([[put('x', '1'), get('x')], [get('x')]], changes));
const anyFault = {
  faults: ['crash', 'freeze', 'cut', 'mute', 'part', 'lose frame'],
  allowance: { ...storeScenario([]).allowance, faults: 9, ticks: 9 },
} as const;

const keyed = counterScenario().allowance;

/** A guest that makes two writes to one sector and a byte for the console, and switches itself off. */
const leaving = (changes: Partial<Scenario> = {}) =>
  counterScenario({ guest: 'overlap', keys: '.', eager: ['run'], allowance: { ...keyed, keys: 1 }, ...changes });

/** A gate that lets nothing out. */
const closedGate = { ...referenceParts, outputGate: { start: outputGate.start as never, step: () => [] } };

/** What every client was told, in the order of the answers. */
function told({ state }: Cluster): string[] {
  return state.witness.history.flatMap((moment) =>
    moment.kind === 'is told' ? [`${moment.client}${moment.request} ${moment.answer.status}`] : [],
  );
}

describe('a run that is brought to rest', () => {
  it('asks everything and gets every answer, where nothing has failed', async () => {
    const cluster = await store();
    expect(settle(cluster)).toBeNull();
    expect(cluster.state.clients).toEqual([
      { asked: 2, waits: false },
      { asked: 1, waits: false },
    ]);
    expect(told(cluster).length).toBe(3);
    expect(cluster.state.servers.map(({ replica }) => replica!.held.length)).toEqual([0, 0]);
  });

  it('types the keys that are left, and sees them counted', async () => {
    const cluster = await clusterOf(counterScenario());
    expect(settle(cluster)).toBeNull();
    expect(cluster.state.left.keys).toBe(0);
    expect(String.fromCharCode(...cluster.state.witness.console)).toMatch(/^1 [0-9a-f]{4}\n2 [0-9a-f]{4}\n$/);
  });

  it.each([
    ['the primary has failed', 'ask 0; crash 0'],
    ['the backup has failed', 'ask 0; crash 1'],
    ['a frame is lost', 'ask 0; lose frame 0'],
    ['the primary stands still', 'ask 0; freeze 0; tick; tick'],
    ['the machines have lost each other', 'cut 0 1; mute 0 1; ask 0; tick; tick'],
    ['the storage is out of reach too', 'cut 0 1; mute 0 1; part 0; part 1; ask 0; tick; tick; tick'],
  ])('is mended where %s', async (_, schedule) => {
    const cluster = await store(anyFault);
    play(cluster, schedule);
    expect(settle(cluster)).toBeNull();
    expect(told(cluster).length).toBe(3);
    const { servers, wires, storage } = cluster.state;
    expect(servers.some(({ condition }) => condition === 'frozen')).toBe(false);
    expect(wires.every(({ isUp, isMuted }) => isUp && !isMuted)).toBe(true);
    expect(storage.isReachable).toEqual([true, true]);
  });

  it('lets nothing more fail, and repairs nothing', async () => {
    const cluster = await store({ ...anyFault, allowance: { ...anyFault.allowance, repairs: 5 } });
    play(cluster, 'crash 1');
    settle(cluster);
    expect(cluster.state.servers.map(({ condition }) => condition)).toEqual(['up', 'crashed']);
    expect(cluster.state.servers[0]!.replica).toMatchObject({ role: 'primary', peer: -1 });
  });

  it('gives a machine that is alone a backup, where a server is free', async () => {
    const cluster = await store({ ...anyFault, servers: 3 });
    play(cluster, 'crash 0');
    expect(settle(cluster)).toBeNull();
    expect(cluster.state.servers.map(({ replica }) => replica?.role)).toEqual([undefined, 'primary', 'backup']);
  });

  it('owes nothing where every machine has failed', async () => {
    const cluster = await store(anyFault);
    play(cluster, 'ask 0; crash 0; crash 1');
    expect(settle(cluster)).toBeNull();
    expect(told(cluster)).toEqual([]);
  });

  it('owes nothing after a power-off', async () => {
    const clients = { service: ticketService, commands: [['power off'], ['take ticket', 'take ticket']] as const };
    const cluster = await clusterOf(counterScenario({ guest: 'tickets', keys: '', clients }));
    play(cluster, 'ask 0; frame 0; run 0');
    expect(settle(cluster)).toBeNull();
    expect(cluster.state.servers.some(({ replica }) => replica?.isOff)).toBe(true);
  });

  it('sees out a guest that is off: everything that it made, to the last write', async () => {
    const cluster = await clusterOf(leaving());
    play(cluster, 'key');
    expect(cluster.state.servers[0]!.replica).toMatchObject({ role: 'primary', isOff: true, held: { length: 3 } });
    expect(settle(cluster)).toBeNull();
    expect(cluster.state.servers.map(({ replica }) => replica!.role)).toEqual(['halted', 'halted']);
    expect([cluster.state.witness.outside, cluster.state.disk.chunks[0]![0]]).toEqual([3, '/'.charCodeAt(0)]);
  });

  it('asks nothing of a place on a disk where a write has failed', async () => {
    const cluster = await clusterOf(
      leaving({ options: options({ disk: 'local' }), faults: ['fail disk'], allowance: { ...keyed, keys: 1, faults: 1 } }),
    );
    play(cluster, 'key; disk 0; fail disk 0');
    expect(settle(cluster)).toBeNull();
    expect(cluster.state.servers.map(({ chunks }) => chunks![0]![0])).toEqual(['.'.charCodeAt(0), '/'.charCodeAt(0)]);
  });

  it('owes nothing after a power-off of a guest that had no backup', async () => {
    const clients = { service: ticketService, commands: [['power off'], ['take ticket']] as const };
    const cluster = await clusterOf(counterScenario({ guest: 'tickets', keys: '', clients, ...anyFault }));
    play(cluster, 'crash 1; tick; tick; answer 0; ask 0; frame 0; run 0; ask 1');
    expect(cluster.state.servers[0]!.replica).toMatchObject({ role: 'primary', peer: -1, isOff: true });
    expect(settle(cluster)).toBeNull();
    expect(told(cluster)).toEqual([]);
  });

  it('goes back to nothing: what was wrong before is still wrong', async () => {
    const cluster = await store();
    const breach = { property: 'the past stays', expected: 'a', observed: 'b', server: 0 } as const;
    cluster.state = { ...cluster.state, breach };
    expect(settle(cluster)).toBe(breach);
    expect(cluster.state.clients.every(({ asked }) => asked === 0)).toBe(true);
  });
});

describe('what is owed in the end', () => {
  it('is an answer', async () => {
    const cluster = await store({ options: options({ parts: closedGate }) });
    expect(settle(cluster)).toEqual({
      property: 'service goes on',
      expected: 'everything answered, with whole networks',
      observed: 'client A waits for its answer after 2000 ms with nothing in its way',
      server: 0,
    });
  });

  it('is told of the first client that waits', async () => {
    // The gate lets the answers to client A out, and shuts then.
    const step = (state: { count: number }, input: OutputGateInput) =>
      input.kind === 'operation' && ++state.count <= 2 ? [{ kind: 'release' as const, operation: input.operation }] : [];
    const parts = { ...referenceParts, outputGate: { start: () => ({ count: 0 }), step: step as never } };
    const cluster = await clusterOf(storeScenario([[put('x', '1')], [get('x'), get('x')]], { options: options({ parts }) }));
    play(cluster, 'ask 0; ask 1; frame 0; run 0; run 0; frame 0; run 0');
    expect(settle(cluster)!.observed).toMatch(/^client B waits/);
  });

  it('is an output for nobody in particular', async () => {
    const cluster = await clusterOf(counterScenario({ options: options({ parts: closedGate }) }));
    expect(settle(cluster)).toMatchObject({
      property: 'service goes on',
      observed:
        'a machine still holds outputs, waits for its disk, or has not decided about its peer, after 2000 ms with nothing in its way',
    });
  });

  it('is the end of a pair whose guest is off', async () => {
    const cluster = await clusterOf(leaving({ options: options({ parts: closedGate }) }));
    expect(settle(cluster)).toMatchObject({
      property: 'service goes on',
      observed: expect.stringMatching(/^a machine still holds outputs/),
    });
  });

  it('is an output of a guest that is off, and that nobody holds', async () => {
    const cluster = await clusterOf(
      leaving({ options: options({}, { finishesOutputs: false }), faults: ['crash'], allowance: { ...keyed, keys: 1, faults: 1 } }),
    );
    play(cluster, 'key; crash 0');
    expect(settle(cluster)).toEqual({
      property: 'no output is lost',
      expected: 'every output outside, at rest',
      observed: 'output 0 has not left, and no machine holds it back',
      server: 1,
    });
  });

  it('is a write of a guest that is off, and that the disk never got', async () => {
    const cluster = await clusterOf(leaving({ options: options({}, { finishesOutputs: false }) }));
    expect(settle(cluster)).toMatchObject({ property: 'the disk is as written', expected: 'what output 1 wrote to sector 0' });
  });

  it('is a new backup where a server is free', async () => {
    const cluster = await store({ ...anyFault, servers: 3, options: options({}, { restoresRedundancy: false }) });
    play(cluster, 'crash 1');
    expect(settle(cluster)).toEqual({
      property: 'the pair becomes whole',
      expected: 'a new backup on a server that is free',
      observed: 'server 0 serves alone after 2000 ms with nothing in its way',
      server: 0,
    });
  });
});

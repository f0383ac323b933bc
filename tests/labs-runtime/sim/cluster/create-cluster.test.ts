/** A cluster to begin with: a guest at rest or at boot, a backup in the same state, nothing on its way, and only then the scenario's own parts. */
import { describe, expect, it } from 'vitest';
import * as channel from '../../../../labs-runtime/ft/channel.ts';
import { referenceMechanisms, referenceParts } from '../../../../labs-runtime/ft/replica/options.ts';
import type { ClusterState } from '../../../../labs-runtime/sim/cluster/cluster-state.ts';
import type { Cluster } from '../../../../labs-runtime/sim/cluster/cluster.ts';
import { createCluster } from '../../../../labs-runtime/sim/cluster/create-cluster.ts';
import { enabledEvents } from '../../../../labs-runtime/sim/cluster/enabled.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import { settle } from '../../../../labs-runtime/sim/cluster/settle.ts';
import { hashState } from '../../../../labs-runtime/sim/cluster/state-hash.ts';
import { createPrng } from '../../../../labs-runtime/sim/prng.ts';
import { clusterOf, counterScenario, options, play, put, storeScenario } from './small-scenarios.ts';

const replicas = ({ servers }: ClusterState) => [servers[0]!.replica!, servers[1]!.replica!] as const;

describe('a cluster to begin with', () => {
  it.each(scenarios.map(({ name }) => name))('of the scenario "%s" has a pair in one state, and nothing is on its way', async (name) => {
    const scenario = scenarios.find((each) => each.name === name)!;
    const { state } = await clusterOf(scenario);
    const [primary, backup] = replicas(state);
    expect([primary.role, primary.peer, backup.role, backup.peer]).toEqual(['primary', 1, 'backup', 0]);
    expect([primary.generation, backup.generation]).toEqual([1, 1]);
    expect(primary.isIdle || !scenario.startsAtRest).toBe(true);
    if (!scenario.startsAtRest) expect(primary.position).toBe(0);
    expect(backup.guest.hash).toBe(primary.guest.hash);
    expect(state.servers.slice(2).every(({ replica, condition }) => replica === null && condition === 'up')).toBe(true);
    expect(state.servers.length).toBe(scenario.servers);
    for (const replica of [primary, backup]) {
      expect(replica).toMatchObject({
        held: [],
        inDoubt: [],
        entries: [],
        appendedSeq: 0,
        deliveredSeq: 0,
        consumedSeq: 0,
        isAtEnd: false,
      });
      expect(replica.outputs).toBe(primary.outputs);
      expect(replica.released).toBe(primary.outputs);
    }
    expect(state.wires.every(({ isUp, isMuted, log, transfer }) => isUp && !isMuted && log.length + transfer.length === 0)).toBe(true);
    expect(state.network).toEqual({ heartbeats: [], frames: [], port: 0 });
    expect(state.storage.answers).toEqual([]);
    expect(state.disk.work).toEqual([]);
    expect(state.breach).toBeNull();
    expect(state.witness).toMatchObject({
      live: 0,
      liveFrom: 0,
      outside: primary.outputs,
      hashes: [],
      writes: [],
      history: [],
      console: [],
    });
    expect(state.left).toEqual({ ...scenario.allowance, keys: Math.min(scenario.allowance.keys, scenario.keys.length) });
    expect(state.clients).toEqual((scenario.clients?.commands ?? []).map(() => ({ asked: 0, waits: false })));
  });

  it('is the same each time', async () => {
    const hashes = await Promise.all([1, 2].map(async () => hashState((await clusterOf(counterScenario())).state)));
    expect(hashes[0]).toBe(hashes[1]);
  });

  it('has no more keys than there are', async () => {
    const { state } = await clusterOf(counterScenario({ keys: 'a', allowance: { ...counterScenario().allowance, keys: 5 } }));
    expect(state.left.keys).toBe(1);
  });

  it('has a shared disk, or one for each server with the same on it', async () => {
    const shared = (await clusterOf(storeScenario([[put('x', '1')]], { guest: 'key-value-disk' }))).state;
    expect(shared.disk.chunks.length).toBeGreaterThan(0);
    expect(shared.servers.map(({ chunks }) => chunks)).toEqual([null, null]);
    const { disk, servers } = (
      await clusterOf(storeScenario([[put('x', '1')]], { guest: 'key-value-disk', options: options({ disk: 'local' }) }))
    ).state;
    expect(disk.chunks).toEqual([]);
    expect(servers[0]!.chunks).toEqual(shared.disk.chunks);
    expect(servers[1]!.chunks).toEqual(servers[0]!.chunks);
    expect(servers[1]!.chunks).not.toBe(servers[0]!.chunks);
    expect((await clusterOf(counterScenario())).state.disk.chunks).toEqual([]);
  });

  it('is made by the reference protocol, and the scenario’s own parts and mechanisms begin after it', async () => {
    const refuse = () => {
      throw new Error('a part of the scenario’s own was told something');
    };
    const parts = {
      ...referenceParts,
      channel: { start: channel.start as never, step: refuse },
      migrate: { start: () => ({}), step: refuse },
      diskQueue: { start: () => ({}), step: refuse },
    };
    const none = Object.fromEntries(Object.keys(referenceMechanisms).map((name) => [name, false]));
    const cluster = await clusterOf(counterScenario({ options: options({ parts }, none) }));
    expect(() => play(cluster, 'key')).toThrow('a part of the scenario’s own was told something');
  });

  it('begins with fresh parts, whose time is the pair’s', async () => {
    const { state } = await clusterOf(counterScenario());
    const [primary, backup] = replicas(state);
    expect(primary.madeAtMs).toBe(state.nowMs);
    expect(backup.madeAtMs).toBe(state.nowMs);
    expect(primary.channel).toEqual(channel.start({ ...counterScenario().options.channel, role: 'primary' }));
    expect(primary.migrate).toBeNull();
  });
});

describe('a cluster that keeps its states', () => {
  /** A walk of so many events by seed: the states on the way with their hashes, the last one's last. */
  function walk(cluster: Cluster, seed: number, events: number): { state: ClusterState; hash: number }[] {
    const random = createPrng(seed);
    const states = [];
    for (let count = 0; count < events; count++) {
      states.push({ state: cluster.state, hash: hashState(cluster.state) });
      const possible = enabledEvents(cluster.scenario, cluster.state);
      if (possible.length === 0) break;
      cluster.apply(random.pick(possible));
    }
    return states;
  }

  it.each(['crash', 'disk', 'own disks', 'new backup', 'checkpoints', 'lottery'])('changes none that it was in, in "%s"', async (name) => {
    const cluster = await clusterOf(scenarios.find((each) => each.name === name)!);
    const start = cluster.state;
    const states = walk(cluster, 3, 60);
    cluster.state = start;
    walk(cluster, 4, 60);
    // A fresh copy has no hash that was kept, so that it is made of what is there now.
    for (const { state, hash } of states) expect(hashState(unhashed(state))).toBe(hash);
    cluster.state = start;
    expect(walk(cluster, 3, 60).map(({ hash }) => hash)).toEqual(states.map(({ hash }) => hash));
  });

  it.each(['crash', 'disk', 'own disks', 'checkpoints'])('does what one does that only goes on, in "%s"', async (name) => {
    const scenario = scenarios.find((each) => each.name === name)!;
    const keeping = await clusterOf(scenario);
    const running = await createCluster(scenario, { keepsStates: false });
    const random = createPrng(5);
    for (let count = 0; count < 60; count++) {
      const events = enabledEvents(scenario, keeping.state);
      expect(enabledEvents(scenario, running.state)).toEqual(events);
      if (events.length === 0) break;
      const event = random.pick(events);
      expect([keeping.apply(event), running.apply(event)]).toEqual([true, true]);
      expect(guestHashes(running)).toEqual(guestHashes(keeping));
    }
    expect(seenOf(running)).toEqual(seenOf(keeping));
  });

  it('goes on through takeovers and new backups where it only goes on', async () => {
    const running = await createCluster(
      scenarios.find(({ name }) => name === 'one failure after another')!,
      { keepsStates: false },
    );
    play(running, 'ask 0; frame 0; frame 0; crash 0');
    expect(settle(running)).toBeNull();
    expect(running.state.servers.map(({ replica }) => replica?.role)).toEqual([undefined, 'primary', 'backup']);
  });
});

function guestHashes({ state }: Cluster): (string | undefined)[] {
  return state.servers.map(({ replica }) => replica?.guest.hash);
}

function seenOf({ state: { witness, storage, clients, disk } }: Cluster): unknown {
  const { outside, history, console, live, liveFrom, writes } = witness;
  return { outside, history, console, live, liveFrom, writes, storage, clients, disk };
}

/** The same state in objects of its own down to where hashes are kept. */
function unhashed(state: ClusterState): ClusterState {
  const { network, storage, disk, witness, left, servers, wires, clients } = state;
  const copies = { network: fresh(network), storage: fresh(storage), disk: fresh(disk), witness: fresh(witness), left: fresh(left) };
  return { ...state, ...copies, servers: servers.map(fresh), wires: wires.map(fresh), clients: clients.map(fresh) };
}

function fresh<Value extends object>(value: Value): Value {
  // Only what a copy by keys would take along: the hash is kept under a symbol.
  return Object.fromEntries(Object.entries(value)) as Value;
}

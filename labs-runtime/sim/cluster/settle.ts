/**
 * The fair end of a run: nothing more fails, what was broken is whole, time passes, and everything arrives. What is still owed when patience ends breaks
 * the property that service goes on: that something happens can only be asked where nothing stands in its way any more.
 */
import type { ReplicaState } from '../../ft/replica/state.ts';
import { areAnswered } from './clients.ts';
import type { EventKind } from './cluster-event.ts';
import type { Breach, ClusterState, ServerState } from './cluster-state.ts';
import { isSpare } from './cluster-state.ts';
import type { Cluster } from './cluster.ts';
import { firstOf } from './enabled.ts';
import type { Scenario } from './scenario.ts';
import { neverLeft, wrongDisk } from './witness.ts';

/** Virtual time within which a whole cluster has answered everything, in ticks. */
const TICKS_MAX = 40;

/** Events between two ticks, at most: more means that it goes round in circles. */
const EVENTS_PER_TICK_MAX = 400;

const MENDS: readonly EventKind[] = ['thaw', 'mend', 'unmute', 'rejoin'];
const ARRIVALS: readonly EventKind[] = ['answer', 'log', 'transfer', 'heartbeat', 'replay', 'disk', 'frame', 'run', 'ask', 'key'];

/** Brings a run to rest, and returns what is wrong there, or on the way there. The cluster is left where it came to. */
export function settle(cluster: Cluster): Breach | null {
  const { scenario } = cluster;
  grant(cluster);
  for (let tick = 0; tick < TICKS_MAX; tick++) {
    carryOutAll(cluster, [...MENDS, ...ARRIVALS]);
    if (cluster.state.breach !== null) return cluster.state.breach;
    if (isAtRest(scenario, cluster.state)) return lost(scenario, cluster.state);
    for (const client of cluster.state.clients.keys()) cluster.apply({ kind: 'retry', at: client, to: 0 });
    cluster.apply({ kind: 'tick', at: 0, to: 0 });
  }
  return owed(scenario, cluster.state);
}

/** Time and patience are free here. */
function grant(cluster: Cluster): void {
  const { state } = cluster;
  cluster.state = { ...state, left: { ...state.left, faults: 0, repairs: 0, leaves: 0, ticks: TICKS_MAX, retries: Infinity } };
}

function carryOutAll(cluster: Cluster, kinds: readonly EventKind[]): void {
  for (let count = 0; count < EVENTS_PER_TICK_MAX && cluster.state.breach === null; count++) {
    const event = firstOf(kinds, cluster.scenario, cluster.state);
    if (event === undefined) return;
    cluster.apply(event);
  }
}

/** Everything is answered and outside, and every machine knows whether it has a peer. Where the guest is off, nobody answers any more. */
function isAtRest(scenario: Scenario, state: ClusterState): boolean {
  if (offServers(state).length === 0) {
    if (!isServiceOwed(state)) return true;
    if (scenario.clients !== undefined && !areAnswered(state, scenario.clients.commands)) return false;
  }
  return state.servers.every((server, id) => isSettled(state, server, id));
}

function isSettled({ servers }: ClusterState, { replica, condition }: ServerState, id: number): boolean {
  if (condition !== 'up' || replica === null || replica.role === 'halted') return true;
  const { held, disk, isSwitching, destination, isOff } = replica;
  if (held.length > 0 || isSwitching || destination >= 0) return false;
  // A guest that is off needs no pair, and nobody tells it any more what the disk has done.
  if (isOff) return replica.peer < 0 && disk.undone.length === 0;
  if (disk.pending.length > 0) return false;
  if (replica.peer < 0) return !lacksBackup(servers, id);
  const peer = servers[replica.peer]!;
  return peer.condition === 'up' && peer.replica?.peer === id && peer.replica.generation === replica.generation;
}

/** Whether a machine serves alone though a server is free (3.1). */
function lacksBackup(servers: ClusterState['servers'], id: number): boolean {
  const { condition, replica } = servers[id]!;
  if (condition !== 'up' || replica?.role !== 'primary' || replica.peer >= 0 || replica.isOff) return false;
  const isFree = servers.some((other, otherId) => otherId !== id && other.condition === 'up' && isSpare(other.replica));
  return isFree || replica.destination >= 0;
}

/** Whether a machine is left that could serve: every one that could may have failed. */
function isServiceOwed(state: ClusterState): boolean {
  return state.servers.some(({ condition, replica }, id) => {
    if (condition === 'crashed' || replica === null || replica.role === 'receiving' || replica.role === 'halted') return false;
    return hasRight(state, replica, id);
  });
}

/** Servers whose guest is off, and that nobody has gone on without: they have halted for it, or have still to see everything outside. */
function offServers(state: ClusterState): number[] {
  return [...state.servers.keys()].filter((id) => {
    const { replica } = state.servers[id]!;
    return replica !== null && replica.isOff && hasRight(state, replica, id);
  });
}

/** Whether the flag of a machine's pair went to no other. */
function hasRight({ storage }: ClusterState, { generation, peer }: ReplicaState, id: number): boolean {
  return storage.flagGeneration < generation || storage.flagOwner === id || peer < 0;
}

/** What the live guest, or one that is off, has made, nobody holds back, and nobody outside has seen (2.2), nor the disk (3.4). */
function lost(scenario: Scenario, state: ClusterState): Breach | null {
  const off = offServers(state);
  const { live } = state.witness;
  const isLiveMachine = state.servers[live]!.replica?.role === 'primary' && isServiceOwed(state);
  for (const server of off.length > 0 ? off : isLiveMachine ? [live] : []) {
    const output = neverLeft(state, state.servers[server]!.replica!);
    const observed = `output ${output} has not left, and no machine holds it back`;
    if (output >= 0) return { property: 'no output is lost', expected: 'every output outside, at rest', observed, server };
    const wrong = off.length > 0 ? wrongDisk(scenario, state, server) : null;
    if (wrong !== null) return wrong;
  }
  return null;
}

function owed(scenario: Scenario, state: ClusterState): Breach | null {
  const after = `after ${TICKS_MAX * scenario.tickMs} ms with nothing in its way`;
  const waiting = offServers(state).length > 0 ? -1 : state.clients.findIndex(({ waits }) => waits);
  const alone = state.servers.findIndex((_, id) => lacksBackup(state.servers, id));
  if (waiting < 0 && alone >= 0) {
    const expected = 'a new backup on a server that is free';
    return { property: 'the pair becomes whole', expected, observed: `server ${alone} serves alone ${after}`, server: alone };
  }
  const observed =
    waiting >= 0
      ? `client ${String.fromCharCode(65 + waiting)} waits for its answer ${after}`
      : `a machine still holds outputs, waits for its disk, or has not decided about its peer, ${after}`;
  return { property: 'service goes on', expected: 'everything answered, with whole networks', observed, server: state.witness.live };
}

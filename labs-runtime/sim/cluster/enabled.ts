/**
 * Which events can happen in a state, in a fixed order: what a search chooses from. Each kind has one place here that says where it applies, for the
 * list of all, for one event of a schedule, and for those that happen by themselves.
 */
import { canRun } from '../../ft/replica/host.ts';
import { canReplayEntry } from '../../ft/replica/replica.ts';
import type { ClusterEvent, EventKind } from './cluster-event.ts';
import { EVENT_KINDS, FAULTS } from './cluster-event.ts';
import type { ClusterState, DiskWork } from './cluster-state.ts';
import { wireOf } from './cluster-state.ts';
import { hasTime } from './processor-time.ts';
import type { Scenario } from './scenario.ts';

type Applies = (scenario: Scenario, state: ClusterState, at: number, to: number) => boolean;

/** What the numbers of an event count, and so how far they go; and when it applies to one of them. */
const rules: Record<
  EventKind,
  { over: 'servers' | 'ways' | 'pairs' | 'clients' | 'heartbeats' | 'frames' | 'answers' | 'work' | 'nothing'; applies: Applies }
> = {
  run: { over: 'servers', applies: (_, state, at) => isUp(state, at) && hasTime(state, at) && isRunnable(state, at) },
  replay: {
    over: 'servers',
    applies: ({ options }, state, at) => isUp(state, at) && hasTime(state, at) && canReplayAt(state, at, options),
  },
  log: { over: 'ways', applies: (_, state, at, to) => isUp(state, to) && state.wires[wireOf(state, at, to)]!.log.length > 0 },
  transfer: { over: 'ways', applies: (_, state, at, to) => isUp(state, to) && state.wires[wireOf(state, at, to)]!.transfer.length > 0 },
  heartbeat: { over: 'heartbeats', applies: (_, state, at) => isUp(state, state.network.heartbeats[at]!.to) },
  frame: { over: 'frames', applies: () => true },
  answer: { over: 'answers', applies: (_, state, at) => isUp(state, state.storage.answers[at]!.to) },
  disk: { over: 'work', applies: (_, state, at) => !isWaitingForThaw(state, state.disk.work[at]!) },
  'disk data': {
    over: 'work',
    applies: ({ options }, state, at) => !options.mechanisms.bouncesDisk && canBeHalf(state, state.disk.work[at]!),
  },
  ask: {
    over: 'clients',
    applies: ({ clients }, { clients: asking }, at) => !asking[at]!.waits && asking[at]!.asked < clients!.commands[at]!.length,
  },
  retry: { over: 'clients', applies: (_, { clients, left }, at) => left.retries > 0 && clients[at]!.waits },
  key: { over: 'nothing', applies: (_, { left }) => left.keys > 0 },
  tick: { over: 'nothing', applies: (_, { left }) => left.ticks > 0 },
  leave: { over: 'servers', applies: (_, state, at) => state.left.leaves > 0 && isUp(state, at) && state.servers[at]!.replica !== null },
  repair: { over: 'servers', applies: (_, { left, servers }, at) => left.repairs > 0 && servers[at]!.condition === 'crashed' },
  crash: { over: 'servers', applies: (_, { servers }, at) => servers[at]!.condition !== 'crashed' && servers[at]!.replica !== null },
  freeze: { over: 'servers', applies: (_, state, at) => isUp(state, at) && state.servers[at]!.replica !== null },
  thaw: { over: 'servers', applies: (_, { servers }, at) => servers[at]!.condition === 'frozen' },
  cut: { over: 'pairs', applies: (_, state, at, to) => state.wires[wireOf(state, at, to)]!.isUp },
  mend: { over: 'pairs', applies: (_, state, at, to) => !state.wires[wireOf(state, at, to)]!.isUp },
  garble: { over: 'ways', applies: (_, state, at, to) => state.wires[wireOf(state, at, to)]!.log.length > 0 },
  mute: { over: 'pairs', applies: (_, state, at, to) => !state.wires[wireOf(state, at, to)]!.isMuted },
  unmute: { over: 'pairs', applies: (_, state, at, to) => state.wires[wireOf(state, at, to)]!.isMuted },
  part: { over: 'servers', applies: (_, { storage }, at) => storage.isReachable[at]! },
  rejoin: { over: 'servers', applies: (_, { storage }, at) => !storage.isReachable[at]! },
  'lose answer': { over: 'answers', applies: (_, { storage }, at) => storage.answers[at]!.owner >= 0 },
  'lose heartbeat': { over: 'heartbeats', applies: () => true },
  'lose frame': { over: 'frames', applies: () => true },
  'double frame': { over: 'frames', applies: () => true },
  'fail disk': { over: 'work', applies: (_, state, at) => isAnswerable(state, state.disk.work[at]!) },
};

/** Events that undo a fault come with it. */
const UNDOES: Partial<Record<EventKind, EventKind>> = { thaw: 'freeze', mend: 'cut', unmute: 'mute', rejoin: 'part' };

/** Whether an event can happen in a state. */
export function canHappen(scenario: Scenario, state: ClusterState, { kind, at, to }: ClusterEvent): boolean {
  const { over, applies } = rules[kind];
  const [first, second] = rangeOf(state, over);
  return isPaidFor(scenario, state, kind) && at < first && to < second && isOfRange(over, at, to) && applies(scenario, state, at, to);
}

/** Every event that can happen in a state and is the search's to choose. */
export function enabledEvents(scenario: Scenario, state: ClusterState): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (state.breach !== null) return events;
  for (const kind of EVENT_KINDS) if (!scenario.eager.includes(kind)) addEvents(scenario, state, kind, events, Infinity);
  return events;
}

/** The first event of these kinds, in their order, that can happen; undefined if there is none. */
export function firstOf(kinds: readonly EventKind[], scenario: Scenario, state: ClusterState): ClusterEvent | undefined {
  for (const kind of kinds) {
    const events: ClusterEvent[] = [];
    addEvents(scenario, state, kind, events, 1);
    if (events.length > 0) return events[0];
  }
  return undefined;
}

/** Every event of a kind that can happen, up to so many. */
export function addEvents(scenario: Scenario, state: ClusterState, kind: EventKind, events: ClusterEvent[], countMax: number): void {
  if (!isPaidFor(scenario, state, kind)) return;
  const { over, applies } = rules[kind];
  const [first, second] = rangeOf(state, over);
  for (let at = 0; at < first; at++) {
    for (let to = 0; to < second; to++) {
      if (!isOfRange(over, at, to) || !applies(scenario, state, at, to)) continue;
      events.push({ kind, at, to });
      if (events.length >= countMax) return;
    }
  }
}

function isPaidFor({ faults }: Scenario, { left }: ClusterState, kind: EventKind): boolean {
  if (FAULTS.has(kind)) return left.faults > 0 && faults.includes(kind);
  const undone = UNDOES[kind];
  return undone === undefined || faults.includes(undone);
}

type Over = (typeof rules)[EventKind]['over'];

function rangeOf({ servers, clients, network, storage, disk }: ClusterState, over: Over): [number, number] {
  switch (over) {
    case 'servers':
      return [servers.length, 1];
    case 'ways':
    case 'pairs':
      return [servers.length, servers.length];
    case 'clients':
      return [clients.length, 1];
    case 'heartbeats':
      return [network.heartbeats.length, 1];
    case 'frames':
      return [network.frames.length, 1];
    case 'answers':
      return [storage.answers.length, 1];
    case 'work':
      return [disk.work.length, 1];
    case 'nothing':
      return [1, 1];
  }
}

function isOfRange(over: Over, at: number, to: number): boolean {
  if (over === 'pairs') return at < to;
  return over !== 'ways' || at !== to;
}

function isUp({ servers }: ClusterState, server: number): boolean {
  return servers[server]!.condition === 'up';
}

function isRunnable({ servers }: ClusterState, server: number): boolean {
  const { replica } = servers[server]!;
  return replica !== null && !replica.isIdle && canRun({ state: replica });
}

function canReplayAt({ servers }: ClusterState, server: number, options: Scenario['options']): boolean {
  const { replica } = servers[server]!;
  return replica !== null && canReplayEntry(replica, options);
}

/** Whoever asked is there and hears the answer. */
function isAnswerable({ servers }: ClusterState, { server, incarnation, isDone }: DiskWork): boolean {
  return servers[server]!.condition === 'up' && servers[server]!.incarnation === incarnation && !isDone;
}

function isWaitingForThaw({ servers }: ClusterState, { server, isDone }: DiskWork): boolean {
  return isDone && servers[server]!.condition === 'frozen';
}

function canBeHalf(state: ClusterState, work: DiskWork): boolean {
  return work.request.kind === 'read' && !work.isHalf && isAnswerable(state, work);
}

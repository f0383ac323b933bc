/**
 * Everything that a cluster is at one moment, as plain data: a search goes back to it and recognises it. The parts of it that an event does not
 * touch are shared with the state before. VMware FT, figure 1: two servers and more, a disk that they share, a network with clients.
 */
import type { DiskRequest } from '../../emulator/machine.ts';
import type { Heartbeat, ServerId, TransferMessage } from '../../ft/replica/messages.ts';
import type { ReplicaState } from '../../ft/replica/state.ts';
import type { PropertyName } from './properties.ts';
import type { Moment } from './services.ts';

export interface ServerState {
  condition: 'up' | 'frozen' | 'crashed';
  /** How often it has been repaired: what its predecessor left on its way is not its own. */
  incarnation: number;
  replica: ReplicaState | null;
  /** How often it has drawn random bytes. */
  draws: number;
  /** Its own disk, if it has one, in chunks of 4096 bytes that nobody writes to. */
  chunks: Uint8Array[] | null;
}

/** The way from one server to another: ordered streams, which break, and datagrams, which are lost. */
export interface Wire {
  isUp: boolean;
  isMuted: boolean;
  log: { generation: number; bytes: Uint8Array }[];
  transfer: TransferMessage[];
}

export interface FlyingHeartbeat {
  from: ServerId;
  to: ServerId;
  heartbeat: Heartbeat;
}

export interface FlyingFrame {
  to: 'guest' | 'clients';
  frame: Uint8Array;
}

export interface StorageState {
  /** The flag that a test-and-set gives away (2.3): of which pair, and to whom. */
  flagGeneration: number;
  flagOwner: ServerId;
  isReachable: boolean[];
  answers: { to: ServerId; generation: number; owner: ServerId }[];
}

/** A request that was given to a disk, the shared one or the server's own. */
export interface DiskWork {
  server: ServerId;
  incarnation: number;
  generation: number;
  request: DiskRequest;
  /** Done, while the server that asked stands still. */
  isDone: boolean;
  /** Part of a read's data has reached memory already. */
  isHalf: boolean;
}

export interface DiskWorld {
  work: DiskWork[];
  /** The shared disk, in chunks of 4096 bytes that nobody writes to; empty where there is none. */
  chunks: Uint8Array[];
}

export interface ClientState {
  /** How many of its commands it has asked, and whether the last of them waits for an answer. */
  asked: number;
  waits: boolean;
}

export interface NetworkState {
  heartbeats: FlyingHeartbeat[];
  frames: FlyingFrame[];
  /** The server to whose port the switch sends frames for the guest: where it last saw one from it. */
  port: ServerId;
}

/** A write that the live guest has made. */
export interface GuestWrite {
  output: number;
  /** The guest's number for the request. */
  request: number;
  sector: number;
  data: Uint8Array;
}

/** What nobody in the cluster knows, and the properties ask for. */
export interface Witness {
  /** The machine that has the right to be live, and how many outputs its guest had made when it got it. */
  live: ServerId;
  liveFrom: number;
  /** Every output below this one has left. */
  outside: number;
  /** Outputs above it that are no one's business outside. */
  inside: number[];
  /** Hash of the live machine after an output that the backup has not passed yet. */
  hashes: { output: number; hash: string }[];
  writes: GuestWrite[];
  /** What clients asked and were told, in the order of moments. */
  history: Moment[];
  /** What the console showed, by number of the output; what came twice stands once. */
  console: number[];
}

export interface Allowance {
  faults: number;
  ticks: number;
  retries: number;
  repairs: number;
  leaves: number;
  keys: number;
}

export interface Breach {
  property: PropertyName;
  expected: string;
  observed: string;
  server: ServerId;
}

export interface ClusterState {
  nowMs: number;
  servers: ServerState[];
  /** From server a to server b: number `a * servers + b`. */
  wires: Wire[];
  network: NetworkState;
  storage: StorageState;
  disk: DiskWorld;
  /** What each server's processor still has time for in this tick, below 0 what it has used of the next; empty where that has no bound. */
  attemptsLeft: readonly number[];
  clients: ClientState[];
  witness: Witness;
  /** What is left of the allowances. */
  left: Allowance;
  breach: Breach | null;
}

/** Whether a server has no machine that anybody counts on. */
export function isSpare(replica: ReplicaState | null): boolean {
  return replica === null || replica.role === 'halted';
}

/** Number of the wire from one server to another. */
export function wireOf({ servers }: ClusterState, from: ServerId, to: ServerId): number {
  return from * servers.length + to;
}

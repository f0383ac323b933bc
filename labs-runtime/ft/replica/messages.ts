/**
 * What replicas say to each other and to the world around them. The log has a stream of its own, of bytes; state is sent over a second ordered
 * stream, and heartbeats go as datagrams. VMware FT, sections 2.3, 3.1 and 3.3.
 */
import type { DiskRequest, Snapshot } from '../../emulator/machine.ts';
import type { Output } from '../log-entry.ts';

/** Number of a server, from 0. */
export type ServerId = number;

/** No server: the peer of a machine that serves alone. */
export const NOBODY = -1;

/** An output of the guest's with its number, from 0. */
export interface NumberedOutput {
  output: number;
  made: Output;
}

/** A page of RAM, or a chunk of a local disk: the numbers of these follow on those of the pages. */
export interface NumberedPage {
  index: number;
  bytes: Uint8Array;
}

/** Everything of a guest but pages: what a new backup starts from. */
export interface GuestRest {
  core: Snapshot['core'];
  /** How many outputs it has made, and how many of them are outside. */
  outputs: number;
  released: number;
  clockTicks: number;
  isIdle: boolean;
  isOff: boolean;
  /** It is off, and has everything outside. */
  isFinished: boolean;
  /** Made, and not known to be outside. */
  inDoubt: NumberedOutput[];
  pendingDisk: DiskRequest[];
}

export type TransferMessage =
  /** Source to destination: pages of a round of pre-copy. The first asks the destination to be the backup of that generation. */
  | { kind: 'pages'; generation: number; round: number; pages: NumberedPage[] }
  /** Destination to source. */
  | { kind: 'round held'; generation: number; round: number }
  /** The last pages, and all the rest: the destination is the backup from here on. */
  | { kind: 'image'; generation: number; pages: NumberedPage[]; rest: GuestRest }
  | { kind: 'ready'; generation: number }
  /** Primary to backup: what changed in an epoch. */
  | { kind: 'checkpoint'; generation: number; epoch: number; pages: NumberedPage[]; rest: GuestRest }
  /** Backup to primary. */
  | { kind: 'checkpoint held'; generation: number; epoch: number };

/** A heartbeat says how far its sender is: the primary how many outputs are outside, the backup how many entries it has replayed. */
export interface Heartbeat {
  generation: number;
  released: number;
  consumedSeq: number;
}

export type ReplicaInput =
  /** Virtual time; also lets timers go off. */
  | { kind: 'time'; nowMs: number }
  /** The live guest runs so many attempts at most, until it waits, or has made so many log entries. */
  | { kind: 'run'; attempts: number; entriesMax: number }
  /** The backup replays so many entries at most. */
  | { kind: 'replay'; entriesMax: number }
  | { kind: 'log bytes'; from: ServerId; generation: number; bytes: Uint8Array }
  /** The streams to a server are cut, or whole again. */
  | { kind: 'link'; peer: ServerId; up: boolean }
  | { kind: 'heartbeat'; from: ServerId; heartbeat: Heartbeat }
  | { kind: 'transfer'; from: ServerId; message: TransferMessage }
  /** Answer to a test-and-set: who owns the flag of that generation, or of a later one; `NOBODY` where no answer came. */
  | { kind: 'flag'; generation: number; owner: ServerId }
  /** The disk has done a request; or, without bounce buffers, has put part of a read's data into the guest's memory. */
  | { kind: 'disk done'; id: number; status: 'ok' | 'error'; data: Uint8Array | undefined }
  | { kind: 'disk data'; id: number; offset: number; bytes: Uint8Array }
  | { kind: 'frame'; frame: Uint8Array }
  | { kind: 'console'; byte: number }
  /** Random bytes, as many as were wanted. */
  | { kind: 'entropy'; bytes: Uint8Array }
  /** A server that can be the new backup. */
  | { kind: 'server found'; server: ServerId }
  /** The server is to be emptied: whatever this machine is, another has to be it. */
  | { kind: 'leave' };

export type ReplicaEffect =
  | { kind: 'log bytes'; to: ServerId; generation: number; bytes: Uint8Array }
  | { kind: 'heartbeat'; to: ServerId; heartbeat: Heartbeat }
  | { kind: 'transfer'; to: ServerId; message: TransferMessage }
  | { kind: 'test-and-set'; generation: number }
  /** To the shared disk, or the server's own. */
  | { kind: 'disk'; request: DiskRequest }
  /** Something leaves the machine, for the console or the network. */
  | { kind: 'output'; output: number; made: Output; heldForMs: number }
  /** A frame that tells the network where the guest is. */
  | { kind: 'announce'; frame: Uint8Array }
  /** The guest wants so many random bytes. Asked again at each event until they come. */
  | { kind: 'entropy wanted'; byteCount: number }
  /** The guest made an output; on the backup, the replay came past it. */
  | { kind: 'made'; output: number; made: Output }
  | { kind: 'find server' }
  | { kind: 'goes live' }
  | { kind: 'halts' }
  /** The backup cannot follow the log. */
  | { kind: 'diverged'; explanation: string };

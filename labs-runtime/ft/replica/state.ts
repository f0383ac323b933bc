/**
 * All that a replica knows, as plain data: a search copies it at every event and recognises states that it has met. What never changes (options,
 * frozen) is shared between copies, and so are arrays of bytes, which nobody writes to.
 */
import type { DiskRequest } from '../../emulator/machine.ts';
import type { Stretch } from '../disk-queue.ts';
import type { GuestState } from './guest-slot.ts';
import type { NumberedOutput, NumberedPage, ServerId } from './messages.ts';
import { NOBODY } from './messages.ts';
import type { ReplicaOptions } from './options.ts';

/**
 * - `receiving`: it is being made from pages that arrive;
 * - `backup`: follows the primary; `primary`: its guest is live, with a backup or alone; `halted`: it has stopped itself.
 */
export type ReplicaRole = 'receiving' | 'backup' | 'primary' | 'halted';

/** An output that waits at the gate. */
export interface HeldOutput extends NumberedOutput {
  /** The gate's number for it, from 1 in each pair. */
  operation: number;
  madeAtMs: number;
}

/** A request that the disk has done and the guest has not been told of. */
export interface DiskResult {
  id: number;
  status: 'ok' | 'error';
  data: Uint8Array | undefined;
}

export interface DiskState {
  /** What the guest has asked for and not been answered, oldest first. */
  pending: DiskRequest[];
  /** What this host has to see done by the disk, and is not done. */
  undone: DiskRequest[];
  /** Requests whose turn it is, and that the output rule or a backup's read still holds. */
  atTurn: number[];
  results: DiskResult[];
  /** Where the backup reads for itself: reads that are logged as done and that it may still have to do (4.2), by the entry's number. */
  reads: ({ seq: number } & Stretch)[];
}

/** An entry that the backup has not replayed, as far as the primary has heard. */
export interface Unreplayed {
  seq: number;
  position: number;
}

export interface ReplicaState {
  id: ServerId;
  role: ReplicaRole;
  /** The other machine of the pair, or the one that pages go to or come from. */
  peer: ServerId;
  /** Number of the pair, from 1: each new backup makes a new one (2.3, 3.1). */
  generation: number;
  nowMs: number;
  /** When the pair was made: its parts count time from there. */
  madeAtMs: number;
  /** Number of the entry, or of the checkpoint, that says that the guest is off and has everything outside; 0 while there is none. */
  finishedSeq: number;

  guest: GuestState;
  /** It waits for something to come in. */
  isIdle: boolean;
  isOff: boolean;
  isStalledByChannel: boolean;
  isStalledByGate: boolean;
  /** Stopped for the last step of a migration. */
  isSwitching: boolean;
  /** It was another server's before: the network has to be told where it is. */
  hasMoved: boolean;
  /** Where the machine is, in attempts. */
  position: number;
  /** When the guest wants its timer interrupt, in ticks; -1 if not. */
  timerTicks: number;
  /** Its latest reading of the clock, in ticks of a microsecond. */
  clockTicks: number;
  /** How many random bytes it waits for. */
  entropyWanted: number;
  /** How many outputs it has made, and how many of them are outside as far as this machine knows. */
  outputs: number;
  released: number;

  /** The parts; those that a role has no use for are null. */
  channel: unknown;
  outputGate: unknown;
  failover: unknown;
  lag: unknown;
  migrate: unknown;
  checkpoint: unknown;
  diskQueue: unknown;
  disk: DiskState;

  /** Primary with a backup. */
  appendedSeq: number;
  appendedAtMs: number;
  acknowledgedSeq: number;
  unreplayed: Unreplayed[];
  /** Share of the processor that the guest gets, in percent. */
  sharePercent: number;
  operations: number;
  held: HeldOutput[];
  /** Number of the last epoch held, and when the present one began. */
  epoch: number;
  epochAtMs: number;

  /** Backup: entries handed over and not replayed, and numbers of the last handed over and the last replayed. */
  entries: Uint8Array[];
  deliveredSeq: number;
  consumedSeq: number;
  /** It listens no more: a failure was declared, and what it holds is the end of the log. */
  isAtEnd: boolean;
  /** Outputs that the replay has passed and that may not be outside. */
  inDoubt: NumberedOutput[];

  /** Source of a migration: the pages as its part counts them for sent, by number. Destination: those that have come. */
  pages: Uint8Array[];
  /** The server that becomes the backup; `NOBODY` while there is none. */
  destination: ServerId;
  /** Number of the pair that the present attempt is to make: each attempt has one of its own, so that its messages are told apart. */
  attempt: number;
  /** When the other end of the migration was last heard, or first spoken to. */
  transferAtMs: number;
  /** Stopped, and waiting for the disk before the rest goes over. */
  isQuiescing: boolean;
  /** Number of the entry up to which the backup has to follow before this primary leaves; 0 while it stays. */
  leavesAfterSeq: number;
  /** It says nothing more to its backup, for that to take over. */
  isSilent: boolean;
}

/** A disk of which nothing was asked yet. */
export function createDisk(): DiskState {
  return { pending: [], undone: [], atTurn: [], results: [], reads: [] };
}

/** A machine that has just started on a server, alone, with its guest live. */
export function createReplica(id: ServerId, guest: GuestState, options: ReplicaOptions): ReplicaState {
  return {
    id,
    role: 'primary',
    peer: NOBODY,
    generation: 0,
    nowMs: 0,
    madeAtMs: 0,
    finishedSeq: 0,
    guest,
    isIdle: false,
    isOff: false,
    isStalledByChannel: false,
    isStalledByGate: false,
    isSwitching: false,
    hasMoved: false,
    position: 0,
    timerTicks: -1,
    clockTicks: 0,
    entropyWanted: 0,
    outputs: 0,
    released: 0,
    channel: null,
    outputGate: null,
    failover: null,
    lag: null,
    migrate: null,
    checkpoint: null,
    diskQueue: options.parts.diskQueue.start(options.diskQueue),
    disk: createDisk(),
    appendedSeq: 0,
    appendedAtMs: 0,
    acknowledgedSeq: 0,
    unreplayed: [],
    sharePercent: 100,
    operations: 0,
    held: [],
    epoch: 0,
    epochAtMs: 0,
    entries: [],
    deliveredSeq: 0,
    consumedSeq: 0,
    isAtEnd: false,
    inDoubt: [],
    pages: [],
    destination: NOBODY,
    attempt: 0,
    transferAtMs: 0,
    isQuiescing: false,
    leavesAfterSeq: 0,
    isSilent: false,
  };
}

/** A server's machine while it is made from pages of another. */
export function createReceiving(
  id: ServerId,
  from: ServerId,
  generation: number,
  guest: GuestState,
  options: ReplicaOptions,
): ReplicaState {
  return { ...createReplica(id, guest, options), role: 'receiving', peer: from, generation };
}

/** Puts pages where their numbers say. */
export function placePages(into: Uint8Array[], pages: readonly NumberedPage[]): void {
  for (const { index, bytes } of pages) into[index] = bytes;
}

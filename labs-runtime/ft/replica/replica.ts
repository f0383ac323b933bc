/**
 * One server's machine under the protocol: takes one input at a time, and returns what is to be done. Its parts' effects are each other's inputs;
 * what crosses to the other server, the storage, the disk or the clients is the caller's to carry out. Walk one, from end to end.
 * A replica begins as a primary or as the destination of a migration; it may become backup, primary, a primary alone, and primary of a new
 * pair. VMware FT, sections 2 and 3.
 */
import type { Machine } from '../../emulator/machine.ts';
import type { DiskQueueEffect } from '../disk-queue.ts';
import { canReplay, replay } from './backup.ts';
import { leave, logDeparture } from './departure.ts';
import { issue } from './disk-requests.ts';
import { diskData, diskDone, tellGuest } from './disk-results.ts';
import { carryOutCheckpoint, endEpoch, takeCheckpoint, takeCheckpointHeld } from './epochs.ts';
import type { GuestSlot, GuestState } from './guest-slot.ts';
import { control, fireTimer, runGuest, takeConsoleByte, takeEntropy, takeFrame } from './guest.ts';
import type { Host, LocalDisk } from './host.ts';
import { canRun, isLogging } from './host.ts';
import type { ReplicaEffect, ReplicaInput, TransferMessage } from './messages.ts';
import type { PartName, PartTypes, ReplicaOptions, ReplicaParts } from './options.ts';
import { carryOutGate } from './outputs.ts';
import { carryOutChannel, takeHeartbeat, takeLogBytes, tellChannelOfLink, tellPairTime } from './pair.ts';
import { logFinished } from './power-off.ts';
import {
  becomeBackup,
  carryOutMigrate,
  loseWayTo,
  migrateTo,
  sayReadyAgain,
  seekBackup,
  takePages,
  finishMigration,
  takeReady,
  takeRoundHeld,
  watchMigration,
} from './redundancy.ts';
import type { ReplicaState } from './state.ts';
import { announce, carryOutFailover, takeFlag } from './take-over.ts';

/** Who carries out what each part asks for. */
const responsible: { [Name in PartName]: (host: Host, effect: PartTypes[Name]['effect']) => void } = {
  channel: carryOutChannel,
  outputGate: carryOutGate,
  failover: carryOutFailover,
  lag: (host, { percent }) => (host.state.sharePercent = percent),
  migrate: carryOutMigrate,
  checkpoint: carryOutCheckpoint,
  diskQueue: carryOutDiskQueue,
};

function carryOutDiskQueue(host: Host, effect: DiskQueueEffect): void {
  if (effect.kind === 'issue') return issue(host, effect.id);
  if (!host.state.isQuiescing) return;
  if (isLogging(host)) logDeparture(host);
  else finishMigration(host);
}

/** Where a replica's machine and disk are. */
export interface ReplicaPlace {
  options: ReplicaOptions;
  slot: GuestSlot;
  localDisk: LocalDisk | undefined;
}

/** Tells a replica one thing; returns what is to be done, in order. Changes `state` in place, and only that. */
export function stepReplica(state: ReplicaState, input: ReplicaInput, place: ReplicaPlace): ReplicaEffect[] {
  return new Step(state, place).take(input);
}

class Step implements Host {
  readonly state: ReplicaState;
  readonly options: ReplicaOptions;
  readonly slot: GuestSlot;
  readonly localDisk: LocalDisk | undefined;
  readonly #effects: ReplicaEffect[] = [];
  #machine: Machine | undefined;

  constructor(state: ReplicaState, { options, slot, localDisk }: ReplicaPlace) {
    this.state = state;
    this.options = options;
    this.slot = slot;
    this.localDisk = localDisk;
  }

  get machine(): Machine {
    this.#machine ??= this.slot.open(this.state.guest);
    return this.#machine;
  }

  adopt(guest: GuestState): void {
    this.#machine = undefined;
    this.state.guest = guest;
  }

  // An arrow, since it is handed on without its object.
  emit = (effect: ReplicaEffect): void => {
    this.#effects.push(effect);
  };

  tell<Name extends PartName>(name: Name, input: PartTypes[Name]['input']): void {
    const part: ReplicaParts[Name] = this.options.parts[name];
    const partState = this.state[name];
    if (partState === null) return;
    for (const effect of part.step(partState, input)) responsible[name](this, effect);
  }

  take(input: ReplicaInput): ReplicaEffect[] {
    if (this.state.role !== 'halted' || this.#isForOwnDisk(input)) this.#dispatch(input);
    logFinished(this);
    // A guest that goes on, or is live now, gets what the disk has done meanwhile.
    if (this.state.disk.results.length > 0) tellGuest(this);
    if (this.state.entropyWanted > 0 && canRun(this)) this.emit({ kind: 'entropy wanted', byteCount: this.state.entropyWanted });
    if (this.#machine !== undefined) this.state.guest = this.slot.save();
    return this.#effects;
  }

  /** A machine that a power-off has halted still sees its own disk through, which is part of the guest (4.1). */
  #isForOwnDisk({ kind }: ReplicaInput): boolean {
    return kind === 'disk done' && this.state.finishedSeq > 0 && this.options.disk === 'local';
  }

  #dispatch(input: ReplicaInput): void {
    switch (input.kind) {
      case 'time':
        return this.#tick(input.nowMs);
      case 'run':
        return runGuest(this, input.attempts, input.entriesMax);
      case 'replay':
        return replay(this, input.entriesMax);
      case 'log bytes':
        return takeLogBytes(this, input.from, input.generation, input.bytes);
      case 'link':
        tellChannelOfLink(this, input.peer, input.up);
        return input.up ? sayReadyAgain(this, input.peer) : loseWayTo(this, input.peer);
      case 'heartbeat':
        return takeHeartbeat(this, input.from, input.heartbeat);
      case 'transfer':
        return this.#takeMessage(input.from, input.message);
      case 'flag':
        return takeFlag(this, input.generation, input.owner);
      case 'disk done':
        return diskDone(this, input);
      case 'disk data':
        return diskData(this, input.id, input.offset, input.bytes);
      case 'frame':
        return takeFrame(this, input.frame);
      case 'console':
        return takeConsoleByte(this, input.byte);
      case 'entropy':
        return takeEntropy(this, input.bytes);
      case 'server found':
        return migrateTo(this, input.server);
      case 'leave':
        return leave(this);
    }
  }

  #tick(nowMs: number): void {
    const { state, options } = this;
    state.nowMs = nowMs;
    fireTimer(this);
    const isQuiet = nowMs - state.appendedAtMs >= options.failover.heartbeatEveryMs;
    if (options.mechanisms.keepsLogAlive && isQuiet && isLogging(this) && !state.isSilent) control(this, 'alive');
    tellPairTime(this);
    announce(this);
    endEpoch(this);
    watchMigration(this);
    seekBackup(this);
  }

  /** Messages of another pair are of no interest: a generation has one primary and one backup. */
  #takeMessage(from: number, message: TransferMessage): void {
    const { state } = this;
    const isOfPair = message.generation === state.generation && from === state.peer;
    if (message.kind === 'round held') {
      if (message.generation === state.attempt && from === state.destination) takeRoundHeld(this);
      return;
    }
    if (!isOfPair) return;
    switch (message.kind) {
      case 'pages':
        return takePages(this, message);
      case 'image':
        return state.role === 'receiving' ? becomeBackup(this, message) : undefined;
      case 'ready':
        return takeReady(this);
      case 'checkpoint':
        return state.role === 'backup' ? takeCheckpoint(this, message) : undefined;
      case 'checkpoint held':
        return state.role === 'primary' ? takeCheckpointHeld(this, message.epoch) : undefined;
    }
  }
}

/** Whether a backup holds an entry that it could replay now. */
export function canReplayEntry(state: ReplicaState, options: ReplicaOptions): boolean {
  return state.role === 'backup' && canReplay({ state, options });
}

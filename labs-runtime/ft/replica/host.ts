/**
 * What a replica's mechanisms stand on while one event is handled: the state, the machine, the way out, and the parts. A part's effects go to
 * whoever is responsible for them, which is settled in one place (`replica.ts`); so no mechanism needs to know the others.
 */
import type { Machine } from '../../emulator/machine.ts';
import type { GuestSlot, GuestState } from './guest-slot.ts';
import type { ReplicaEffect } from './messages.ts';
import { NOBODY } from './messages.ts';
import type { PartName, PartTypes, ReplicaOptions } from './options.ts';
import type { ReplicaState } from './state.ts';

/** Chunks of a disk that is the server's own: immutable arrays by number, as the pages of a snapshot are. */
export interface LocalDisk {
  readonly chunks: readonly Uint8Array[];
  replace(index: number, bytes: Uint8Array): void;
}

export interface Host {
  readonly state: ReplicaState;
  readonly options: ReplicaOptions;
  readonly slot: GuestSlot;
  readonly localDisk: LocalDisk | undefined;
  /** Its machine, in the state in which the last event left it. */
  readonly machine: Machine;
  /** Puts another state in the place of its machine's. */
  adopt(guest: GuestState): void;
  /** Asks the world around to do something. */
  emit(effect: ReplicaEffect): void;
  /** Tells a part one thing, and has its effects carried out. A part that the present role has no use for is told nothing. */
  tell<Name extends PartName>(part: Name, input: PartTypes[Name]['input']): void;
}

/** Whether the replica is one of a pair. */
export function isPaired({ state }: Host): boolean {
  return state.peer !== NOBODY && (state.role === 'primary' || state.role === 'backup');
}

/** Whether what happens to the guest goes into a log. */
export function isLogging(host: Host): boolean {
  return host.options.follows === 'log' && host.state.role === 'primary' && isPaired(host);
}

/** Whether something from outside can reach the guest. One that is stopped for a switch still takes completions of the disk. */
export function canInject({ state }: Pick<Host, 'state'>): boolean {
  return state.role === 'primary' && !state.isOff && !state.isStalledByChannel && !state.isStalledByGate;
}

/** Whether the guest is live and nothing keeps it from running. */
export function canRun(host: Pick<Host, 'state'>): boolean {
  return canInject(host) && !host.state.isSwitching;
}

/** Milliseconds since the pair was made: the time that its parts know. */
export function pairMs({ state }: Host): number {
  return state.nowMs - state.madeAtMs;
}

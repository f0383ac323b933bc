/**
 * What the page of the machine room and its worker say to each other. The worker has the machine (machine-host.ts), the page draws it
 * (room.svelte.ts); nothing else passes between them, so that a test can stand in for either.
 */
import type { BootOptions } from './boot-options.ts';
import type { Look, MachineView } from './machine-view.ts';

export type ToMachine =
  /** Another image; the machine that is there goes on if this one cannot be loaded. */
  | { kind: 'boot'; name: string; image: Uint8Array; options: BootOptions }
  /** The same image from the start, with its disk as it is or another, running or at rest as the machine is now. */
  | { kind: 'reset'; options: BootOptions; disk?: Uint8Array }
  /** Goes on in the present: from the past, by way of all that has happened since. */
  | { kind: 'run' }
  | { kind: 'pause' }
  | { kind: 'step' }
  | { kind: 'step-back' }
  /** To a position in the past, or on to one to come; rests there. */
  | { kind: 'go-to'; position: number }
  /** Forgets what came after this point of the past, so that another future can begin. */
  | { kind: 'forget-future' }
  | { kind: 'type'; bytes: Uint8Array }
  /** The console has drawn so many bytes more. */
  | { kind: 'shown'; byteCount: number }
  | { kind: 'look'; look: Look }
  | { kind: 'hash' }
  /** Asks for the content of the disk as it is at this point. */
  | { kind: 'read-disk' };

export type FromMachine =
  | { kind: 'booted'; machine: MachineSummary }
  /** The image cannot be loaded; the message is for the reader. The machine before it goes on. */
  | { kind: 'refused'; message: string }
  | { kind: 'status'; status: MachineStatus }
  | { kind: 'view'; view: MachineView }
  /** For the terminal, which answers with `shown`. Begins with a full reset where the text before is not true any more. */
  | { kind: 'console'; bytes: Uint8Array }
  | { kind: 'hash'; position: number; hash: string }
  | { kind: 'disk'; bytes: Uint8Array }
  /** An error of ours: the machine is gone. */
  | { kind: 'failed'; message: string };

/** The machine that was booted. */
export interface MachineSummary {
  name: string;
  options: BootOptions;
  /** Address of the first byte of memory. */
  ramStart: number;
}

/**
 * - `paused`: at the reader's wish, in the present or in the past;
 * - `running`: the guest has work to do;
 * - `waiting`: it runs, and has nothing to do before input comes or, with `timer`, before its timer rings;
 * - `travelling`: on the way to `goal`, a position of the run that has been;
 * - `off`: the guest asked for it.
 */
export type Activity =
  | { kind: 'paused' }
  | { kind: 'running' }
  | { kind: 'waiting'; timer: boolean }
  | { kind: 'travelling'; goal: number }
  | { kind: 'off'; asked: 'power-off' | 'reboot' };

export interface MachineStatus {
  activity: Activity;
  position: number;
  /** How far the run has come; beyond `position` if this is its past. */
  endPosition: number;
  /** Nothing of the run lies ahead: what is typed now reaches the guest. */
  isPresent: boolean;
  /** Instruction attempts in a second of the reader's time, lately; zero at rest. */
  attemptsPerSecond: number;
  /** False once the log had become too long to be kept. */
  hasPast: boolean;
}

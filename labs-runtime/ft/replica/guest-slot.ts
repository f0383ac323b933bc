/**
 * The machine of a server, as a search sees it: one machine that goes back and forth between many states of it. A state is taken out once an
 * event is over, and put back only where the next event needs the machine in another one.
 */
import { Machine } from '../../emulator/machine.ts';
import type { MachineOptions, Snapshot } from '../../emulator/machine.ts';

/** A machine's state, with its hash. Never changed once made. */
export class GuestState {
  readonly snapshot: Snapshot;
  /** As `Machine.stateHash` gives it; empty where nobody asks. */
  readonly hash: string;

  constructor(snapshot: Snapshot, hash: string) {
    this.snapshot = snapshot;
    this.hash = hash;
  }
}

/** Where a replica's machine comes from. */
export interface GuestSlot {
  /** The machine, in that state. It may run on until `save`. */
  open(state: GuestState): Machine;
  /** The state that the machine is in. */
  save(): GuestState;
  /** The state of a machine that has this snapshot. */
  load(snapshot: Snapshot): GuestState;
}

/** For a search: states are kept and come back. */
export class RewindingGuest implements GuestSlot {
  readonly #machine: Machine;
  #inside: GuestState | undefined;

  constructor(options: Partial<MachineOptions>) {
    this.#machine = new Machine(options);
  }

  open(state: GuestState): Machine {
    if (this.#inside !== state) this.#machine.restore(state.snapshot);
    this.#inside = undefined;
    return this.#machine;
  }

  save(): GuestState {
    const snapshot = this.#machine.snapshot();
    this.#inside = new GuestState(snapshot, this.#machine.stateHash(snapshot));
    return this.#inside;
  }

  load(snapshot: Snapshot): GuestState {
    this.#machine.restore(snapshot);
    return this.save();
  }
}

/** For a run that never goes back: the machine is its own state, and nothing is copied. */
export class RunningGuest implements GuestSlot {
  readonly #machine: Machine;
  readonly #state: GuestState;

  constructor(options: Partial<MachineOptions>) {
    this.#machine = new Machine(options);
    this.#state = new GuestState(this.#machine.snapshot(), '');
  }

  open(): Machine {
    return this.#machine;
  }

  save(): GuestState {
    return this.#state;
  }

  load(snapshot: Snapshot): GuestState {
    this.#machine.restore(snapshot);
    return this.#state;
  }
}

/**
 * The machine of a server, as a search sees it: one machine that goes back and forth between many states of it. A state is taken out of the machine
 * when that leaves it, and put back only where the next event needs the machine in another one.
 */
import { Machine } from '../../emulator/machine.ts';
import type { MachineOptions, Snapshot } from '../../emulator/machine.ts';

/** A state of a machine. As long as the machine is in it, it is taken out of there only for who asks. */
export class GuestState {
  readonly #machine: Machine;
  #snapshot: Snapshot | undefined;
  #hash: string | undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get snapshot(): Snapshot {
    this.#snapshot ??= this.#machine.snapshot();
    return this.#snapshot;
  }

  /** As `Machine.stateHash` gives it. */
  get hash(): string {
    this.#hash ??= this.#machine.stateHash(this.#snapshot);
    return this.#hash;
  }

  /** The machine goes on, or into another state: what was not taken out of it by now is taken. */
  leave(): void {
    void this.snapshot;
    void this.hash;
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

/** For a search: states come back. */
export class RewindingGuest implements GuestSlot {
  readonly #machine: Machine;
  #inside: GuestState | undefined;

  constructor(options: Partial<MachineOptions>) {
    this.#machine = new Machine(options);
  }

  open(state: GuestState): Machine {
    const isInside = this.#inside === state;
    // First of all: what is left may have to be hashed, and the machine is still in it.
    this.#leave();
    if (!isInside) this.#machine.restore(state.snapshot);
    return this.#machine;
  }

  save(): GuestState {
    this.#inside = new GuestState(this.#machine);
    return this.#inside;
  }

  load(snapshot: Snapshot): GuestState {
    this.#leave();
    this.#machine.restore(snapshot);
    return this.save();
  }

  #leave(): void {
    this.#inside?.leave();
    this.#inside = undefined;
  }
}

/** For a run that never goes back: the machine is its own state, and nothing is copied. */
export class RunningGuest implements GuestSlot {
  readonly #machine: Machine;

  constructor(options: Partial<MachineOptions>) {
    this.#machine = new Machine(options);
  }

  open(): Machine {
    return this.#machine;
  }

  /** Another object each time, since a hash that was asked for is that of its moment. */
  save(): GuestState {
    return new GuestState(this.#machine);
  }

  load(snapshot: Snapshot): GuestState {
    this.#machine.restore(snapshot);
    return this.save();
  }
}

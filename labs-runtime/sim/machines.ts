/** The two machines of a world, which start with the same guest (VMware FT, section 2). */
import type { Snapshot } from '../emulator/machine.ts';
import { Machine } from '../emulator/machine.ts';
import type { Role } from '../ft/channel-api.ts';

/**
 * A machine for each host. Worlds that come one after the other may share them, as those of a search do: a boot puts back only the pages that a run
 * changed, and what was decoded of the guest's code stays decoded.
 */
export class Machines {
  readonly #machines: Readonly<Record<Role, Machine>>;
  readonly #booted: Snapshot;

  constructor(image: Uint8Array, ramBytes: number) {
    this.#machines = { primary: new Machine({ ramBytes }), backup: new Machine({ ramBytes }) };
    this.#machines.primary.load(image);
    this.#booted = this.#machines.primary.snapshot();
  }

  /** A host's machine, with the guest loaded and not run yet. Whoever had it before is done with it. */
  boot(role: Role): Machine {
    const machine = this.#machines[role];
    machine.restore(this.#booted);
    return machine;
  }
}

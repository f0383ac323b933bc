/** What tests of guests share: a machine with a guest on it, and a run that answers clock reads and gathers what was printed. */
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { guests, type GuestName } from '../../../labs-runtime/guests/index.ts';

/** A machine that has just started the guest. */
export async function booted(guest: GuestName): Promise<Machine> {
  const machine = new Machine({ ramBytes: guests[guest].ramBytes });
  machine.load(await guests[guest].load());
  return machine;
}

/** Runs to a position, or until the guest waits or is off. Clock reads get `clock`'s values. Returns what the guest printed, and how it ended. */
export function runTo(machine: Machine, until: number, clock: () => bigint = () => 0n): { text: string; end: string } {
  let text = '';
  for (;;) {
    const stop = machine.run(until);
    if (stop.reason === 'clock') machine.provideClock(clock());
    else if (stop.reason === 'output') text += String.fromCharCode(stop.byte);
    else return { text, end: stop.reason };
  }
}

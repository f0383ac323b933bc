/** What a guest has asked of its timer, as whoever keeps the time for it sees it. The privileged architecture, section 3.2.1 (mtime and mtimecmp). */
import type { Machine } from '../emulator/machine.ts';

/** Number of the CSR mip, and the bit of the timer in it (section 3.1.9). */
const MIP = 0x344;
const TIMER_PENDING = 1 << 7;

/** When the guest wants its next timer interrupt, in ticks of mtime: all ones if never; undefined while one is raised that it has not answered. */
export function timerWanted(machine: Machine): bigint | undefined {
  return (machine.csr(MIP)! & TIMER_PENDING) === 0 ? machine.interruptTimer() : undefined;
}

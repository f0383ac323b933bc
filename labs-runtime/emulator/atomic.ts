/**
 * The A extension: LR.W, SC.W and the read-modify-write AMOs, on aligned words of RAM. Misaligned ones trap, and so do those on
 * device registers. The aq and rl bits order nothing here: all harts see every store at once. Unprivileged ISA, chapter on the A extension.
 */
import type { Bus } from './bus.ts';
import type { Hart } from './hart.ts';
import { ACCESS } from './pmp.ts';
import { NO_RESERVATION } from './ram.ts';
import { CAUSE, raise } from './trap.ts';

const LOAD_RESERVED = 2;
const STORE_CONDITIONAL = 3;

/** New memory value from the old one and rs2, by funct5. */
const OPERATIONS = new Map<number, (memory: number, register: number) => number>([
  [0x00, (memory, register) => memory + register],
  [0x01, (_memory, register) => register],
  [0x04, (memory, register) => memory ^ register],
  [0x08, (memory, register) => memory | register],
  [0x0c, (memory, register) => memory & register],
  [0x10, (memory, register) => Math.min(memory, register)],
  [0x14, (memory, register) => Math.max(memory, register)],
  [0x18, (memory, register) => Math.min(memory >>> 0, register >>> 0)],
  [0x1c, (memory, register) => Math.max(memory >>> 0, register >>> 0)],
]);

/** Attempts the atomic instruction. Returns whether it retired; the caller moves pc on. */
export function attemptAtomic(hart: Hart, bus: Bus, instruction: number): boolean {
  const funct5 = instruction >>> 27;
  const rs2 = (instruction >>> 20) & 0x1f;
  const isLoadReserved = funct5 === LOAD_RESERVED && rs2 === 0;
  const operation = OPERATIONS.get(funct5);
  const isKnown = isLoadReserved || funct5 === STORE_CONDITIONAL || operation !== undefined;
  if (((instruction >>> 12) & 7) !== 2 || !isKnown) return fail(hart, CAUSE.illegalInstruction, instruction);

  const address = hart.registers[(instruction >>> 15) & 0x1f]!;
  if ((address & 3) !== 0) return fail(hart, isLoadReserved ? CAUSE.loadMisaligned : CAUSE.storeMisaligned, address);
  const offset = bus.ramOffset(address, 4);
  const isAllowed = offset >= 0 && hart.mayAccess(isLoadReserved ? ACCESS.load : ACCESS.store, address, 4);
  if (!isAllowed) return fail(hart, isLoadReserved ? CAUSE.loadAccessFault : CAUSE.storeAccessFault, address);

  const { ram } = bus;
  const index = offset >>> 2;
  const memory = ram.words[index]!;
  const register = hart.registers[rs2]!;
  let result = memory;
  if (isLoadReserved) {
    ram.reserve(hart.index, index);
  } else if (operation !== undefined) {
    ram.store(offset, 4, operation(memory, register));
  } else {
    const isReserved = ram.reservations[hart.index] === index;
    ram.reservations[hart.index] = NO_RESERVATION; // An SC gives up the reservation whether or not it succeeds.
    if (isReserved) ram.store(offset, 4, register);
    result = isReserved ? 0 : 1;
  }
  const rd = (instruction >>> 7) & 0x1f;
  if (rd !== 0) hart.registers[rd] = result;
  return true;
}

function fail(hart: Hart, cause: number, value: number): false {
  raise(hart, cause, value);
  return false;
}

/**
 * Programs and schedules for the emulator's property tests: machine code from a seed, with the kinds of instruction that a real guest has
 * in it, and a driver that gives every stop its answer and every position its events.
 */
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import type { Prng } from '../../../labs-runtime/sim/prng.ts';
import type { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Code } from './assembler.ts';
import {
  addi,
  arithmetic,
  auipc,
  branches,
  bytesOf,
  CLINT,
  csrrs,
  csrrw,
  immediates,
  jal,
  lbu,
  lengthOf,
  li,
  lui,
  lw,
  MRET,
  MTIME,
  MTIMECMP,
  NOP,
  RAM,
  sb,
  stores,
  sw,
  typeI,
  typeR,
  typeS,
  UART,
  WFI,
} from './assembler.ts';
import { ALLOW_ALL, CSR, MPIE, set } from './modes.ts';

const OPCODES = [0x03, 0x0f, 0x13, 0x17, 0x23, 0x2f, 0x33, 0x37, 0x63, 0x67, 0x6f, 0x73];
const CSRS = [0x300, 0x301, 0x304, 0x340, 0x341, 0x342, 0x343, 0x344, 0xb00, 0xb02, 0xb80, 0xb82, 0xc00, 0xc01, 0xf14];
const AMO_FUNCTIONS = [0, 1, 2, 3, 4, 8, 0xc, 0x10, 0x14, 0x18, 0x1c];

/** Registers that hold addresses in the soup and are seldom overwritten: RAM's data and code, CLINT, UART, mtime. */
const BASES = [24, 25, 26, 27, 28];

/** A random instruction word: now and then anything at all, mostly with an opcode that exists. */
export function randomWord(prng: Prng): number {
  if (prng.int(4) === 0) return prng.next();
  return ((prng.next() & ~0x7f) | prng.pick(OPCODES)) >>> 0;
}

/** A random instruction that mostly does something: accesses go to RAM and devices, jumps go on a little, stores hit code. */
function randomInstruction(prng: Prng): number {
  const rd = prng.int(24);
  const [rs1, rs2, base] = [prng.int(24), prng.int(24), prng.pick(BASES)];
  const offset = prng.int(8) === 0 ? prng.int(64) : 4 * prng.int(16);
  switch (prng.int(16)) {
    case 0:
      return typeI(0x03, prng.pick([0, 1, 2, 4, 5]), rd, base, offset);
    case 1:
      return typeS(prng.int(3), rs2, base, offset);
    case 2:
      return typeR(0x2f, 2, prng.pick(AMO_FUNCTIONS) << 2, rd, prng.pick([24, 25]), prng.int(2) * rs2);
    case 3:
      return Object.values(branches)[prng.int(6)]!(rs1, rs2, 4 * (1 + prng.int(12)));
    case 4:
      return jal(rd, 4 * (1 + prng.int(12)));
    case 5:
      return typeI(0x73, prng.pick([1, 2, 3, 5, 6, 7]), rd, rs1, prng.pick(CSRS));
    case 6:
      return prng.pick([WFI, MRET, 0x0000100f, 0x00000073, 0x00100073, randomWord(prng)]);
    case 7:
      return typeR(0x33, prng.int(8), prng.pick([0, 1, 0x20]), rd, rs1, rs2);
    case 8:
      return prng.int(2) === 0 ? sb(rs2, 27, 0) : lw(rd, 28, 0x18 + 4 * prng.int(2)); // an output, or a clock read
    default:
      return prng.int(2) === 0
        ? typeR(0x33, prng.int(8), prng.int(2), rd, rs1, rs2)
        : typeI(0x13, prng.pick([0, 2, 3, 4, 6, 7]), rd, rs1, prng.next());
  }
}

/**
 * Writes an instruction somewhere near: ahead, behind, over the very next word, over the end of a line or a page, as a whole or in part. The
 * store is the last of four instructions, so that the next word is 16 bytes from the first.
 */
function patch(prng: Prng): number[] {
  const distance = prng.pick([16, 16 + prng.int(4), 4 * prng.int(32), -4 * prng.int(32), 60 + prng.int(8), prng.int(4096) - 2048]);
  const store = prng.pick([stores.sw, stores.sw, stores.sh, stores.sb]);
  return [auipc(22, 0), ...li(23, randomInstruction(prng)), store(23, 22, distance)];
}

/**
 * A trap handler that keeps the soup going: it quiets every interrupt of its hart, steps over an instruction that trapped, and starts the soup
 * again (x31) if pc had come to where nothing can be fetched. Uses x29 and x30, and the bases of the hart's msip and of the UART in x26, x27.
 */
const HANDLER_CODE = [
  csrrs(29, 0x342, 0),
  branches.blt(29, 0, 4 * 9),
  addi(30, 0, 1),
  branches.beq(29, 30, 4 * 5),
  csrrs(29, 0x341, 0),
  addi(29, 29, 4),
  csrrw(0, 0x341, 29),
  MRET,
  csrrw(0, 0x341, 31),
  MRET,
  sw(0, 26, 0),
  csrrs(29, CSR.mhartid, 0),
  immediates.slli(29, 29, 3),
  lui(30, MTIMECMP >>> 12),
  arithmetic.add(30, 30, 29),
  sw(0, 30, 0),
  sb(0, 27, 3),
  lbu(29, 27, 0),
  lbu(29, 27, 2),
  lbu(29, 27, 5),
  MRET,
];

export interface ProgramOptions {
  /** Whether the soup runs in user mode: by default in machine mode. */
  isUser?: boolean;
  /** What memory protection lets user mode do: by default everything. */
  protection?: Code;
  /** Whether stores to the code around them are among the instructions; then the circle lies over the end of a page. */
  isSelfModifying?: boolean;
}

/** Random instructions in a circle, with the handler above for their traps and with all interrupts enabled; the same for all harts. */
export function randomProgram(
  seed: number,
  { isUser = false, protection = ALLOW_ALL, isSelfModifying = false }: ProgramOptions = {},
): Uint8Array {
  const prng = createPrng(seed);
  const start = [jal(0, 4 * (HANDLER_CODE.length + 1)), ...HANDLER_CODE];
  const hart = [...li(26, CLINT), csrrs(29, CSR.mhartid, 0), immediates.slli(29, 29, 2), arithmetic.add(26, 26, 29)];
  const bases = [...li(24, RAM + 0xc00), ...li(25, RAM + 0x200), ...hart, ...li(27, UART), ...li(28, MTIME - 0x18)];
  const traps = [...li(1, RAM + 4), csrrw(0, 0x305, 1), ...li(2, 0x888), csrrw(0, 0x304, 2)];
  const change = isUser ? [protection, set(CSR.mstatus, MPIE), csrrw(0, CSR.mepc, 31), MRET] : [addi(3, 0, 8), csrrw(0, 0x300, 3)];
  const enable = [addi(3, 0, 1), sb(3, 27, 1), ...change].flat(2);
  const before = [start, bases, traps].flat();
  const padding = isSelfModifying ? (0xd00 >> 2) - before.length - enable.length - 3 : 0;
  const entry = [auipc(31, 0), addi(31, 31, 4 * (enable.length + 2)), ...enable];
  const jump = padding > 0 ? [jal(0, 4 * (padding + 1)), ...Array.from({ length: padding }, () => NOP)] : [];
  const soup: number[] = [];
  while (soup.length < 0x180) soup.push(...(isSelfModifying && prng.int(6) === 0 ? patch(prng) : [randomInstruction(prng)]));
  return bytesOf([before, jump, entry, soup, jal(0, -4 * lengthOf(soup))]);
}

export interface Schedule {
  /** Positions in order, and what happens at each; an interrupt comes to the hart that the byte says. */
  events: { at: number; kind: 'software' | 'timer' | 'console'; byte: number }[];
  end: number;
}

export function randomSchedule(seed: number, end: number): Schedule {
  const prng = createPrng(seed);
  const events: Schedule['events'] = [];
  for (let at = prng.int(60); at < end; at += prng.int(60)) {
    events.push({ at, kind: prng.pick(['software', 'timer', 'console']), byte: prng.int(256) });
  }
  return { events, end };
}

/** A stop as the driver saw it, for comparing runs. */
export type Seen = string;

/**
 * Runs to the schedule's end with its events, gives each clock read a value made from its position, and stops as well at the positions in
 * `pauses`, where `onPause` may exchange the machine. Returns every stop that the guest caused, with its position, and the machine.
 */
export function drive(
  machine: Machine,
  schedule: Schedule,
  pauses: readonly number[] = [],
  onPause = (paused: Machine) => paused,
): [Seen[], Machine] {
  const seen: Seen[] = [];
  const events = [...schedule.events];
  const stops = [...new Set([...pauses, ...events.map((event) => event.at), schedule.end])].sort((a, b) => a - b);
  let current = machine;
  for (const until of stops) {
    for (;;) {
      const stop = current.run(until);
      if (stop.reason === 'position') break;
      seen.push(`${current.position} ${stop.reason}${stop.reason === 'output' ? ` ${stop.byte}` : ''}`);
      if (stop.reason === 'clock') current.provideClock(BigInt(current.position) * 0x1_0000_0003n);
      if (stop.reason === 'power-off' || stop.reason === 'reboot') return [seen, current];
    }
    if (pauses.includes(until)) current = onPause(current);
    while (events.length > 0 && events[0]!.at === until) {
      const event = events.shift()!;
      if (event.kind === 'console') current.receive(event.byte);
      else current.interrupt(event.kind === 'software' ? 3 : 7, event.byte % current.hartCount);
    }
  }
  return [seen, current];
}

/**
 * Some attempts of a run, each with its instruction and the log entries of its place: the figure in the chapter on determinism. The run is a real
 * one, made by the recorder when the page is built (walk one, step 2; FT paper, section 2.1).
 */
import { Machine, RAM_START } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEvent, Position } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { imageOf, type Program } from './programs.ts';

/** CSRs: mstatus with its bit MIE, mip, mie and mtvec. */
const [MSTATUS, INTERRUPTS_ON, PENDING, ENABLED, HANDLER] = [0x300, 8, 0x344, 0x304, 0x305];

export interface ExcerptOptions {
  program: Program;
  from: Position;
  to: Position;
  /** Positions at which the timer's interrupt is raised. */
  interruptsAt?: readonly Position[];
}

/** An attempt with its instruction, or a log entry in words. */
export interface Row {
  position: Position;
  text: string;
  isEntry: boolean;
}

/** The attempts from `from` up to `to`, without it, each entry before the attempt whose position it names. */
export function excerptOf({ program, from, to, interruptsAt = [] }: ExcerptOptions): Row[] {
  const machine = new Machine({ ramBytes: 8192 });
  machine.load(imageOf(program));
  const rows: Row[] = [];
  let entries = 0;
  const recorder = createRecorder({
    machine,
    clock: () => BigInt(machine.position),
    log: ({ at, event }) => rows.push({ position: at, text: `entry ${++entries}: ${wordsOf(event)}`, isEntry: true }),
    output: () => {},
  });
  while (machine.position < to) {
    const { position } = machine;
    if (interruptsAt.includes(position)) recorder.interrupt(7);
    const [, assembly] = program[(nextPc(machine) - RAM_START) / 4]!;
    recorder.run(position + 1);
    rows.push({ position, text: assembly, isEntry: false });
  }
  // An attempt comes after what was logged before it or for what it asked, and before what was logged for what it did.
  return rows.filter(({ position }) => position >= from).sort((a, b) => a.position - b.position || Number(b.isEntry) - Number(a.isEntry));
}

/** Where the next attempt is fetched from: the trap handler, if an interrupt is about to be taken. */
function nextPc(machine: Machine): number {
  const isTaken = (machine.csr(MSTATUS)! & INTERRUPTS_ON) !== 0 && (machine.csr(PENDING)! & machine.csr(ENABLED)!) !== 0;
  return isTaken ? machine.csr(HANDLER)! : machine.pc;
}

function wordsOf(event: LogEvent): string {
  switch (event.kind) {
    case 'clock':
      return `the clock said ${event.value}`;
    case 'interrupt':
      return `interrupt on line ${event.line}`;
    case 'output':
      return `output ${event.output}`;
    default:
      return event.kind;
  }
}

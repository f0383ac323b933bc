/**
 * Runs a test of the official suites to its verdict: it writes a word to the address of its symbol `tohost`, 1 for a pass and else twice the
 * failed test's number plus 1. The clock is driven by the position, so that a test runs the same way each time.
 */
import { RAM_START, type Machine } from '../../labs-runtime/emulator/machine.ts';
import type { Disk } from '../../labs-runtime/monitor/disk.ts';
import { Monitor } from '../../labs-runtime/monitor/monitor.ts';
import { createPrng } from '../../labs-runtime/sim/prng.ts';
import type { Host } from './host.ts';
import type { LogFile } from './log-file.ts';

export interface TestOptions {
  machine: Machine;
  host: Host;
  /** Address of `tohost`. */
  address: number;
  log: LogFile | undefined;
  disk: Disk;
  /** Of the bytes that the entropy device gives. */
  seed: number;
  /** Attempts, at most. */
  limit: number | undefined;
}

export type Verdict = { kind: 'pass' } | { kind: 'fail'; test: number } | { kind: 'no verdict'; why: string };

const LIMIT = 50_000_000;
/** Attempts between two looks at the word. */
const LOOK_ATTEMPTS = 1000;
const ATTEMPTS_A_TICK = 100;

export async function runTest(options: TestOptions): Promise<Verdict> {
  const { machine, host, address, log, disk, seed, limit = LIMIT } = options;
  const prng = createPrng(seed);
  const output: number[] = [];
  let skipped = 0n;
  const clock = () => BigInt(Math.floor(machine.position / ATTEMPTS_A_TICK)) + skipped;
  const monitor = new Monitor({
    machine,
    clock,
    consoleOutput: (byte) => void output.push(byte),
    log: (recorded) => log?.append(recorded),
    disk,
    entropy: (byteCount) => Uint8Array.from({ length: byteCount }, () => prng.int(256)),
  });
  for (;;) {
    const end = monitor.run(Math.min(LOOK_ATTEMPTS, limit - machine.position));
    if (output.length > 0) await host.write(Uint8Array.from(output.splice(0)));
    log?.note(false);
    const verdict = verdictOf(wordAt(machine, address));
    if (verdict !== undefined) return verdict;
    if (end.reason === 'power-off' || end.reason === 'reboot')
      return none(`the guest asked for a ${end.reason} and wrote nothing to tohost`);
    if (end.reason === 'waiting') {
      if (end.until === undefined) return none(`the guest waits for an interrupt that never comes, at position ${machine.position}`);
      if (end.until > clock()) skipped += end.until - clock();
    }
    if (machine.position >= limit) return none(`nothing was written to tohost in ${limit} attempts; --limit gives more`);
  }
}

function none(why: string): Verdict {
  return { kind: 'no verdict', why };
}

function verdictOf(word: number): Verdict | undefined {
  if (word === 0) return undefined;
  if (word === 1) return { kind: 'pass' };
  if ((word & 1) === 1) return { kind: 'fail', test: word >>> 1 };
  return none(`0x${word.toString(16)} was written to tohost, which is a command for a host and no verdict`);
}

function wordAt(machine: Machine, address: number): number {
  const bytes = machine.readRam(address, 4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

/** Whether a word at the address is in RAM of that size. */
export function isInRam(address: number, ramBytes: number): boolean {
  return address >= RAM_START && address + 4 <= RAM_START + ramBytes;
}

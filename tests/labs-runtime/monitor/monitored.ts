/**
 * Monitored runs for the tests: a guest under the monitor, with a clock that its position drives and key presses by seed, and what it logged.
 */
import type { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { readImage } from '../../../labs-runtime/emulator/image.ts';
import type { LogEntry, Recorded } from '../../../labs-runtime/ft/log-entry.ts';
import { guests, type GuestName } from '../../../labs-runtime/guests/index.ts';
import { Monitor, type MonitorOptions, type SliceEnd } from '../../../labs-runtime/monitor/monitor.ts';
import { bootMachine, type MachineSetup } from '../../../labs-runtime/monitor/setup.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';

/** Attempts a tick of mtime. */
const ATTEMPTS_A_TICK = 2;

export async function guestSetup(name: GuestName, changes: Partial<MachineSetup> = {}): Promise<MachineSetup> {
  const { ramBytes } = guests[name];
  const program = readImage(await guests[name].load(), ramBytes);
  return { name, ramBytes, harts: 1, scheduleSeed: 1, program, disk: new Uint8Array(0), ...changes };
}

export interface Monitored {
  machine: Machine;
  monitor: Monitor;
  entries: LogEntry[];
  /** What the guest wrote to its console so far. */
  text(): string;
  /** Moves the clock on, e.g. to where a waiting guest wants it. */
  skipTo(ticks: bigint): void;
  /** Runs slices and skips waits for timers, until the guest waits for input only, is off, or has made `attempts`. */
  runOn(attempts: number): SliceEnd;
}

/** A machine of the setup at boot, under a monitor. */
export function monitored(setup: MachineSetup, options: Partial<MonitorOptions> = {}): Monitored {
  const machine = bootMachine(setup);
  const entries: LogEntry[] = [];
  const bytes: number[] = [];
  let skipped = 0n;
  const clock = () => BigInt(Math.floor(machine.position / ATTEMPTS_A_TICK)) + skipped;
  const log = (recorded: Recorded) => void entries.push({ seq: entries.length + 1, ...recorded });
  const monitor = new Monitor({ machine, clock, log, consoleOutput: (byte) => void bytes.push(byte), ...options });
  const skipTo = (ticks: bigint) => {
    if (ticks > clock()) skipped += ticks - clock();
  };
  const runOn = (attempts: number): SliceEnd => {
    const until = machine.position + attempts;
    for (;;) {
      const end = monitor.run(until - machine.position);
      if (end.reason !== 'waiting' || end.until === undefined || machine.position >= until) return end;
      skipTo(end.until);
    }
  };
  return { machine, monitor, entries, text: () => String.fromCharCode(...bytes), skipTo, runOn };
}

/** A run of `clockwork`, which reads the clock and sets timers, with key presses by seed: every kind of input that a person gives. */
export async function clockworkRun(seed: number, slices = 40): Promise<{ setup: MachineSetup; run: Monitored }> {
  const setup = await guestSetup('clockwork');
  const run = monitored(setup);
  const prng = createPrng(seed);
  for (let slice = 0; slice < slices; slice++) {
    if (prng.int(3) === 0) run.monitor.type([prng.int(128)]);
    run.runOn(1 + prng.int(10_000));
  }
  return { setup, run };
}

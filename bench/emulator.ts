/**
 * Speed of the emulator: million instructions a second on guests that compute and on one full of traps, beside a plain interpreter on the
 * same images; then what a boot, a snapshot, a state hash and a machine cost. Rounds of the two interpreters alternate, so that what
 * else the computer does meets both alike; a figure is the median round.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Machine } from '../labs-runtime/emulator/machine.ts';
import type { Guest, GuestName } from '../labs-runtime/guests/index.ts';
import { guests } from '../labs-runtime/guests/index.ts';
import { figureLine, median } from './figure.ts';
import { runYardstick } from './yardstick.ts';
import type { YardstickRun } from './yardstick.ts';

/** The first rounds compile the interpreters and are not counted. */
const ROUNDS_WARM_UP = 2;
const ROUNDS = 7;

const PROCESSOR_SET: GuestName[] = ['sieve-crc32', 'sha256', 'matrix', 'sort', 'compile'];
const PROCESSOR_AT_LEAST = 2.4;
const TRAPS_AT_LEAST = 1 / 1.5;

const RAM_BYTES = 8 * 2 ** 20;
const DIRTY_PAGES = 10;
const REPEATS = 2000;

/** Lines to print. */
export async function benchEmulator(): Promise<string[]> {
  const speeds: Speeds[] = [];
  for (const name of PROCESSOR_SET) speeds.push(await compare(guests[name]));
  const traps = await compare(guests.traps);
  const mean = Math.exp(speeds.reduce((sum, { ours, yardstick }) => sum + Math.log(ours / yardstick), 0) / speeds.length);
  return [
    `Million instructions a second, median of ${ROUNDS} rounds: the emulator, a plain fetch-decode-switch interpreter, their ratio`,
    ...[...speeds, traps].map(speedLine),
    `  processor set, geometric mean: ${mean.toFixed(2)} times the plain interpreter (at least ${PROCESSOR_AT_LEAST}: ${verdict(mean >= PROCESSOR_AT_LEAST)})`,
    `  traps: ${(traps.yardstick / traps.ours).toFixed(2)} times as slow (at most 1.5: ${verdict(traps.ours / traps.yardstick >= TRAPS_AT_LEAST)})`,
    ...(await costLines()),
  ];
}

interface Speeds {
  name: GuestName;
  /** Million instructions a second. */
  ours: number;
  yardstick: number;
}

function verdict(isMet: boolean): string {
  return isMet ? 'met' : 'MISSED';
}

function speedLine({ name, ours, yardstick }: Speeds): string {
  return `  ${name.padEnd(12)} ${ours.toFixed(0).padStart(5)} ${yardstick.toFixed(0).padStart(5)} ${(ours / yardstick).toFixed(2).padStart(6)}`;
}

async function compare(guest: Guest): Promise<Speeds> {
  const image = await guest.load();
  const machine = new Machine({ ramBytes: guest.ramBytes });
  machine.load(image);
  const ours: number[] = [];
  const yardstick: number[] = [];
  for (let round = 0; round < ROUNDS_WARM_UP + ROUNDS; round++) {
    const [ourRun, ourSpeed] = measure(() => runMachine(machine));
    const [theirRun, theirSpeed] = measure(() => runYardstick(image, guest.ramBytes));
    if (ourRun.output !== theirRun.output || ourRun.instructions !== theirRun.instructions) {
      throw new Error(`the interpreters disagree about ${guest.name}: ${JSON.stringify(ourRun)} and ${JSON.stringify(theirRun)}`);
    }
    if (round < ROUNDS_WARM_UP) continue;
    ours.push(ourSpeed);
    yardstick.push(theirSpeed);
  }
  return { name: guest.name, ours: median(ours), yardstick: median(yardstick) };
}

function runMachine(machine: Machine): YardstickRun {
  machine.reset();
  let output = '';
  for (;;) {
    const stop = machine.run(Number.MAX_SAFE_INTEGER);
    if (stop.reason === 'output') output += String.fromCharCode(stop.byte);
    else if (stop.reason === 'power-off') return { output, instructions: machine.position };
    else throw new Error(`the guest stopped for ${stop.reason}, though it should only print and power off`);
  }
}

/** What `run` returned, and its speed in million instructions a second. */
function measure(run: () => YardstickRun): [YardstickRun, number] {
  const startMs = performance.now();
  const result = run();
  return [result, result.instructions / (performance.now() - startMs) / 1000];
}

/** What a machine costs beside the instructions it runs. */
async function costLines(): Promise<string[]> {
  const { snapshot, restore, hash } = pageCosts();
  const large = `${RAM_BYTES / 2 ** 20} MiB of RAM, ${DIRTY_PAGES} pages changed since the last one, median of ${REPEATS}`;
  return [
    figureLine({ what: 'snapshot', value: snapshot, unit: 'microseconds', atMost: 100, how: large }),
    figureLine({ what: 'restore', value: restore, unit: 'microseconds', atMost: 100, how: large }),
    figureLine({ what: 'state hash', value: hash, unit: 'microseconds', how: large }),
    figureLine({ what: 'boot of the shell', value: await bootMs(), unit: 'ms', how: `a new machine to the prompt, median of ${REPEATS}` }),
    await memoryLine(guests.shell.ramBytes, 500),
    await memoryLine(RAM_BYTES, 20),
  ];
}

async function memoryLine(ramBytes: number, count: number): Promise<string> {
  const value = (await bytesEach(ramBytes, count)) / 1024;
  return figureLine({
    what: 'memory of a machine',
    value,
    unit: 'KiB',
    how: `with ${ramBytes / 1024} KiB of RAM, one of ${count} just made`,
  });
}

/** Microseconds that a snapshot, going back to it and a state hash take, each with DIRTY_PAGES pages changed before. */
function pageCosts(): { snapshot: number; restore: number; hash: number } {
  const machine = new Machine({ ramBytes: RAM_BYTES });
  machine.load(pageWriter());
  const attempts = DIRTY_PAGES * INSTRUCTIONS_PER_PAGE;
  let latest = machine.snapshot();
  const timed = (run: () => unknown) => {
    latest = machine.snapshot();
    machine.stateHash();
    machine.run(machine.position + attempts);
    return microseconds(run);
  };
  const times = { snapshot: [] as number[], restore: [] as number[], hash: [] as number[] };
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    times.snapshot.push(timed(() => machine.snapshot()));
    times.restore.push(timed(() => machine.restore(latest)));
    times.hash.push(timed(() => machine.stateHash()));
  }
  return { snapshot: median(times.snapshot), restore: median(times.restore), hash: median(times.hash) };
}

const INSTRUCTIONS_PER_PAGE = 5;

/** A loop that stores a word to one page after the other: all of the second megabyte, over and over. */
function pageWriter(): Uint8Array {
  const code = Int32Array.of(
    0x801007b7, // lui a5, 0x80100
    0x000015b7, // lui a1, 1
    0x000ff737, // lui a4, 0xff
    0x00b60633, // add a2, a2, a1
    0x00e676b3, // and a3, a2, a4
    0x00f686b3, // add a3, a3, a5
    0x00f6a023, // sw a5, 0(a3)
    0xff1ff06f, // j to the first add
  );
  return new Uint8Array(code.buffer);
}

function microseconds(run: () => unknown): number {
  const startMs = performance.now();
  run();
  return (performance.now() - startMs) * 1000;
}

/** Median milliseconds until the shell's first prompt waits for input. */
async function bootMs(): Promise<number> {
  const image = await guests.shell.load();
  const times: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    const startMs = performance.now();
    const machine = new Machine({ ramBytes: guests.shell.ramBytes });
    machine.load(image);
    for (let reason = ''; reason !== 'wait';) {
      ({ reason } = machine.run(Number.MAX_SAFE_INTEGER));
      if (reason === 'clock') machine.provideClock(0n);
    }
    times.push(performance.now() - startMs);
  }
  return median(times);
}

/** Bytes that one of `count` machines takes, of the heap and of array buffers together. */
async function bytesEach(ramBytes: number, count: number): Promise<number> {
  const before = await usedBytes();
  const machines = Array.from({ length: count }, () => new Machine({ ramBytes }));
  const each = ((await usedBytes()) - before) / count;
  if (machines.length !== count) throw new Error('the machines were let go while they were measured');
  return each;
}

/** What was let go before is let go twice: buffers follow only after the objects that held them. */
async function usedBytes(): Promise<number> {
  for (let round = 0; round < 2; round++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

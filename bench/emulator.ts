/**
 * Speed of the emulator: million instructions a second on the sieve and CRC-32 guest, beside a plain interpreter on the same guest.
 * Rounds of the two alternate, so that what else the computer does meets both alike; the figure is the median round.
 */
import { Machine } from '../labs-runtime/emulator/machine.ts';
import { guests } from '../labs-runtime/guests/index.ts';
import { median } from './figure.ts';
import { runYardstick } from './yardstick.ts';
import type { YardstickRun } from './yardstick.ts';

/** The first rounds compile the interpreters and are not counted. */
const ROUNDS_WARM_UP = 2;
const ROUNDS = 7;
const HASHES = 1000;

/** Lines to print. */
export async function benchEmulator(): Promise<string[]> {
  const guest = guests['sieve-crc32'];
  const image = await guest.load();
  const machine = new Machine({ ramBytes: guest.ramBytes });
  machine.load(image);
  const emulator: number[] = [];
  const yardstick: number[] = [];
  for (let round = 0; round < ROUNDS_WARM_UP + ROUNDS; round++) {
    const [ours, oursPerSecond] = measure(() => runMachine(machine));
    const [theirs, theirsPerSecond] = measure(() => runYardstick(image, guest.ramBytes));
    if (ours.output !== theirs.output || ours.instructions !== theirs.instructions) {
      throw new Error(`the interpreters disagree: ${JSON.stringify(ours)} and ${JSON.stringify(theirs)}`);
    }
    if (round < ROUNDS_WARM_UP) continue;
    emulator.push(oursPerSecond);
    yardstick.push(theirsPerSecond);
  }
  const [ours, theirs] = [median(emulator), median(yardstick)];
  return [
    `emulator: ${ours.toFixed(0)} million instructions a second (sieve + CRC-32, median of ${ROUNDS} rounds of ${machine.position})`,
    `plain fetch-decode-switch interpreter: ${theirs.toFixed(0)} million; the emulator is ${(ours / theirs).toFixed(1)} times as fast`,
    `${HASHES} state hashes, ${guest.ramBytes / 1024} KiB of RAM, 1,000 instructions between: ${hashesMs(machine).toFixed(0)} ms`,
  ];
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

/** Time that the hashes of a running machine take by themselves, in milliseconds. */
function hashesMs(machine: Machine): number {
  machine.reset();
  let totalMs = 0;
  for (let count = 0; count < HASHES; count++) {
    machine.run(machine.position + 1000);
    const startMs = performance.now();
    machine.stateHash();
    totalMs += performance.now() - startMs;
  }
  return totalMs;
}

/** What `run` returned, and its speed in million instructions a second. */
function measure(run: () => YardstickRun): [YardstickRun, number] {
  const startMs = performance.now();
  const result = run();
  return [result, result.instructions / (performance.now() - startMs) / 1000];
}

/**
 * What state transfer and a replicated state machine would send while a real guest runs: the logic of the live figure in the chapter on the two.
 * Nothing is assumed: pages are those that differ between two snapshots of the machine, entries are those of the recorder, encoded.
 */
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Position } from '../../../labs-runtime/ft/log-entry.ts';
import { encodeRecorded } from '../../../labs-runtime/ft/log-codec.ts';
import type { Guest, GuestName } from '../../../labs-runtime/guests/index.ts';
import { DrivenGuest } from './driven-guest.ts';

export interface TrafficSettings {
  /** Attempts between two checkpoints. */
  checkpointEvery: number;
}

/** How far a run goes, and how much of it is done for one picture. */
export const ATTEMPTS = 2 ** 21;
const ATTEMPTS_PER_FRAME = 2 ** 14;
const PAGE_BYTES = 4096;

/** The guests that can be watched, with how often a byte comes to the console of each. */
export const workloads = { 'sieve-crc32': Infinity, clockwork: Infinity, counter: 2048 } satisfies Partial<Record<GuestName, number>>;

/** Sums over the run so far. The copy of all memory that both ways begin with is not in them. */
export interface Traffic {
  position: Position;
  checkpoints: number;
  pages: number;
  stateBytes: number;
  entries: number;
  logBytes: number;
}

/** Runs a guest; yields, for each picture, the sums at all points of the run at which one of them changed or a picture is due. */
export function* measureTraffic(guest: Guest, image: Uint8Array, { checkpointEvery }: TrafficSettings): Generator<readonly Traffic[]> {
  const machine = new Machine({ ramBytes: guest.ramBytes });
  machine.load(image);
  const sums: Traffic = { position: 0, checkpoints: 0, pages: 0, stateBytes: 0, entries: 0, logBytes: 0 };
  const driven = new DrivenGuest({
    machine,
    requestEvery: workloads[guest.name as keyof typeof workloads],
    log: (recorded) => {
      sums.entries++;
      sums.logBytes += encodeRecorded(recorded).length;
    },
  });
  const curve: Traffic[] = [{ ...sums }];
  let pages = machine.snapshot().pages;
  while (sums.position < ATTEMPTS) {
    sums.position = Math.min(nextMultiple(sums.position, checkpointEvery), nextMultiple(sums.position, ATTEMPTS_PER_FRAME));
    driven.runTo(sums.position);
    curve.push({ ...sums });
    if (sums.position % checkpointEvery === 0) {
      const before = pages;
      pages = machine.snapshot().pages;
      // Snapshots share the pages that did not change between them.
      sums.pages += pages.filter((page, index) => page !== before[index]).length;
      sums.stateBytes = sums.pages * PAGE_BYTES;
      sums.checkpoints++;
      curve.push({ ...sums });
    }
    if (sums.position % ATTEMPTS_PER_FRAME === 0) yield curve;
  }
}

function nextMultiple(position: Position, step: number): Position {
  return (Math.floor(position / step) + 1) * step;
}

/** Bytes as a reader would write them: three digits, decimal units. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const unit = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  return `${unit === 0 ? bytes : (bytes / 1000 ** unit).toPrecision(3)} ${units[unit]}`;
}

/** What a run came to. */
export function describeTraffic({ stateBytes, logBytes }: Traffic): string {
  const [state, log] = [formatBytes(stateBytes), formatBytes(logBytes)];
  if (logBytes === 0) return `State transfer sent ${state}. The log stayed empty: the guest met nothing that it could not compute.`;
  const [more, times] = stateBytes >= logBytes ? ['State transfer', stateBytes / logBytes] : ['The log', logBytes / stateBytes];
  return `State transfer sent ${state}, the log ${log}. ${more} sent ${Number(times.toPrecision(2)).toLocaleString('en')} times as much.`;
}

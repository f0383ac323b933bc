/**
 * Schedules of a simulated pair: what happens to the two machines and the link between them, as a list that a seed decides.
 * Each event does nothing where it cannot apply, so that any list of them is a schedule; this is what lets a search leave events out.
 */
import type { InterruptLine } from '../ft/log-entry.ts';
import { createPrng } from './prng.ts';
import type { Prng } from './prng.ts';

export type PairEvent =
  /** The primary runs so many instruction attempts, unless it is stalled. */
  | { kind: 'run'; attempts: number }
  /** A byte from the outside, or an interrupt, reaches the primary. */
  | { kind: 'console'; byte: number }
  | { kind: 'interrupt'; line: InterruptLine }
  /** The link delivers the next piece, of at most so many bytes. */
  | { kind: 'carry'; to: 'primary' | 'backup'; bytesMax: number }
  /** The backup replays at most so many of the entries it holds. */
  | { kind: 'replay'; entriesMax: number }
  /** The link breaks. Of the bytes in flight each way, so many will still arrive, late. */
  | { kind: 'break'; lateToBackup: number; lateToPrimary: number }
  | { kind: 'heal' }
  | { kind: 'wait'; forMs: number }
  /** The primary stops for good. What it had sent may still arrive. */
  | { kind: 'crash' };

export interface ScheduleOptions {
  seed: number;
  /** How many events. */
  length: number;
  /** Largest number of instruction attempts in one `run`. */
  attemptsMax: number;
  /** Smallest and largest piece the link delivers, in bytes; small pieces cut frames, large ones join them. */
  pieceBytesMin: number;
  pieceBytesMax: number;
  /** The most entries the backup replays at once; 0 makes it hold everything until the end, Infinity lets it replay whatever arrives. */
  replayEntriesMax: number;
  breaks: boolean;
  /** Whether bytes sent before a break may arrive after it. */
  lateBytes: boolean;
  interrupts: boolean;
  crash: boolean;
}

export const scheduleDefaults: Omit<ScheduleOptions, 'seed'> = {
  length: 60,
  attemptsMax: 500,
  pieceBytesMin: 1,
  pieceBytesMax: 200,
  replayEntriesMax: Infinity,
  breaks: false,
  lateBytes: false,
  interrupts: false,
  crash: false,
};

/** The schedule of a seed. Equal options give an equal schedule in every host. */
export function scheduleOf(options: Pick<ScheduleOptions, 'seed'> & Partial<ScheduleOptions>): PairEvent[] {
  const chosen = { ...scheduleDefaults, ...options };
  const random = createPrng(chosen.seed);
  // Long enough for a guest to start its devices before anything reaches it.
  const events: PairEvent[] = [{ kind: 'run', attempts: 2000 }];
  let linkUp = true;
  while (events.length < chosen.length) {
    const event = pickEvent(chosen, random, linkUp);
    if (event.kind === 'break') linkUp = false;
    if (event.kind === 'heal') linkUp = true;
    events.push(event);
  }
  if (chosen.crash) events.splice(events.length - random.int(Math.ceil(chosen.length / 4)), 0, { kind: 'crash' });
  return events;
}

/** Kinds of events with how often each is drawn. */
function weightsOf(options: ScheduleOptions, linkUp: boolean): [PairEvent['kind'], number][] {
  return [
    ['run', 6],
    ['console', 5],
    ['interrupt', options.interrupts ? 3 : 0],
    ['carry', linkUp ? 8 : 0],
    ['replay', options.replayEntriesMax > 0 && options.replayEntriesMax < Infinity ? 3 : 0],
    ['break', options.breaks && linkUp ? 1 : 0],
    ['heal', linkUp ? 0 : 4],
    ['wait', 2],
  ];
}

function pickEvent(options: ScheduleOptions, random: Prng, linkUp: boolean): PairEvent {
  const weights = weightsOf(options, linkUp);
  let ticket = random.int(weights.reduce((sum, [, weight]) => sum + weight, 0));
  const kind = weights.find(([, weight]) => (ticket -= weight) < 0)![0];
  switch (kind) {
    case 'run':
      return { kind, attempts: 1 + random.int(options.attemptsMax) };
    case 'console':
      return { kind, byte: random.int(256) };
    case 'interrupt':
      return { kind, line: random.int(2) === 0 ? 3 : 7 };
    case 'carry':
      return {
        kind,
        to: random.int(5) < 3 ? 'backup' : 'primary',
        bytesMax: options.pieceBytesMin + random.int(1 + options.pieceBytesMax - options.pieceBytesMin),
      };
    case 'replay':
      return { kind, entriesMax: 1 + random.int(options.replayEntriesMax) };
    case 'break':
      return { kind, lateToBackup: lateBytes(options, random), lateToPrimary: lateBytes(options, random) };
    case 'wait':
      return { kind, forMs: 1 + random.int(40) };
    case 'heal':
    case 'crash':
      return { kind };
  }
}

function lateBytes(options: ScheduleOptions, random: Prng): number {
  return options.lateBytes ? random.int(64) : 0;
}

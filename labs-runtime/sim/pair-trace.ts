/**
 * The record of a simulated pair's run, in rows that can be drawn as a space-time diagram: one row a machine or link that did something at
 * an event. Runs of like things (entries appended, entries handed over) share a row, so that a short run stays short to read.
 */
import type { ChannelEffect, Role } from '../ft/channel-api.ts';

export type Lane = 'primary' | 'link' | 'backup';

export interface PairTraceRow {
  event: number;
  atMs: number;
  lane: Lane;
  to?: Lane;
  what: string;
}

/** What happened on one lane at one event, before it is put in words. */
interface Row {
  event: number;
  atMs: number;
  lane: Lane;
  to?: Lane;
  phrases: string[];
  pieces: number;
  arrivedBytes: number;
  appended: number[];
  delivered: number[];
  acknowledged: number[];
  sentBytes: number;
}

/** The longest trace that is shown whole. */
const ROWS_MAX = 12;

export class PairTrace {
  readonly #rows: Row[] = [];
  #event = 0;
  #atMs = 0;

  /** Starts the rows of an event. */
  begin(event: number, atMs: number): void {
    this.#event = event;
    this.#atMs = atMs;
  }

  note(lane: Lane, phrase: string): void {
    this.#row(lane).phrases.push(phrase);
  }

  appended(seq: number): void {
    this.#row('primary').appended.push(seq);
  }

  /** Pieces that an end takes in without a word share a row with the next one. */
  arrived(to: Role, bytes: number): void {
    const last = this.#rows.at(-1);
    const row =
      last?.lane === to && last.pieces > 0 && isSilent(last)
        ? Object.assign(last, { event: this.#event, atMs: this.#atMs })
        : this.#row(to);
    row.pieces += 1;
    row.arrivedBytes += bytes;
  }

  consumed(first: number, last: number): void {
    this.note('backup', `replays ${entries([first, last])}`);
  }

  effect(role: Role, effect: ChannelEffect): void {
    const row = this.#row(role);
    if (effect.kind === 'send') {
      row.sentBytes += effect.bytes.length;
      row.to = role === 'primary' ? 'backup' : 'primary';
    } else if (effect.kind === 'deliver') row.delivered.push(effect.seq);
    else if (effect.kind === 'acknowledged') row.acknowledged.push(effect.seq);
    else row.phrases.push(effect.kind === 'stall' ? 'stalls the guest' : 'lets the guest resume');
  }

  /**
   * The rows in words, oldest first, up to event `lastEvent`. Of more than `ROWS_MAX` the middle is left out, and a row says how many: those are
   * rounds of the same, in which nothing comes of anything.
   */
  rows(lastEvent: number): PairTraceRow[] {
    const rows = this.#rows.filter((row) => row.event <= lastEvent).map(wordsOf);
    if (rows.length <= ROWS_MAX) return rows;
    const left = rows.splice(ROWS_MAX - 4, rows.length - ROWS_MAX + 1);
    rows.splice(ROWS_MAX - 4, 0, {
      event: left[0]!.event,
      atMs: left[0]!.atMs,
      lane: 'link',
      what: `… ${left.length} more rows until t=${left.at(-1)!.atMs} ms …`,
    });
    return rows;
  }

  #row(lane: Lane): Row {
    const last = this.#rows.findLast((row) => row.event === this.#event && row.lane === lane);
    if (last) return last;
    const row: Row = {
      event: this.#event,
      atMs: this.#atMs,
      lane,
      phrases: [],
      pieces: 0,
      arrivedBytes: 0,
      appended: [],
      delivered: [],
      acknowledged: [],
      sentBytes: 0,
    };
    this.#rows.push(row);
    return row;
  }
}

function wordsOf({ event, atMs, lane, to, ...row }: Row): PairTraceRow {
  return { event, atMs, lane, ...(to ? { to } : {}), what: inWords(row) };
}

/** Whether nothing came of what is on the row. */
function isSilent(row: Row): boolean {
  return row.phrases.length === 0 && row.delivered.length === 0 && row.acknowledged.length === 0 && row.sentBytes === 0;
}

function inWords(row: Omit<Row, 'event' | 'atMs' | 'lane' | 'to'>): string {
  const phrases: string[] = [];
  if (row.pieces > 0) phrases.push(`${row.pieces > 1 ? `${row.pieces} pieces, ` : ''}${row.arrivedBytes} bytes arrive`);
  if (row.appended.length > 0) phrases.push(`appends ${entries(row.appended)}`);
  if (row.delivered.length > 0) phrases.push(`hands over ${entries(row.delivered)}`);
  if (row.acknowledged.length > 0) phrases.push(`reports ${entries(row.acknowledged)} as acknowledged`);
  phrases.push(...row.phrases);
  if (row.sentBytes > 0) phrases.push(`sends ${row.sentBytes} bytes`);
  return phrases.join('; ');
}

/** `entry 3`, `entries 3 to 7` or `entries 3, 5, 4`. */
function entries(numbers: number[]): string {
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  if (first === last && numbers.length <= 2) return `entry ${first}`;
  const consecutive = numbers.length === 2 ? last > first : numbers.every((number, index) => number === first + index);
  return consecutive ? `entries ${first} to ${last}` : `entries ${numbers.slice(0, 8).join(', ')}${numbers.length > 8 ? ', …' : ''}`;
}

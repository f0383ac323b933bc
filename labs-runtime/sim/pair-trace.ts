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
  appended: number[];
  delivered: number[];
  sentBytes: number;
}

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

  arrived(to: Role, bytes: number, bytesLeft: number): void {
    const row = this.#row(to);
    row.phrases.push(`${bytes} bytes arrive${bytesLeft > 0 ? `, ${bytesLeft} are still on the way` : ''}`);
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
    else if (effect.kind === 'acknowledged') row.phrases.push(`reports entry ${effect.seq} as acknowledged`);
    else row.phrases.push(effect.kind === 'stall' ? 'stalls the guest' : 'lets the guest resume');
  }

  /** The rows in words, oldest first. */
  rows(): PairTraceRow[] {
    return this.#rows.map(({ event, atMs, lane, to, ...row }) => ({ event, atMs, lane, ...(to ? { to } : {}), what: inWords(row) }));
  }

  #row(lane: Lane): Row {
    const last = this.#rows.findLast((row) => row.event === this.#event && row.lane === lane);
    if (last) return last;
    const row: Row = { event: this.#event, atMs: this.#atMs, lane, phrases: [], appended: [], delivered: [], sentBytes: 0 };
    this.#rows.push(row);
    return row;
  }
}

function inWords(row: Pick<Row, 'phrases' | 'appended' | 'delivered' | 'sentBytes'>): string {
  const phrases = [...row.phrases];
  if (row.appended.length > 0) phrases.unshift(`appends ${entries(row.appended)}`);
  if (row.delivered.length > 0) phrases.push(`hands over ${entries(row.delivered)}`);
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

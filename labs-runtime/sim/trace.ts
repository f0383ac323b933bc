/**
 * The record of a simulated run, in rows that can be drawn as a space-time diagram: one row a machine or link that did something at
 * an event. Runs of like things (entries appended, entries handed over) share a row, so that a short run stays short to read.
 */
import type { ChannelEffect, Role } from '../ft/channel-api.ts';
import type { Lane, TraceEvent } from './trace-event.ts';
import { emptyRow, isSilent } from './trace-row.ts';
import type { Row } from './trace-row.ts';
import { withLogSummedUp, wordsOf } from './trace-words.ts';

/** What a row of its own says beside its words. */
export interface RowMarks {
  to?: Lane;
  message?: number;
  tone?: 'fault';
}

export interface TraceView {
  /** The first event to show, if not the first of all, and the last. */
  firstEvent?: number;
  lastEvent: number;
  /** The row with which the record ends, where that is not the last of the event. */
  lastRow?: number | undefined;
  /** The lane on which that event broke a rule; the row of it is marked. */
  brokenOn?: Lane | undefined;
  /** What was observed there, for a row of its own where the lane has none at that event: what a machine did not do leaves no row. */
  observed?: { atMs: number; what: string };
  /** Whether rows on which only the log flows or heartbeats pass are summed up in one. */
  sumsUpLog: boolean;
  /** The longest trace that is shown whole; `ROWS_MAX` if absent. */
  rowsMax?: number;
}

/** The longest trace that is shown whole. */
const ROWS_MAX = 12;

export class Trace {
  readonly #rows: Row[] = [];
  #event = 0;
  #atMs = 0;

  /** Starts the rows of an event. */
  begin(event: number, atMs: number): void {
    this.#event = event;
    this.#atMs = atMs;
  }

  /** The lane's last row of this event, counted from 0; undefined while there is none. */
  rowOf(lane: Lane): number | undefined {
    return this.#lastOfEvent((row) => row.lane === lane);
  }

  /** Adds words to the lane's row of this event. */
  note(lane: Lane, phrase: string): void {
    this.#row(lane).phrases.push(phrase);
  }

  /** A row of its own: something that crosses to another lane, or that the schedule does. */
  mark(lane: Lane, phrase: string, marks: RowMarks): void {
    this.#rows.push({ ...emptyRow(this.#event, this.#atMs, lane), isOwn: true, phrases: [phrase], ...marks });
  }

  appended(seq: number): void {
    this.#row('primary').appended.push(seq);
  }

  /** The guest made an output, which has entry `seq`. */
  made(role: Role, operation: number, name: string, seq: number): void {
    this.#row(role).made.push({ operation, name, seq });
  }

  /** The console shows another character. */
  showed(role: Role, character: string): void {
    this.#row(role).shown += character;
  }

  heartbeat(role: Role): void {
    this.#row(role).heartbeats += 1;
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
    for (let seq = first; seq <= last; seq++) this.#row('backup').consumed.push(seq);
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
   * The rows in words, oldest first. Of more than `rowsMax`, sums of the log are left out first. Then the middle is, and a row says how many:
   * those are rounds of the same, in which nothing comes of anything.
   */
  rows({ firstEvent = 1, lastEvent, lastRow = Infinity, brokenOn, observed, sumsUpLog, rowsMax = ROWS_MAX }: TraceView): TraceEvent[] {
    const shown = this.#rows.filter(({ event }, index) => event >= firstEvent && event <= lastEvent && index <= lastRow);
    const rows = sumsUpLog ? withLogSummedUp(shown, rowsMax) : shown.map(wordsOf);
    const broken = rows.findLast((row) => row.lane === brokenOn && row.event === lastEvent);
    if (broken) broken.tone = 'broken';
    else if (brokenOn !== undefined && observed !== undefined) rows.push({ event: lastEvent, lane: brokenOn, tone: 'broken', ...observed });
    if (rows.length <= rowsMax) return rows;
    const left = rows.splice(rowsMax - 4, rows.length - rowsMax + 1);
    rows.splice(rowsMax - 4, 0, {
      event: left[0]!.event,
      atMs: left[0]!.atMs,
      lane: 'link',
      what: `… ${left.length} more rows until t=${left.at(-1)!.atMs} ms …`,
    });
    return rows;
  }

  /** The lane's row of this event; another one once something has reached the lane since, so that causes stand before what comes of them. */
  #row(lane: Lane): Row {
    const last = this.#rows[this.#lastOfEvent((row) => row.lane === lane || (row.isOwn && row.to === lane)) ?? -1];
    if (last && last.lane === lane && !last.isOwn) return last;
    const row = emptyRow(this.#event, this.#atMs, lane);
    this.#rows.push(row);
    return row;
  }

  /** The last of this event's rows that is wanted. They are the last of all, and few: a run has many. */
  #lastOfEvent(isWanted: (row: Row) => boolean): number | undefined {
    const rows = this.#rows;
    for (let index = rows.length - 1; index >= 0 && rows[index]!.event === this.#event; index--) {
      if (isWanted(rows[index]!)) return index;
    }
    return undefined;
  }
}

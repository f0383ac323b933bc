/**
 * The record of a simulated run, in rows that can be drawn as a space-time diagram: one row a machine or link that did something at
 * an event. Runs of like things (entries appended, entries handed over) share a row, so that a short run stays short to read.
 */
import type { ChannelEffect, Role } from '../ft/channel-api.ts';
import type { Lane, TraceEvent } from './trace-event.ts';

/** What happened on one lane at one event, before it is put in words. */
interface Row {
  event: number;
  atMs: number;
  lane: Lane;
  to?: Lane | undefined;
  message?: number;
  tone?: 'fault';
  /** The row says one thing only. */
  isOwn: boolean;
  phrases: string[];
  pieces: number;
  arrivedBytes: number;
  appended: number[];
  delivered: number[];
  acknowledged: number[];
  consumed: number[];
  made: OutputMade[];
  /** What the console showed. */
  shown: string;
  sentBytes: number;
  heartbeats: number;
}

/** An output that the guest made, with the entry that it waits for. */
interface OutputMade {
  operation: number;
  name: string;
  seq: number;
}

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
    const index = this.#rows.findLastIndex((row) => row.event === this.#event && row.lane === lane);
    return index < 0 ? undefined : index;
  }

  /** Adds words to the lane's row of this event. */
  note(lane: Lane, phrase: string): void {
    this.#row(lane).phrases.push(phrase);
  }

  /** A row of its own: something that crosses to another lane, or that the schedule does. */
  mark(lane: Lane, phrase: string, marks: RowMarks): void {
    this.#rows.push({ ...this.#emptyRow(lane), isOwn: true, phrases: [phrase], ...marks });
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
    const last = this.#rows.findLast((row) => row.event === this.#event && (row.lane === lane || (row.isOwn && row.to === lane)));
    if (last && last.lane === lane && !last.isOwn) return last;
    const row = this.#emptyRow(lane);
    this.#rows.push(row);
    return row;
  }

  #emptyRow(lane: Lane): Row {
    return {
      event: this.#event,
      atMs: this.#atMs,
      lane,
      isOwn: false,
      phrases: [],
      pieces: 0,
      arrivedBytes: 0,
      appended: [],
      delivered: [],
      acknowledged: [],
      consumed: [],
      made: [],
      shown: '',
      sentBytes: 0,
      heartbeats: 0,
    };
  }
}

function wordsOf(row: Row): TraceEvent {
  const { event, atMs, lane, to, message, tone } = row;
  return {
    event,
    atMs,
    lane,
    ...(to && { to }),
    what: inWords(row),
    ...(message !== undefined && { message }),
    ...(tone && { tone }),
  };
}

/** Whether nothing came of what is on the row. */
function isSilent(row: Row): boolean {
  return (
    row.phrases.length === 0 &&
    row.shown === '' &&
    row.made.length === 0 &&
    row.delivered.length === 0 &&
    row.acknowledged.length === 0 &&
    row.sentBytes === 0
  );
}

function inWords(row: Row): string {
  const phrases: string[] = [];
  if (row.pieces > 0) phrases.push(`${row.pieces > 1 ? `${row.pieces} pieces, ` : ''}${row.arrivedBytes} bytes arrive`);
  if (row.appended.length > 0) phrases.push(`appends ${entries(row.appended)}`);
  if (row.delivered.length > 0) phrases.push(`hands over ${entries(row.delivered)}`);
  if (row.acknowledged.length > 0) phrases.push(`reports ${entries(row.acknowledged)} as acknowledged`);
  if (row.consumed.length > 0) phrases.push(`replays ${entries(row.consumed)}`);
  if (row.made.length > 0) phrases.push(outputs(row.made));
  phrases.push(...row.phrases);
  if (row.shown !== '') phrases.push(`shows ${JSON.stringify(row.shown)} on the console`);
  if (row.heartbeats > 0) phrases.push('sends a heartbeat');
  if (row.sentBytes > 0) phrases.push(`sends ${row.sentBytes} bytes`);
  return phrases.join('; ');
}

/** Rows with nothing but the log and heartbeats on them, neighbours of each other, become one; or none, where those would be too many. */
function withLogSummedUp(rows: Row[], rowsMax: number): TraceEvent[] {
  const events: TraceEvent[] = [];
  let routine: Row[] = [];
  const close = () => {
    const last = routine.at(-1);
    if (last) events.push({ event: last.event, atMs: last.atMs, lane: 'link', what: sumOf(routine) });
    routine = [];
  };
  for (const row of rows) {
    if (isRoutine(row)) {
      routine.push(row);
      continue;
    }
    close();
    events.push(withoutLog(row));
  }
  close();
  return events.length <= rowsMax ? events : rows.filter((row) => !isRoutine(row)).map(withoutLog);
}

function isRoutine(row: Row): boolean {
  return row.phrases.length === 0 && row.shown === '';
}

/** What else a row says. Its arrow, if it comes from bytes that were sent, goes with them. */
function withoutLog(row: Row): TraceEvent {
  const to = row.isOwn ? row.to : undefined;
  const nothing = { appended: [], delivered: [], acknowledged: [], consumed: [], made: [], sentBytes: 0, pieces: 0, heartbeats: 0 };
  return wordsOf({ ...row, to, ...nothing });
}

function sumOf(rows: Row[]): string {
  const appended = rows.flatMap((row) => row.appended);
  const acknowledged = rows.flatMap((row) => row.acknowledged);
  const replayed = rows.flatMap((row) => row.consumed).at(-1);
  const log = [
    appended.length > 0 ? `${entries([...new Set(appended)])} logged` : '',
    acknowledged.length > 0 ? `acknowledged up to ${Math.max(...acknowledged)}` : '',
    // A backup that keeps up replays what is logged: not worth a word.
    replayed !== undefined && replayed < (appended.at(-1) ?? Infinity) ? `replayed up to ${replayed}` : '',
  ];
  return joined([joined(log, ', '), heartbeats(rows)], '; ') || 'the log arrives';
}

function joined(phrases: string[], by: string): string {
  return phrases.filter((phrase) => phrase !== '').join(by);
}

/** `heartbeats: 4 from the primary, 5 from the backup`. */
function heartbeats(rows: Row[]): string {
  const counts = (['primary', 'backup'] as const).map((role) => {
    const count = rows.reduce((sum, row) => sum + (row.lane === role ? row.heartbeats : 0), 0);
    return count === 0 ? '' : `${count} from the ${role}`;
  });
  const sent = joined(counts, ', ');
  return sent === '' ? '' : `heartbeats: ${sent}`;
}

/** `makes output 5 (ticket 1): entry 7`, or `makes outputs 5 to 7 (ticket 1, console byte "1", "\n"): entries 7 to 9`. */
function outputs(made: OutputMade[]): string {
  const names = made.map(({ name }, index) => (isByte(name) && isByte(made[index - 1]?.name) ? name.slice(BYTE.length) : name));
  const which = numbered(
    'output',
    'outputs',
    made.map(({ operation }) => operation),
  );
  return `makes ${which} (${names.join(', ')}): ${entries(made.map(({ seq }) => seq))}`;
}

/** How the name of a byte for the console begins; of several in a row the first says so. */
const BYTE = 'console byte ';

function isByte(name = ''): boolean {
  return name.startsWith(BYTE);
}

function entries(numbers: number[]): string {
  return numbered('entry', 'entries', numbers);
}

/** `entry 3`, `entries 3 to 7` or `entries 3, 5, 4`. */
function numbered(one: string, several: string, numbers: number[]): string {
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  if (first === last && numbers.length <= 2) return `${one} ${first}`;
  const consecutive = numbers.length === 2 ? last > first : numbers.every((number, index) => number === first + index);
  return consecutive ? `${several} ${first} to ${last}` : `${several} ${numbers.slice(0, 8).join(', ')}${numbers.length > 8 ? ', …' : ''}`;
}

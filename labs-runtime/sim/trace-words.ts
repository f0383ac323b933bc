/** The rows of a trace in words: each for itself, or with the log summed up between what else happens. */
import type { TraceEvent } from './trace-event.ts';
import type { OutputMade, Row } from './trace-row.ts';

/** A row in words. */
export function wordsOf(row: Row): TraceEvent {
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

function inWords(row: Row): string {
  const phrases: string[] = [];
  if (row.pieces > 0)
    phrases.push(
      `${row.pieces > 1 ? `${row.pieces} pieces, ` : ''}${bytes(row.arrivedBytes)} ${row.arrivedBytes === 1 ? 'arrives' : 'arrive'}`,
    );
  if (row.appended.length > 0) phrases.push(`appends ${entries(row.appended)}`);
  if (row.delivered.length > 0) phrases.push(`hands over ${entries(row.delivered)}`);
  if (row.acknowledged.length > 0) phrases.push(`reports ${entries(row.acknowledged)} as acknowledged`);
  if (row.consumed.length > 0) phrases.push(`replays ${entries(row.consumed)}`);
  if (row.made.length > 0) phrases.push(outputs(row.made));
  phrases.push(...row.phrases);
  if (row.shown !== '') phrases.push(`shows ${JSON.stringify(row.shown)} on the console`);
  if (row.heartbeats > 0) phrases.push('sends a heartbeat');
  if (row.sentBytes > 0) phrases.push(`sends ${bytes(row.sentBytes)}`);
  return phrases.join('; ');
}

function bytes(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/** Rows with nothing but the log and heartbeats on them, neighbours of each other, become one; or none, where those would be too many. */
export function withLogSummedUp(rows: Row[], rowsMax: number): TraceEvent[] {
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

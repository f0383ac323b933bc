/**
 * What can happen in a cluster, one event at a time. An event that cannot happen where it comes does nothing, so that any list of events is a
 * schedule, and a search may leave some out. As text an event is its words with numbers, e.g. `log 0 1`: a trace holds one a line.
 */

/** Kinds of events; what their numbers mean is in brackets. */
export const EVENT_KINDS = [
  /** The live guest runs until its next log entry, or until it waits [server]. */
  'run',
  /** The backup replays one entry [server]. */
  'replay',
  /** The next bytes of the log, or of its acknowledgements, arrive [from, to]. */
  'log',
  /** So does the next message of state transfer [from, to]. */
  'transfer',
  /** A heartbeat arrives [its place among those on their way]. */
  'heartbeat',
  /** A frame arrives at the guest or at the clients [its place]. */
  'frame',
  /** The storage answers a test-and-set [its place]. */
  'answer',
  /** The disk does a request [its place]. */
  'disk',
  /** The disk puts the first half of a read into memory, where no bounce buffer keeps it from that [its place]. */
  'disk data',
  /** A client asks what it has to ask next [client]; it asks the same again. */
  'ask',
  'retry',
  /** The next key reaches the guest's console. */
  'key',
  /** Time passes, and every machine that is up is told. */
  'tick',
  /** A server comes back, with nothing in it [server]. */
  'repair',
  /** A server is to be emptied: its machine leaves for another [server]. */
  'leave',
  /** Faults. A server fails for good, or stands still until it goes on [server]. */
  'crash',
  'freeze',
  'thaw',
  /** The streams between two servers break, and what is on its way in them is lost; they are whole again [server, server]. */
  'cut',
  'mend',
  /** A bit of the next bytes of the log, or of its acknowledgements, is not what it was [from, to]. */
  'garble',
  /** Heartbeats between two servers are lost until they pass again [server, server]. */
  'mute',
  'unmute',
  /** A server can reach the storage no more; it can again [server]. */
  'part',
  'rejoin',
  /** The storage's answer to a test-and-set is lost, though the flag is set [its place]. */
  'lose answer',
  /** A datagram is lost, or comes twice [its place]. */
  'lose heartbeat',
  'lose frame',
  'double frame',
  /** The disk fails a request [its place]. */
  'fail disk',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

/** Events that are paid from a scenario's allowance of faults; the others that follow on them are free. */
export const FAULTS: ReadonlySet<EventKind> = new Set<EventKind>([
  'crash',
  'freeze',
  'cut',
  'garble',
  'mute',
  'part',
  'lose answer',
  'lose heartbeat',
  'lose frame',
  'double frame',
  'fail disk',
]);

export interface ClusterEvent {
  kind: EventKind;
  /** The first number of the event; 0 where it has none. */
  at: number;
  /** The second; 0 where it has none. */
  to: number;
}

const TWO_NUMBERS: ReadonlySet<EventKind> = new Set<EventKind>(['log', 'transfer', 'cut', 'mend', 'garble', 'mute', 'unmute']);
const NO_NUMBER: ReadonlySet<EventKind> = new Set<EventKind>(['tick', 'key']);

/** An event as text. */
export function formatEvent({ kind, at, to }: ClusterEvent): string {
  if (NO_NUMBER.has(kind)) return kind;
  return TWO_NUMBERS.has(kind) ? `${kind} ${at} ${to}` : `${kind} ${at}`;
}

/** The event that a text stands for; undefined if it stands for none. */
export function parseEvent(text: string): ClusterEvent | undefined {
  const match = /^([a-z ]*[a-z])((?: \d{1,6})*)$/.exec(text);
  const kind = EVENT_KINDS.find((each) => each === match?.[1]);
  if (match === null || kind === undefined) return undefined;
  const [at = 0, to = 0, ...more] = match[2]!.split(' ').filter(Boolean).map(Number);
  const event = { kind, at, to };
  return more.length === 0 && formatEvent(event) === text ? event : undefined;
}

/**
 * Rows of a trace while it is being told: what is on its way is known by the thing itself, and gets a number for people only once it is clear what
 * arrives when. Then rows that say one thing together become one.
 */
import { isLost } from '../trace-event.ts';
import type { TraceRow } from '../trace-event.ts';
import type { ClusterLane } from './names.ts';

/** Something on its way from one lane to another. */
export interface Flight {
  /** The row that sent it. */
  from: DraftRow;
  /** Numbers of the events at which it arrived: several, if it was doubled. */
  arrivals: number[];
}

export interface DraftRow {
  event: number;
  atMs: number;
  lane: ClusterLane;
  to?: ClusterLane;
  tone?: 'fault' | 'broken';
  /** What arrives here, and in words: not said where the row that sent it stands just above. */
  arrives?: Flight;
  arrival?: string;
  /** What is on its way from here. */
  leaves?: Flight;
  phrases: string[];
  /** The row only draws the arrow of what the row above says. */
  isSaid: boolean;
}

/** The rows as they are shown. */
export function finishRows(drafts: readonly DraftRow[]): TraceRow<ClusterLane>[] {
  const rows: DraftRow[] = [];
  for (const draft of drafts.map(withoutNeedlessArrival)) {
    if (draft.phrases.length === 0 && draft.to === undefined && draft.tone === undefined) continue;
    const last = rows.at(-1);
    if (last !== undefined && isOneWith(last, draft)) join(last, draft);
    else rows.push(draft);
  }
  const numbers = new Map<Flight, number>();
  return rows.map((row) => finish(row, numbers));
}

/** Sent and there at one event: an arrow says it. */
function isAtOnce({ from, arrivals }: Flight): boolean {
  return arrivals.length > 0 && arrivals.every((event) => event === from.event);
}

function withoutNeedlessArrival({ arrives, arrival, phrases, ...rest }: DraftRow): DraftRow {
  if (arrives !== undefined && isAtOnce(arrives)) return { ...rest, phrases: [...phrases] };
  return { ...rest, ...(arrives && { arrives }), phrases: arrival === undefined ? [...phrases] : [arrival, ...phrases] };
}

/** Whether what leaves can be drawn on the row above: that has no arrow yet, and not two numbers. */
function isOneWith(last: DraftRow, draft: DraftRow): boolean {
  const { event, lane, to, leaves, arrives, phrases } = draft;
  const isBelow = event === last.event && lane === last.lane && arrives === undefined && last.tone === undefined;
  if (!isBelow || to === undefined || isLost({ to, what: phrases.join('; ') })) return false;
  if (last.to !== undefined) return last.to === to && isNeverThere(last.leaves) && isNeverThere(leaves);
  return last.arrives === undefined || leaves === undefined || isAtOnce(leaves);
}

/** On its way to the end of the trace: several of these need not be told apart. */
function isNeverThere(flight: Flight | undefined): boolean {
  return flight?.arrivals.length === 0;
}

function join(last: DraftRow, { phrases, isSaid, to, leaves, tone }: DraftRow): void {
  if (!isSaid) last.phrases.push(...phrases);
  Object.assign(last, { to }, leaves && { leaves: last.leaves ?? leaves }, tone && { tone });
}

function finish({ event, atMs, lane, to, tone, arrives, leaves, phrases }: DraftRow, numbers: Map<Flight, number>): TraceRow<ClusterLane> {
  const flight = arrives ?? (leaves === undefined || isAtOnce(leaves) ? undefined : leaves);
  if (flight !== undefined && !numbers.has(flight)) numbers.set(flight, numbers.size + 1);
  const message = flight && numbers.get(flight);
  return { event, atMs, lane, ...(to && { to }), what: phrases.join('; '), ...(message && { message }), ...(tone && { tone }) };
}

/**
 * Where everything of a drawn trace stands: columns for event, time, lanes and words, and a row for each event, as high as its words need.
 * Numbers only; `trace-svg.ts` draws them. All are pixels of the drawing.
 */
import type { TraceRow } from '../../../labs-runtime/checks/report.ts';
import { LANES } from '../../../labs-runtime/checks/report.ts';
import { lanesOf } from '../../../labs-runtime/checks/trace-text.ts';
import { textWidth, wrap } from './words.ts';

export const FONT = { words: 12.5, small: 11.5 };
export const LINE_HEIGHT = 17;
/** How much wider bold letters are. */
const BOLD = 1.14;
const ROW_PADDING = 5;
const MARGIN = 14;

/** The name above a lane; names that would touch stand on different levels, 0 the lowest. */
export interface LaneColumn {
  lane: string;
  x: number;
  level: number;
}

export interface Row {
  top: number;
  height: number;
  /** The height at which its dot stands. */
  y: number;
  words: string[];
  /** Lines below the words of the row at which the rule is broken, so that not only a colour says it. */
  verdict: string[];
  /** False where the row above has the same: it is not said twice. */
  showsEvent: boolean;
  showsTime: boolean;
}

/** Numbers that end at `x`, and the word above them. */
export interface NumberColumn {
  name: string;
  x: number;
}

export interface Layout {
  width: number;
  height: number;
  /** Where the lanes begin. */
  top: number;
  event: NumberColumn;
  time: NumberColumn;
  lanes: LaneColumn[];
  wordsX: number;
  rows: Row[];
}

/** Of what a trace is, and what is said where it ends badly. */
export interface TraceKind {
  /** Every lane there could be, in the order in which they stand side by side. Default: those of a pair. */
  lanes?: readonly string[];
  /** What stands below the row with the tone `broken`. */
  verdict?: string;
}

export const RULE_BROKEN = 'Rule broken here';

/** The layout of a trace in a width. Precondition: the trace has rows. */
export function layoutOf(trace: TraceRow<string>[], width: number, kind: TraceKind = {}): Layout {
  const { lanes: order = LANES, verdict = RULE_BROKEN } = kind;
  const isNarrow = width < 460;
  const event = numbers(isNarrow ? '#' : 'event', MARGIN, trace.map((row) => row.event)); // prettier-ignore
  const time = numbers('ms', event.x + (isNarrow ? 9 : 14), trace.map((row) => row.atMs)); // prettier-ignore
  const lanes = laneColumns(lanesOf(trace, order), time.x + (isNarrow ? 10 : 18), width);
  const wordsX = lanes.at(-1)!.x + (isNarrow ? 16 : 24);
  const top = 14 + 15 * (1 + Math.max(...lanes.map(({ level }) => level)));
  const rows = rowsOf(trace, top + 4, { width: width - MARGIN - wordsX, verdict });
  return { width, height: rows.at(-1)!.top + rows.at(-1)!.height + 8, top, event, time, lanes, wordsX, rows };
}

/** A column of numbers, as wide as the widest of them and its name. */
function numbers(name: string, left: number, values: number[]): NumberColumn {
  return { name, x: left + Math.max(...[name, ...values].map((each) => textWidth(`${each}`, FONT.small))) };
}

export function nameWidth(lane: string): number {
  return textWidth(lane, FONT.small) * BOLD;
}

/** The link is thin: it stands closer to its neighbours than machines to each other. */
function gapBefore(lanes: string[], index: number): number {
  if (index === 0) return 0;
  return lanes[index] === 'link' || lanes[index - 1] === 'link' ? 0.64 : 1;
}

function laneColumns(lanes: string[], left: number, width: number): LaneColumn[] {
  const gaps = lanes.reduce((sum, _, index) => sum + gapBefore(lanes, index), 0);
  const forWords = Math.max(128, width * 0.4);
  const gap = Math.min(84, Math.max(27, (width - left - nameWidth(lanes[0]!) / 2 - 30 - forWords) / Math.max(gaps, 1)));
  let x = left + nameWidth(lanes[0]!) / 2;
  const columns: LaneColumn[] = [];
  for (const [index, lane] of lanes.entries()) {
    x += gap * gapBefore(lanes, index);
    columns.push({ lane, x: Math.round(x), level: freeLevel(columns, lane, x) });
  }
  return columns;
}

/** The lowest level on which a name touches none of those that stand there. */
function freeLevel(columns: LaneColumn[], lane: string, x: number): number {
  let level = 0;
  const touches = (other: LaneColumn) => other.level === level && x - other.x < (nameWidth(lane) + nameWidth(other.lane)) / 2 + 7;
  while (columns.some(touches)) level += 1;
  return level;
}

function rowsOf(trace: TraceRow<string>[], top: number, words: { width: number; verdict: string }): Row[] {
  let next = top;
  return trace.map(({ event, atMs, what, tone }, index) => {
    const above = trace[index - 1];
    const lines = wrap(what, words.width, FONT.words);
    const verdict = tone === 'broken' ? wrap(words.verdict, words.width / BOLD, FONT.words) : [];
    const height = (lines.length + verdict.length) * LINE_HEIGHT + 2 * ROW_PADDING;
    const row = { top: next, height, y: next + ROW_PADDING + LINE_HEIGHT / 2, words: lines, verdict };
    next += height;
    return { ...row, showsEvent: above?.event !== event, showsTime: above?.event !== event || above.atMs !== atMs };
  });
}

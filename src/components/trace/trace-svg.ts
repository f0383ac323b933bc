/**
 * Draws a trace as a space-time diagram: time goes down, a line for each lane, an arrow for whatever crosses. The result is a string of SVG, so that
 * pages, statements and the report of the command draw alike; it needs no script, and takes its colours from the page where the page has them.
 */
import type { TraceRow } from '../../../labs-runtime/checks/report.ts';
import { isGap } from '../../../labs-runtime/checks/trace-text.ts';
import type { Drawn } from './drawn.ts';
import { crossing, lifeline } from './lanes.ts';
import { FONT, layoutOf, RULE_BROKEN, type Layout, type TraceKind } from './layout.ts';
import { colours, laneLook } from './looks.ts';
import { escaped, text } from './marks.ts';
import { band, row } from './rows.ts';

export interface TraceDrawing extends TraceKind {
  /** Of the drawing, in pixels: its words wrap within it. From 300. */
  width: number;
  /** Index of the row to show as the present one; later ones are dimmed. Without it all are shown alike. */
  current?: number;
  /** What the drawing is called by a screen reader. */
  title?: string;
}

/** The drawing of a trace; the empty string for an empty one. Each row is a group with its index in `data-row`. */
export function traceSvg(trace: TraceRow<string>[], drawing: TraceDrawing): string {
  if (trace.length === 0) return '';
  const { width, current, title = 'The run as a space-time diagram', ...kind } = drawing;
  const layout = layoutOf(trace, Math.max(300, Math.floor(width)), kind);
  const columns = new Map(layout.lanes.map(({ lane, x }) => [lane, x]));
  const drawn: Drawn = { trace, layout, current, x: (lane) => columns.get(lane)! };
  const all = (part: (drawn: Drawn, index: number) => string) => trace.map((_, index) => part(drawn, index)).join('');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="trace-drawing" role="img" width="${layout.width}" height="${layout.height}"`,
    ` viewBox="0 0 ${layout.width} ${layout.height}" font-family="var(--sl-font, system-ui, sans-serif)">`,
    `<title>${escaped(title)}</title><desc>${escaped(trace.map((row) => rowInWords(row, kind.verdict)).join(' '))}</desc>`,
    all(band),
    layout.lanes.map((column) => lifeline(drawn, column)).join(''),
    header(layout),
    all(crossing),
    all(row),
    '</svg>',
  ].join('');
}

/** A row in a sentence, for those who do not see it. */
export function rowInWords(event: TraceRow<string>, verdict = RULE_BROKEN): string {
  const { lane, to, what, tone } = event;
  if (isGap(event)) return what;
  const where = to === undefined ? lane : `${lane} to ${to}`;
  return `Event ${event.event}, ${event.atMs} ms, ${where}: ${what}.${tone === 'broken' ? ` ${verdict}.` : ''}`;
}

function header({ event, time, lanes, top }: Layout): string {
  const quiet = { size: FONT.small, fill: colours.quiet };
  const numbers = [event, time].map(({ name, x }) => text(x, top - 12, name, { ...quiet, anchor: 'end' }));
  const names = lanes.map(({ lane, x, level }) =>
    text(x, top - 12 - 15 * level, lane, { size: FONT.small, fill: laneLook(lane).ink, anchor: 'middle', weight: 650, halo: true }),
  );
  return [...numbers, ...names].join('');
}

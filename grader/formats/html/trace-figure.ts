/** A failure's minimal trace as a drawing, once for wide pages and once for narrow ones: words in a drawing cannot wrap anew. */
import type { TraceEvent } from '../../../labs-runtime/checks/report.ts';
import { traceSvg } from '../../../src/components/trace/trace-svg.ts';
import { markup, trusted, visible, type Markup } from './markup.ts';

/** Pixels. */
const WIDE = 600;
const NARROW = 326;

/** The drawing of a trace; undefined for an empty one. */
export function traceFigure(trace: TraceEvent[], title: string): Markup | undefined {
  if (trace.length === 0) return undefined;
  const rows = trace.map((row) => ({ ...row, what: visible(row.what) }));
  const drawn = (width: number) => trusted(traceSvg(rows, { width, title: visible(title) }));
  return markup`<figure class="trace"><div class="on-wide">${drawn(WIDE)}</div><div class="on-narrow">${drawn(NARROW)}</div></figure>`;
}

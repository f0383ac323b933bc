/** The lanes of a drawn trace, and what crosses between them. */
import type { TraceRow } from '../../../labs-runtime/checks/report.ts';
import { isGap, isLost, sendingRow } from '../../../labs-runtime/checks/trace-text.ts';
import { dimmed, type Drawn } from './drawn.ts';
import type { LaneColumn } from './layout.ts';
import { laneLook } from './looks.ts';
import { arrow, departure } from './marks.ts';

/** A stretch of a lane's line that looks one way. */
interface Stretch {
  from: number;
  to: number;
  isDotted: boolean;
  opacity: string;
}

/** A lane's line, dotted where rows are left out, and from where a machine crashes or the link breaks until something happens there again. */
export function lifeline(drawn: Drawn, column: LaneColumn): string {
  const { stroke, width } = laneLook(column.lane);
  const dots = ' stroke-dasharray="0.1 5" stroke-linecap="round"';
  return stretches(drawn, column)
    .map(
      ({ from, to, isDotted, opacity }) =>
        `<path d="M${column.x} ${from}V${to}" stroke="${stroke}" stroke-width="${width}"${isDotted ? dots : ''}${opacity}/>`,
    )
    .join('');
}

/** The stretches of a lane's line from top to bottom. Those that look alike are one, for a seam between two would be seen. */
function stretches({ trace, layout, current }: Drawn, { lane, level }: LaneColumn): Stretch[] {
  const all: Stretch[] = [{ from: layout.top - 8 - 15 * level, to: layout.rows[0]!.top, isDotted: false, opacity: dimmed(0, current) }];
  const add = (to: number, isDotted: boolean, index: number) => {
    const [last, opacity] = [all.at(-1)!, dimmed(index, current)];
    if (last.isDotted === isDotted && last.opacity === opacity) last.to = to;
    else all.push({ from: last.to, to, isDotted, opacity });
  };
  let isDown = false;
  for (const [index, { top, y, height }] of layout.rows.entries()) {
    const event = trace[index]!;
    const isLast = index === layout.rows.length - 1;
    add(y, isDown || isGap(event), index);
    if (event.lane === lane && !isGap(event)) isDown = stops(event) || (isDown && staysDown(event));
    add(top + height + (isLast ? 6 : 0), isDown || isGap(event), isLast ? index : index + 1);
  }
  return all;
}

function stops({ tone, what }: TraceRow<string>): boolean {
  return tone === 'fault' && /^(crashes|breaks)\b/.test(what);
}

/** Whether a row only says that its lane is still down. */
function staysDown({ what }: TraceRow<string>): boolean {
  return /^is crashed\b/.test(what);
}

/** What crosses from lane to lane: an arrow within the row, or the slanted one of a datagram where it arrives. */
export function crossing({ trace, layout, current, x }: Drawn, index: number): string {
  const event = trace[index]!;
  if (isGap(event)) return '';
  const here = { x: x(event.lane), y: layout.rows[index]!.y };
  const { ink } = laneLook(event.lane);
  const parts: string[] = [];
  const sender = sendingRow(trace, index);
  if (sender !== undefined) {
    const from = { x: x(sender.lane), y: layout.rows[trace.indexOf(sender)]!.y };
    parts.push(arrow(from, here, laneLook(sender.lane).ink, event.tone === 'broken' ? 9 : 5.5));
  }
  if (event.to !== undefined && event.to !== event.lane) {
    const there = { x: x(event.to), y: here.y };
    const arrives = trace.some((_, later) => later > index && sendingRow(trace, later) === event);
    if (isLost(event)) parts.push(departure(here, there, ink, true));
    else if (event.message === undefined || sender !== undefined) parts.push(arrow(here, there, ink));
    else if (!arrives) parts.push(departure(here, there, ink, false));
  }
  return parts.length === 0 ? '' : `<g fill="none"${dimmed(index, current)}>${parts.join('')}</g>`;
}

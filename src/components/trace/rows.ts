/** The rows of a drawn trace: ground, number, time, dot and words. */
import type { TraceRow } from '../../../labs-runtime/checks/report.ts';
import { isGap } from '../../../labs-runtime/checks/trace-text.ts';
import { dimmed, type Drawn } from './drawn.ts';
import { FONT, LINE_HEIGHT } from './layout.ts';
import { colours, laneLook } from './looks.ts';
import { cross, text, type TextLook } from './marks.ts';

/** The ground of a row that stands out: the present one, and the one at which the rule is broken. */
export function band({ trace, layout, current }: Drawn, index: number): string {
  const isBroken = trace[index]!.tone === 'broken';
  if (!isBroken && index !== current) return '';
  const { top, height } = layout.rows[index]!;
  const [fill, edge] = isBroken ? [colours.failLow, colours.fail] : [colours.ground, colours.accent];
  return (
    `<rect x="0" y="${top}" width="${layout.width}" height="${height}" fill="${fill}"${dimmed(index, current)}/>` +
    `<rect x="0" y="${top}" width="3" height="${height}" fill="${index === current ? colours.accent : edge}"/>`
  );
}

/** A row's own: its number and time, its dot, its words. */
export function row({ trace, layout, current, x }: Drawn, index: number): string {
  const { event, atMs, lane, tone } = trace[index]!;
  const { top, height, y, words, verdict, showsEvent, showsTime } = layout.rows[index]!;
  const isPlaced = !isGap(trace[index]!);
  const baseline = y + 4;
  const number = { size: FONT.small, fill: colours.quiet, anchor: 'end', tabular: true } as const;
  const line = (words: string, nth: number, look: Partial<TextLook>) =>
    text(layout.wordsX, baseline + nth * LINE_HEIGHT, words, { size: FONT.words, fill: colours.ink, ...look });
  const standsOut = index === current || tone === 'broken' ? { fill: colours.strong } : {};
  return [
    `<g data-row="${index}"${dimmed(index, current)}>`,
    `<rect x="0" y="${top}" width="${layout.width}" height="${height}" fill="transparent"/>`,
    isPlaced && showsEvent ? text(layout.event.x, baseline, `${event}`, number) : '',
    isPlaced && showsTime ? text(layout.time.x, baseline, `${atMs}`, number) : '',
    isPlaced ? mark(x(lane), y, trace[index]!) : '',
    ...words.map((each, nth) => line(each, nth, standsOut)),
    ...verdict.map((each, nth) => line(each, words.length + nth, { fill: colours.fail, weight: 600 })),
    '</g>',
  ].join('');
}

/** The dot of a row: a cross where the lane itself fails and not what leaves it, a ring where the rule is broken. */
function mark(x: number, y: number, event: TraceRow<string>): string {
  if (event.tone === 'fault' && event.to === undefined) return cross(x, y, 5.5);
  const dot = (radius: number, look: string) => `<circle cx="${x}" cy="${y}" r="${radius}" ${look}/>`;
  if (event.tone !== 'broken') return dot(4.75, `fill="${laneLook(event.lane).ink}" stroke="${colours.paper}" stroke-width="1.5"`);
  return dot(8, `fill="${colours.failLow}" stroke="${colours.fail}" stroke-width="1.5"`) + dot(4.25, `fill="${colours.fail}"`);
}

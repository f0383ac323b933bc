/** The marks of a drawn trace, each a piece of SVG: arrows, crosses, words. */
import { colours } from './looks.ts';

export interface Point {
  x: number;
  y: number;
}

/** An arrow from one lane to another, on a ground of its own, so that it passes over the lanes between. It ends so far from `to`. */
export function arrow(from: Point, to: Point, colour: string, distance = 2.5): string {
  const [start, tip] = [along(from, to, 6), along(to, from, distance)];
  const [neck, base] = [along(to, from, distance + 6.5), along(to, from, distance + 8)];
  const [dx, dy] = direction(from, to);
  const corner = (side: number) => `${round(base.x - dy * 3.75 * side)} ${round(base.y + dx * 3.75 * side)}`;
  return (
    `<path d="${line(along(from, to, 10), base)}" stroke="${colours.paper}" stroke-width="5"/>` +
    `<path d="${line(start, neck)}" stroke="${colour}" stroke-width="1.6"/>` +
    `<path d="M${round(tip.x)} ${round(tip.y)}L${corner(1)}L${corner(-1)}z" fill="${colour}"/>`
  );
}

/** A datagram that leaves and does not arrive: it falls off on its way, with a cross at its end where it is lost. */
export function departure(from: Point, to: Point, colour: string, isLost: boolean): string {
  const far = { x: from.x + (to.x - from.x) * 0.55, y: from.y + 9 };
  const [start, middle] = [along(from, far, 6), { x: (from.x + far.x) / 2, y: (from.y + far.y) / 2 }];
  const end = isLost ? along(far, from, 6) : far;
  return (
    `<path d="${line(start, middle)}" stroke="${colour}" stroke-width="1.6"/>` +
    `<path d="${line(middle, end)}" stroke="${colour}" stroke-width="1.6" stroke-dasharray="2.5 2.5"/>` +
    (isLost ? cross(far.x, far.y, 3.5) : '')
  );
}

/** What the schedule did to the pair. */
export function cross(x: number, y: number, arm: number): string {
  const strokes = `M${round(x - arm)} ${round(y - arm)}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`;
  return (
    `<path d="${strokes}" stroke="${colours.paper}" stroke-width="6" fill="none"/>` +
    `<path d="${strokes}" stroke="${colours.strong}" stroke-width="2.25" stroke-linecap="round" fill="none"/>`
  );
}

export interface TextLook {
  size: number;
  fill: string;
  anchor?: 'middle' | 'end';
  weight?: number | undefined;
  /** Digits of one width, for columns of numbers. */
  tabular?: boolean;
  /** A ground of its own, where lines pass. */
  halo?: boolean;
}

export function text(x: number, y: number, words: string, { size, fill, anchor, weight, tabular, halo }: TextLook): string {
  const attributes = [
    `x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${fill}"`,
    anchor ? `text-anchor="${anchor}"` : '',
    weight ? `font-weight="${weight}"` : '',
    tabular ? 'style="font-variant-numeric:tabular-nums"' : '',
    halo ? `stroke="${colours.paper}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"` : '',
  ];
  return `<text ${attributes.filter((each) => each !== '').join(' ')}>${escaped(words)}</text>`;
}

/** Text that is nothing but text inside of SVG and HTML. */
export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** The unit vector from one point to another. */
function direction(from: Point, to: Point): [dx: number, dy: number] {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return [(to.x - from.x) / length, (to.y - from.y) / length];
}

/** The point so far from `from` on the way to `to`. */
function along(from: Point, to: Point, distance: number): Point {
  const [dx, dy] = direction(from, to);
  return { x: from.x + dx * distance, y: from.y + dy * distance };
}

function line(from: Point, to: Point): string {
  return `M${round(from.x)} ${round(from.y)}L${round(to.x)} ${round(to.y)}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

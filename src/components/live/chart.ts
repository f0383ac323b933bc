/**
 * Points for the charts of live figures. A chart is an SVG of 100 by 100 units that is stretched to its place (`preserveAspectRatio="none"`)
 * and whose strokes are not (`vector-effect: non-scaling-stroke`); its words are HTML beside it, so that they keep their size.
 */

/** One point of a curve, in units of its own. */
export type ChartPoint = readonly [x: number, y: number];

/** The `points` of an SVG polyline: x from 0 to `xMax` goes to the right, y from 0 to `yMax` goes up. A maximum of 0 counts as 1. */
export function polyline(points: readonly ChartPoint[], xMax: number, yMax: number): string {
  return points.map(([x, y]) => `${round((100 * x) / (xMax || 1))},${round(100 - (100 * y) / (yMax || 1))}`).join(' ');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

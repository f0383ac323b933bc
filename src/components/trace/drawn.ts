/** A trace on its way to a drawing: what every part of the drawing looks at. */
import type { TraceRow } from '../../../labs-runtime/checks/report.ts';
import type { Layout } from './layout.ts';

export interface Drawn {
  trace: TraceRow<string>[];
  layout: Layout;
  /** Index of the present row, if one is shown as that. */
  current: number | undefined;
  x: (lane: string) => number;
}

/** What comes after the present row is there, and steps back. */
export function dimmed(index: number, current: number | undefined): string {
  return current !== undefined && index > current ? ' opacity="0.35"' : '';
}

/**
 * A machine's whole state as plain data: what state transfer sends, and what a run is rewound to. Snapshots that one machine makes
 * share the pages that did not change between them, so that taking many costs what changed. Section 3.1 of the VMware FT paper needs it.
 */
import type { DevicesState } from './bus.ts';
import type { HartState } from './hart.ts';
import type { TurnsState } from './turns.ts';

/** Everything but RAM. */
export interface CoreState extends DevicesState {
  /** In order. */
  harts: HartState[];
  turns: TurnsState;
  /** For each hart, the index of the word that its LR reserved, or -1. */
  reservations: number[];
}

/** Never write to one: its pages may be shared with other snapshots. */
export interface Snapshot {
  readonly ramBytes: number;
  readonly core: CoreState;
  /** RAM, 4096 bytes an item, in order. */
  readonly pages: readonly Uint8Array[];
}

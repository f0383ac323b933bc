/**
 * What the bus needs of a memory-mapped device. Devices hold no time and no randomness of their own: what they cannot know comes in
 * as an argument, and what leaves the machine is returned as a stop.
 */
import type { Stop } from '../stop.ts';

/** The value loaded (only its low `size` bytes count), or why there is none: no such register, or the clock's value is not known yet. */
export type Loaded = number | 'access-fault' | 'clock';

/** What a store did; a stop makes the run return once the instruction has retired. */
export type Stored = 'stored' | 'access-fault' | Stop;

export interface Device {
  /** Physical address of the first register, unsigned, and the length of the device's range. */
  readonly start: number;
  readonly sizeBytes: number;
  /** `offset` is from `start` and a multiple of `size` (1, 2 or 4 bytes); `position` is that of the attempt. */
  load(offset: number, size: number, position: number): Loaded;
  store(offset: number, size: number, value: number): Stored;
}

/**
 * Log entries: everything that can make two runs of the same image differ, and the outputs, each at its exact place.
 * Second stop of walk one: the recorder makes them, the channel carries them, the replayer consumes them.
 * Follows sections 2.1 and 2.2 of the VMware FT paper.
 */

import type { DiskRequest, Stop } from '../emulator/machine.ts';

/** Instruction attempts since boot, of all harts together, retired or trapped: the only clock the protocol knows. */
export type Position = number;

/** Machine interrupt lines that an event may raise: 3 is the software interrupt, 7 the timer (bit numbers of `mip`). */
export type InterruptLine = 3 | 7;

/**
 * One thing the guest could not have computed by itself, or one output it made.
 * - `clock`: the value (mtime ticks) that a read of mtime returned;
 * - `interrupt`: a line of a hart raised before the attempt at this position; without `hart`, of hart 0;
 * - `console`: a byte received by the UART;
 * - `output`: the operation itself (section 2.2); `output` counts the guest's outputs from 0, those of all devices in one count;
 * - `packet`: an Ethernet frame that the network device took before the attempt at this position;
 * - `entropy`: random bytes that the entropy device took before the attempt at this position;
 * - `disk`: the completion of the guest's disk request with that number, before the attempt at this position; `data` is what a read got,
 *   and only one that went well has any;
 * - `power-off`, `reboot`: the guest asked for it in the attempt just before this position;
 * - `control`: the hosts' own affair at this position, which changes nothing for the guest (section 3.3).
 */
export type LogEvent =
  | { kind: 'clock'; value: bigint }
  | { kind: 'interrupt'; line: InterruptLine; hart?: number }
  | { kind: 'console'; byte: number }
  | { kind: 'output'; output: number }
  | { kind: 'packet'; frame: Uint8Array }
  | { kind: 'entropy'; bytes: Uint8Array }
  | { kind: 'disk'; request: number; status: 'ok' | 'error'; data?: Uint8Array }
  | { kind: 'power-off' }
  | { kind: 'reboot' }
  | { kind: 'control'; operation: ControlOperation };

/**
 * What one host tells the other through the log, so that it has a place in the run (section 3.3):
 * - `alive`: nothing happened for a while. An idle guest would leave the log silent, and silence counts as failure (section 2.3);
 * - `quiesced`: the primary's host is to be emptied. The guest stops here, with nothing of it at the disk, and goes on at its backup;
 * - `finished`: the guest is off, and everything that it made is outside. It is the last entry (sections 2.2 and 2.3).
 */
export type ControlOperation = 'alive' | 'quiesced' | 'finished';

/**
 * What one output operation hands to the world: a byte written to the UART, the frames of one notification of the transmit queue, or the
 * writes and flushes of one notification of the disk. A read changes nothing outside, so it is no output: its data is an input, in time.
 */
export type Output =
  { device: 'console'; byte: number } | { device: 'network'; frames: Uint8Array[] } | { device: 'disk'; requests: DiskRequest[] };

/** The output that a run stopped for, if it is one. */
export function outputOf(stop: Stop): Output | undefined {
  switch (stop.reason) {
    case 'output':
      return { device: 'console', byte: stop.byte };
    case 'transmit':
      return { device: 'network', frames: stop.frames };
    case 'disk': {
      const requests = stop.requests.filter(({ kind }) => kind !== 'read');
      return requests.length === 0 ? undefined : { device: 'disk', requests };
    }
    default:
      return undefined;
  }
}

/** What the recorder hands to the channel: an event and its place. The channel alone gives it a number. */
export interface Recorded {
  at: Position;
  event: LogEvent;
}

/**
 * A recorded event with its number.
 * Invariant: replaying the same list of entries on the same image gives the same state hash.
 */
export interface LogEntry extends Recorded {
  /** 1 for the first entry of a run; orders events at one position. Set by the channel alone. */
  seq: number;
}

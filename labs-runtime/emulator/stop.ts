/**
 * Why a run came back to its caller. First stop of walk one: the machine hands over control at an exact position, or earlier at
 * an event that only its caller can answer or must see.
 */

/** A disk's unit (virtio 1.2, section 5.2.4). */
export const SECTOR_BYTES = 512;

/** What the guest asks of its disk. Whoever runs the machine does it, and then calls `completeDisk` with its number. */
export interface DiskRequest {
  /** Counts the guest's requests since power-on, from 0. */
  readonly id: number;
  /**
   * A write may be completed once its data would survive, and a flush once that of all writes completed before it would. A guest that never
   * flushes has not accepted VIRTIO_BLK_F_FLUSH or does not care: with the first rule its writes are safe too (virtio 1.2, section 5.2.6.2).
   */
  readonly kind: 'read' | 'write' | 'flush';
  /** First sector, of 512 bytes; zero for a flush. */
  readonly sector: number;
  /** Length of the data to read or write: whole sectors, all of them on the disk; zero for a flush. */
  readonly byteCount: number;
  /** A write's data: a copy of what memory held when the request was handed out. */
  readonly data?: Uint8Array;
}

/**
 * - `position`: `machine.position` is the position asked for;
 * - `clock`: the attempt at `machine.position` is a load from mtime; call `provideClock`, then run on;
 * - `output`: the attempt at `machine.position - 1` wrote `byte` to the UART's transmitter;
 * - `transmit`: the attempt at `machine.position - 1` notified the network device's transmit queue; `frames`, at least one and without
 *   their virtio headers, were taken from memory and the buffers returned;
 * - `receive-buffers`: the attempt at `machine.position - 1` notified its receive queue, and there is a buffer for `receiveFrame`;
 * - `disk`: the attempt at `machine.position - 1` notified the block device; `requests`, at least one, are new and pending now;
 * - `entropy`: the attempt at `machine.position - 1` notified the entropy device, whose next buffer takes `byteCount` bytes;
 * - `wait`: WFI retired just now, and no interrupt is pending that `mie` enables; inject events, or just run on;
 * - `power-off`, `reboot`: the guest asked for it through the syscon; the machine stays off until `reset`.
 */
export type Stop =
  | { reason: 'position' }
  | { reason: 'clock' }
  | { reason: 'output'; byte: number }
  | { reason: 'transmit'; frames: Uint8Array[] }
  | { reason: 'receive-buffers' }
  | { reason: 'disk'; requests: DiskRequest[] }
  | { reason: 'entropy'; byteCount: number }
  | { reason: 'wait' }
  | { reason: 'power-off' }
  | { reason: 'reboot' };

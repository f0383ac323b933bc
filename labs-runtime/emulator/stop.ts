/**
 * Why a run came back to its caller. First stop of walk one: the machine hands over control at an exact position, or earlier at
 * an event that only its caller can answer or must see.
 */

/**
 * - `position`: `machine.position` is the position asked for;
 * - `clock`: the attempt at `machine.position` is a load from mtime; call `provideClock`, then run on;
 * - `output`: the attempt at `machine.position - 1` wrote `byte` to the UART's transmitter;
 * - `transmit`: the attempt at `machine.position - 1` notified the network device's transmit queue; `frames`, at least one and without
 *   their virtio headers, were taken from memory and the buffers returned;
 * - `receive-buffers`: the attempt at `machine.position - 1` notified its receive queue, and there is a buffer for `receiveFrame`;
 * - `wait`: WFI retired just now, and no interrupt is pending that `mie` enables; inject events, or just run on;
 * - `power-off`, `reboot`: the guest asked for it through the syscon; the machine stays off until `reset`.
 */
export type Stop =
  | { reason: 'position' }
  | { reason: 'clock' }
  | { reason: 'output'; byte: number }
  | { reason: 'transmit'; frames: Uint8Array[] }
  | { reason: 'receive-buffers' }
  | { reason: 'wait' }
  | { reason: 'power-off' }
  | { reason: 'reboot' };

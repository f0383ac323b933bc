/**
 * Why a run came back to its caller. First stop of walk one: the machine hands over control at an exact position, or earlier at
 * an event that only its caller can answer or must see.
 */

/**
 * - `position`: `machine.position` is the position asked for;
 * - `clock`: the attempt at `machine.position` is a load from mtime; call `provideClock`, then run on;
 * - `output`: the attempt at `machine.position - 1` wrote `byte` to the UART's transmitter;
 * - `wait`: WFI retired just now, and no interrupt is pending that `mie` enables; inject events, or just run on;
 * - `power-off`, `reboot`: the guest asked for it through the syscon; the machine stays off until `reset`.
 */
export type Stop =
  | { reason: 'position' }
  | { reason: 'clock' }
  | { reason: 'output'; byte: number }
  | { reason: 'wait' }
  | { reason: 'power-off' }
  | { reason: 'reboot' };

/**
 * How a power-off ends a pair. It is no failure; but what the guest made before it is still owed to the world. So the two go on as a pair until all of
 * that is outside, and the last entry of their log, or their last checkpoint, says so: with that both halt. Should one of them fail before, the
 * other goes on alone with a guest that is off, and does what is left. VMware FT, sections 2.2, 2.3 and 3.3.
 */
import { control } from './guest.ts';
import type { Host } from './host.ts';

/** Says in the log, once, that a guest that is off has everything outside. */
export function logFinished(host: Host): void {
  const { state } = host;
  if (state.finishedSeq === 0 && isFinished(host) && control(host, 'finished')) state.finishedSeq = state.appendedSeq;
}

/** A checkpoint is about to be sent: whether it is the first to say so. */
export function noteFinished(host: Host, epoch: number): void {
  const { state } = host;
  if (state.finishedSeq === 0 && isFinished(host)) state.finishedSeq = epoch;
}

/** The backup holds every entry, or checkpoint, up to that one. */
export function finishIfHeld(host: Host, seq: number): void {
  const { finishedSeq } = host.state;
  if (finishedSeq > 0 && seq >= finishedSeq) host.tell('failover', { kind: 'power-off' });
}

/** Whether the guest is off and nothing of it is on its way out. A write that the disk has not done could be lost with its machine (3.4). */
function isFinished({ state, options }: Host): boolean {
  const { isOff, held, disk } = state;
  if (!isOff || !options.mechanisms.finishesOutputs) return isOff;
  return held.length === 0 && disk.undone.every(({ kind }) => kind === 'read');
}

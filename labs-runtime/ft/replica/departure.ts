/**
 * How a machine leaves a server that is to be emptied. What follows is what follows on a failure, only that nothing is in doubt: a backup halts, and
 * the primary finds another; a primary stops where nothing of its guest is at the disk, waits until its backup has come to the same place, and falls
 * silent, so that the backup takes over. Should the backup fail just then, the primary still has the flag to win. VMware FT, section 3.3
 * (operations on FT VMs).
 */
import { control } from './guest.ts';
import type { Host } from './host.ts';
import { isLogging } from './host.ts';

/**
 * The server is to be emptied. A machine that is alone has to find a backup first, and the wish is to be repeated. One whose guest is off stays until
 * everything is outside: what the guest made could be lost with it.
 */
export function leave(host: Host): void {
  const { state } = host;
  if (state.isOff) return;
  if (state.role === 'backup') {
    state.role = 'halted';
    return host.emit({ kind: 'halts' });
  }
  if (!isLogging(host) || state.isSwitching) return;
  state.isSwitching = true;
  state.isQuiescing = true;
  host.tell('diskQueue', { kind: 'quiesce' });
}

/** Nothing of the guest's is with the disk: the log says where it stopped. */
export function logDeparture(host: Host): void {
  const { state } = host;
  state.isQuiescing = false;
  control(host, 'quiesced');
  state.leavesAfterSeq = state.appendedSeq;
}

/** The backup has replayed every entry up to that one: it is where the primary stopped, and needs it no more. */
export function leaveAfter({ state }: Host, consumedSeq: number): void {
  if (state.leavesAfterSeq > 0 && consumedSeq >= state.leavesAfterSeq && state.held.length === 0) state.isSilent = true;
}

/**
 * What the disk has done for a guest on its way back: through a bounce buffer into memory at the completion, whose place is logged. VMware FT,
 * section 3.4. On a backup that has a disk of its own, or reads for itself, a result waits for the log to say where it belongs.
 */
import type { DiskResult } from './state.ts';
import { releaseDisk } from './disk-requests.ts';
import { recorderOf } from './guest.ts';
import { canInject } from './host.ts';
import type { Host } from './host.ts';

/** The disk has done a request. */
export function diskDone(host: Host, result: DiskResult): void {
  const { disk, role } = host.state;
  const request = disk.undone.find(({ id }) => id === result.id);
  if (request === undefined) return;
  // What a backup does itself has to come to the same as on the primary (4.1, 4.2): until it goes well, the replay waits.
  if (role !== 'primary' && result.status === 'error') return host.emit({ kind: 'disk', request });
  disk.undone = disk.undone.filter((each) => each !== request);
  if (disk.pending.some(({ id }) => id === result.id)) disk.results.push(result);
  // Before the queue, which may say now that the disk is quiet: a guest that goes then has its answer.
  tellGuest(host);
  host.tell('diskQueue', { kind: 'done', id: result.id });
}

/** Completes for a live guest what the disk has done, unless the guest is stopped: then it waits. */
export function tellGuest(host: Host): void {
  const { disk } = host.state;
  if (disk.results.length === 0) return;
  while (disk.results.length > 0 && canInject(host)) {
    const { id, status, data } = disk.results.shift()!;
    const isPending = disk.pending.some((request) => request.id === id);
    if (isPending && recorderOf(host).disk(id, status, data)) host.state.isIdle = false;
    forget(host, id);
  }
  // What waited for a read to be logged waits for the backup now, or for nothing.
  releaseDisk(host);
}

/** The guest has its answer, or wants none any more. */
export function forget({ state: { disk } }: Host, id: number): void {
  disk.pending = disk.pending.filter((request) => request.id !== id);
}

/** Without bounce buffers: part of a read's data reaches memory when the disk has it, at a place that nobody logs. */
export function diskData(host: Host, id: number, offset: number, bytes: Uint8Array): void {
  const isPending = host.state.disk.pending.some((request) => request.id === id);
  if (canInject(host) && isPending) host.machine.writeDiskBuffer(id, offset, bytes);
}

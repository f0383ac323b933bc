/**
 * The guest's disk requests on their way to the disk: in the order that the queue gives them, and for writes to a shared disk not before the
 * output rule lets them go. VMware FT, sections 3.4 (disk I/O) and 4 (disks that are not shared, reads on the backup).
 */
import type { DiskRequest } from '../../emulator/machine.ts';
import { SECTOR_BYTES } from '../../emulator/stop.ts';
import type { DiskQueueRequest, Stretch } from '../disk-queue.ts';
import { overlap } from '../disk-queue.ts';
import { isLogging } from './host.ts';
import type { Host } from './host.ts';

/** The guest asks for these. */
export function askDisk(host: Host, requests: readonly DiskRequest[]): void {
  const { disk } = host.state;
  disk.pending.push(...requests);
  disk.undone.push(...requests);
  host.tell('diskQueue', { kind: 'request', requests: requests.map(inQueue) });
}

/** A backup's guest asks for these: they are the primary's to carry out, but on a disk of one's own, and where the backup reads for itself. */
export function followRequests(host: Host, requests: readonly DiskRequest[]): void {
  const { state, options } = host;
  for (const request of requests) {
    if (options.disk === 'local' || (options.mechanisms.backupReadsDisk && request.kind === 'read')) askDisk(host, [request]);
    else state.disk.pending.push(request);
  }
}

/** The queue lets a request go: its turn has come. */
export function issue(host: Host, id: number): void {
  host.state.disk.atTurn.push(id);
  releaseDisk(host);
}

/** Gives the disk every request whose turn has come and that nothing holds. */
export function releaseDisk(host: Host): void {
  const { disk } = host.state;
  for (const id of disk.atTurn.filter((each) => !isHeld(host, each))) {
    disk.atTurn = disk.atTurn.filter((each) => each !== id);
    host.emit({ kind: 'disk', request: disk.undone.find((request) => request.id === id)! });
  }
}

/** The backup has replayed every entry up to that one, and so has done the reads before it. */
export function backupHasRead(host: Host, consumedSeq: number): void {
  const { disk } = host.state;
  if (disk.reads.length === 0) return;
  disk.reads = disk.reads.filter(({ seq }) => seq > consumedSeq);
  releaseDisk(host);
}

/** Whether a request waits for the output rule, or for the backup to have read what it would overwrite (4.2). */
function isHeld(host: Host, id: number): boolean {
  const { state, options } = host;
  if (state.held.some(({ made }) => made.device === 'disk' && made.requests.some((request) => request.id === id))) return true;
  const request = state.disk.undone.find((each) => each.id === id)!;
  if (request.kind !== 'write' || !options.mechanisms.writesAwaitBackupReads) return false;
  const reads = isLogging(host) ? [...state.disk.reads, ...readsToLog(host)] : state.disk.reads;
  return reads.some((read) => overlap(read, stretchOf(request)));
}

/** Reads that the disk has done and the log does not say so yet: the backup will have to do them too. A guest that is off is told of none. */
function readsToLog({ state: { disk, isOff }, options }: Host): Stretch[] {
  if (isOff || !options.mechanisms.backupReadsDisk) return [];
  const done = disk.pending.filter(({ id, kind }) => kind === 'read' && disk.results.some((result) => result.id === id));
  return done.map(stretchOf);
}

function inQueue(request: DiskRequest): DiskQueueRequest {
  return { id: request.id, kind: request.kind, ...stretchOf(request) };
}

/** The sectors of a request. */
export function stretchOf({ sector, byteCount }: DiskRequest): Stretch {
  return { sector, sectors: byteCount / SECTOR_BYTES };
}

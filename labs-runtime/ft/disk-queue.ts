/**
 * Which of the guest's disk requests are with the disk now. Beside walk one: it stands between the block device and the output gate, so
 * that a write which the gate holds back counts as with the disk. VMware FT, section 3.4 (disk I/O), and section 3.3 (quiescing it).
 *
 * A disk does several requests at once, in an order of its own. Where two touch a common sector and one of them writes, that order would
 * decide what is read and what stays on the disk, and a second attempt by the backup could decide otherwise. So those go one after the
 * other, in the guest's order; then a pending request can be issued again at go-live without harm.
 */

/** What a queue is started with. */
export interface DiskQueueOptions {
  /** Whether requests wait for earlier ones with a common sector, unless all read. Without, what a disk then holds is a matter of luck. */
  serialises: boolean;
}

export const diskQueueDefaults: DiskQueueOptions = { serialises: true };

/** Consecutive sectors of a disk: the first, and how many. */
export interface Stretch {
  sector: number;
  sectors: number;
}

/** A request of the guest's block device, without its data. Its sectors are those of a stretch; both zero for a flush. */
export interface DiskQueueRequest extends Stretch {
  /**
   * The device's number for it, which goes up in the guest's order for as long as the machine is on. A machine that is reset counts from 0
   * again: it gets a new queue, once the old one has answered `quiesce`.
   */
  id: number;
  kind: 'read' | 'write' | 'flush';
}

/** What a queue is told, one thing at a step. */
export type DiskQueueInput =
  /**
   * The guest made these requests. Told in its order, each as soon as it is made; so one whose number is not above all numbers told
   * before has been told before, and is ignored.
   */
  | { kind: 'request'; requests: DiskQueueRequest[] }
  /** The disk has done a request, well or with an error. One that is not with the disk is ignored. */
  | { kind: 'done'; id: number }
  /**
   * Issue nothing more, since the machine is about to move (section 3.3): what is on its way would come back to this host. What waits goes
   * with the machine, and its next host issues it.
   */
  | { kind: 'quiesce' }
  /** Go on issuing. */
  | { kind: 'resume' };

/** What a queue asks to be done, in the order of the returned array. */
export type DiskQueueEffect =
  /** Give this request to the disk: a read at once, a write once the output rule lets it go. */
  | { kind: 'issue'; id: number }
  /** The answer to `quiesce`: nothing is with the disk. */
  | { kind: 'quiesced' };

/** A request that the disk has not done. */
interface UndoneRequest extends DiskQueueRequest {
  isWithDisk: boolean;
}

export interface DiskQueueState {
  serialises: boolean;
  isQuiescing: boolean;
  /** The highest number told so far; -1 before the first. */
  idMax: number;
  /** Invariant: in the guest's order; those not with the disk wait for an earlier one in this list, or for `resume`. */
  undone: UndoneRequest[];
}

/** A queue with nothing in it. At go-live it is then told of all requests that the device has pending. */
export function start({ serialises }: DiskQueueOptions): DiskQueueState {
  return { serialises, isQuiescing: false, idMax: -1, undone: [] };
}

/** Tells the queue one thing; returns what is to be done, in order. Changes `state` in place. */
export function step(state: DiskQueueState, input: DiskQueueInput): DiskQueueEffect[] {
  switch (input.kind) {
    case 'request':
      for (const request of input.requests) add(state, request);
      return issueReady(state);
    case 'done':
      return finish(state, input.id);
    case 'quiesce':
      state.isQuiescing = true;
      return quiescedIfIdle(state);
    case 'resume':
      state.isQuiescing = false;
      return issueReady(state);
  }
}

function add(state: DiskQueueState, { id, kind, sector, sectors }: DiskQueueRequest): void {
  if (id <= state.idMax) return;
  state.idMax = id;
  state.undone.push({ id, kind, sector, sectors, isWithDisk: false });
}

function finish(state: DiskQueueState, id: number): DiskQueueEffect[] {
  const index = state.undone.findIndex((request) => request.id === id && request.isWithDisk);
  if (index < 0) return [];
  state.undone.splice(index, 1);
  return state.isQuiescing ? quiescedIfIdle(state) : issueReady(state);
}

function quiescedIfIdle(state: DiskQueueState): DiskQueueEffect[] {
  return state.undone.some((request) => request.isWithDisk) ? [] : [{ kind: 'quiesced' }];
}

function issueReady(state: DiskQueueState): DiskQueueEffect[] {
  if (state.isQuiescing) return [];
  const ready = state.undone.filter((request, index) => !request.isWithDisk && !mustWait(state, request, index));
  for (const request of ready) request.isWithDisk = true;
  return ready.map(({ id }) => ({ kind: 'issue', id }));
}

/** Earlier requests that themselves wait count too: otherwise one could overtake another that it overlaps. */
function mustWait(state: DiskQueueState, request: DiskQueueRequest, index: number): boolean {
  return state.serialises && state.undone.slice(0, index).some((earlier) => conflict(earlier, request));
}

/**
 * Whether the order of two requests can be seen. A flush conflicts with none, and is issued at once: it promises that writes completed
 * before it was made survive, which is the disk's matter, and a write that waits here is not completed.
 */
function conflict(earlier: DiskQueueRequest, later: DiskQueueRequest): boolean {
  if (earlier.kind === 'flush' || later.kind === 'flush') return false;
  if (earlier.kind === 'read' && later.kind === 'read') return false;
  return overlap(earlier, later);
}

/** Whether two stretches of a disk have a sector in common. */
export function overlap(one: Stretch, other: Stretch): boolean {
  return Math.max(one.sector, other.sector) < Math.min(one.sector + one.sectors, other.sector + other.sectors);
}

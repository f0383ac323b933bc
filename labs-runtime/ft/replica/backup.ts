/**
 * The backup's guest: follows the log, entry by entry, and never runs past the last one. Walk one, step 4; VMware FT, sections 2.1 and 2.2.
 */
import type { Recorded } from '../log-entry.ts';
import { decodeRecorded, MalformedEntry } from '../log-codec.ts';
import { createReplayer, ReplayDivergence } from '../replayer.ts';
import { askDisk } from './disk-requests.ts';
import { forget } from './disk-results.ts';
import type { Host } from './host.ts';

/** Replays so many of the entries that it holds. */
export function replay(host: Host, entriesMax: number): void {
  const { state } = host;
  if (state.role !== 'backup') return;
  const before = state.consumedSeq;
  try {
    for (let count = 0; count < entriesMax && canReplay(host); count++) replayNext(host);
  } catch (error) {
    if (!(error instanceof ReplayDivergence || error instanceof MalformedEntry)) throw error;
    state.role = 'halted';
    return host.emit({ kind: 'diverged', explanation: error.message });
  }
  if (state.consumedSeq > before) host.tell('channel', { kind: 'consumed', seq: state.consumedSeq });
  tellLogEnd(host);
}

/** A backup that listens no more has come to the end of the log once it has replayed what it holds (2.3). */
export function tellLogEnd(host: Host): void {
  const { state, options } = host;
  const isDone = state.entries.length === 0 || !options.mechanisms.replaysToEnd;
  if (state.role === 'backup' && state.isAtEnd && isDone) host.tell('failover', state.isOff ? { kind: 'power-off' } : { kind: 'log end' });
}

/** Whether the next entry is there, and with it what it needs: where the backup reads for itself, its own read. */
export function canReplay({ state, options }: Pick<Host, 'state' | 'options'>): boolean {
  const [next] = state.entries;
  if (next === undefined) return false;
  if (!options.mechanisms.backupReadsDisk) return true;
  const { event } = decodeRecorded(next);
  return (
    event.kind !== 'disk' ||
    event.status === 'error' ||
    !isRead(state.disk, event.request) ||
    state.disk.results.some(({ id }) => id === event.request)
  );
}

function replayNext(host: Host): void {
  const { state } = host;
  const recorded = withRead(host, decodeRecorded(state.entries.shift()!));
  const replayer = createReplayer({
    machine: host.machine,
    consumed: state.consumedSeq,
    outputs: state.outputs,
    output: (output, made) => {
      state.outputs = output + 1;
      state.inDoubt.push({ output, made });
      if (made.device === 'disk') keepRequests(host, made.requests);
      host.emit({ kind: 'made', output, made });
    },
    diskReads: (requests) => keepRequests(host, requests),
  });
  replayer.accept({ seq: state.consumedSeq + 1, ...recorded });
  state.consumedSeq = replayer.run().consumed;
  follow(host, recorded);
}

/** What an entry says about the guest besides what it does to the machine. */
function follow(host: Host, { event }: Recorded): void {
  const { state } = host;
  if (event.kind === 'clock') state.clockTicks = Number(event.value);
  if (event.kind === 'power-off' || event.kind === 'reboot') state.isOff = true;
  if (event.kind !== 'disk') return;
  forget(host, event.request);
  state.disk.results = state.disk.results.filter(({ id }) => id !== event.request);
}

/** The requests are the primary's to carry out, but on a disk of one's own, and where the backup reads for itself. */
function keepRequests(host: Host, requests: Parameters<typeof askDisk>[1]): void {
  const { state, options } = host;
  const isOwn = options.disk === 'local' || (options.mechanisms.backupReadsDisk && requests[0]!.kind === 'read');
  if (isOwn) askDisk(host, requests);
  else state.disk.pending.push(...requests);
}

function withRead({ state }: Host, recorded: Recorded): Recorded {
  const { event } = recorded;
  if (event.kind !== 'disk' || event.status === 'error' || event.data !== undefined || !isRead(state.disk, event.request)) return recorded;
  const data = state.disk.results.find(({ id }) => id === event.request)?.data;
  return { at: recorded.at, event: data === undefined ? event : { ...event, data } };
}

function isRead(disk: Host['state']['disk'], request: number): boolean {
  return disk.pending.some(({ id, kind }) => id === request && kind === 'read');
}

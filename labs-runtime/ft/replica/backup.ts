/**
 * The backup's guest: follows the log, entry by entry, and never runs past the last one. Walk one, step 4; VMware FT, sections 2.1 and 2.2.
 */
import type { Recorded } from '../log-entry.ts';
import { decodeRecorded, MalformedEntry } from '../log-codec.ts';
import { createReplayer, ReplayDivergence } from '../replayer.ts';
import type { Replayer } from '../replayer.ts';
import { followRequests } from './disk-requests.ts';
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
  if (state.finishedSeq > 0) host.tell('failover', { kind: 'power-off' });
  else tellLogEnd(host);
}

/** A backup that listens no more has come to the end of the log once it has replayed what it holds (2.3). */
export function tellLogEnd(host: Host): void {
  const { state, options } = host;
  const isDone = state.entries.length === 0 || !options.mechanisms.replaysToEnd;
  if (state.role === 'backup' && state.isAtEnd && isDone) host.tell('failover', { kind: 'log end' });
}

/** Whether there is something to replay: an entry, and with it what it needs. */
export function canReplay(host: Pick<Host, 'state' | 'options'>): boolean {
  const [next] = host.state.entries;
  if (next === undefined) return false;
  return !host.options.mechanisms.backupReadsDisk || !waitsForRead(host, decodeRecorded(next)) || isAhead(host, next);
}

/** Whether the machine has still to run to the place of an entry. */
function isAhead({ state }: Pick<Host, 'state'>, entry: Uint8Array): boolean {
  return state.position < decodeRecorded(entry).at;
}

/** Whether an entry is about a read which the backup has still to do itself, or may have: it has not come to where the guest asks for it. */
function waitsForRead({ state }: Pick<Host, 'state'>, { at, event }: Recorded): boolean {
  if (event.kind !== 'disk' || event.status === 'error' || event.data !== undefined) return false;
  if (state.position < at) return true;
  return isRead(state.disk, event.request) && !state.disk.results.some(({ id }) => id === event.request);
}

function replayNext(host: Host): void {
  const { state, options } = host;
  const recorded = withRead(host, decodeRecorded(state.entries[0]!));
  // What is between the hosts alone needs no machine, where that is at its place already.
  if (recorded.event.kind === 'control' && recorded.at === state.position) {
    state.entries.shift();
    state.consumedSeq += 1;
    return follow(host, recorded);
  }
  const replayer = replayerOf(host);
  replayer.accept({ seq: state.consumedSeq + 1, ...recorded });
  if (options.mechanisms.backupReadsDisk && waitsForRead(host, recorded)) replayer.approach();
  else {
    state.entries.shift();
    state.consumedSeq = replayer.run().consumed;
    follow(host, recorded);
  }
  state.position = host.machine.position;
}

function replayerOf(host: Host): Replayer {
  const { state } = host;
  return createReplayer({
    machine: host.machine,
    consumed: state.consumedSeq,
    outputs: state.outputs,
    output: (output, made) => {
      state.outputs = output + 1;
      // The primary may have said already that it is outside.
      if (output >= state.released) state.inDoubt.push({ output, made });
      host.emit({ kind: 'made', output, made });
    },
    diskRequests: (requests) => followRequests(host, requests),
  });
}

/** What an entry says about the guest besides what it does to the machine. */
function follow(host: Host, { event }: Recorded): void {
  const { state } = host;
  if (event.kind === 'clock') state.clockTicks = Number(event.value);
  if (event.kind === 'power-off' || event.kind === 'reboot') state.isOff = true;
  if (event.kind === 'control' && event.operation === 'finished')
    Object.assign(state, { finishedSeq: state.consumedSeq, released: state.outputs, inDoubt: [] });
  if (event.kind !== 'disk') return;
  forget(host, event.request);
  state.disk.results = state.disk.results.filter(({ id }) => id !== event.request);
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

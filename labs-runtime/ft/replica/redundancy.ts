/**
 * How a machine that serves alone gets a backup again, by itself, while its guest goes on serving: after each failure the pair is whole again.
 * Walk one, step 7; VMware FT, sections 3.1 (FT VMotion) and 3.3 (quiescing the disk at the switch).
 */
import type { MigrateEffect } from '../migrate.ts';
import { followRequests } from './disk-requests.ts';
import { assembled, pagesChangedSince, pagesOf, restOf, takeRest } from './guest-image.ts';
import { noteMachine } from './guest.ts';
import type { Host } from './host.ts';
import type { ServerId, TransferMessage } from './messages.ts';
import { NOBODY } from './messages.ts';
import { startPair } from './pair.ts';
import { placePages } from './state.ts';

/** A machine that is alone asks for a server, again and again until there is one. */
export function seekBackup({ state, options, emit }: Host): void {
  const isAlone = state.role === 'primary' && state.peer === NOBODY && state.destination === NOBODY && !state.isOff;
  if (isAlone && options.mechanisms.restoresRedundancy) emit({ kind: 'find server' });
}

/** A server was found. */
export function migrateTo(host: Host, server: ServerId): void {
  const { state, options } = host;
  if (state.role !== 'primary' || state.peer !== NOBODY || state.destination !== NOBODY) return;
  state.destination = server;
  state.attempt = Math.max(state.attempt, state.generation) + 1;
  state.transferAtMs = state.nowMs;
  state.pages = [];
  state.migrate = options.parts.migrate.start(options.migrate);
  host.tell('migrate', { kind: 'begin', pages: pagesOf(host).map((_, index) => index) });
}

/** The destination has a round. */
export function takeRoundHeld(host: Host): void {
  const { state } = host;
  state.transferAtMs = state.nowMs;
  // A guest that has switched itself off meanwhile needs no backup.
  if (state.isOff) return host.tell('migrate', { kind: 'peer lost' });
  const dirty = pagesOf(host).flatMap((bytes, index) => (state.pages[index] === bytes ? [] : [index]));
  host.tell('migrate', { kind: 'round held', dirty });
}

export function carryOutMigrate(host: Host, effect: MigrateEffect): void {
  const { state } = host;
  switch (effect.kind) {
    case 'copy':
      return copy(host, effect.round, effect.pages);
    case 'stop':
      state.isSwitching = true;
      return;
    case 'finish':
      setApart(host, effect.pages);
      if (!host.options.mechanisms.quiesces) return finishMigration(host);
      state.isQuiescing = true;
      return host.tell('diskQueue', { kind: 'quiesce' });
    case 'resume':
      state.isSwitching = false;
      return;
    case 'abandon':
      return forgetDestination(host);
  }
}

function copy(host: Host, round: number, wanted: readonly number[]): void {
  const { state } = host;
  const now = pagesOf(host);
  const pages = wanted.map((index) => ({ index, bytes: now[index]! }));
  state.pages = now.slice();
  host.emit({ kind: 'transfer', to: state.destination, message: { kind: 'pages', generation: state.attempt, round, pages } });
}

/** A page that equals none. */
const UNSENT = new Uint8Array(0);

/** The last pages are those that the part names, and on top of them what the disk brings until it is quiet. */
function setApart(host: Host, last: readonly number[]): void {
  const { state } = host;
  state.pages = pagesOf(host).slice();
  for (const index of last) state.pages[index] = UNSENT;
}

/** Nothing of the guest's is with the disk any more: what is left goes over (3.3). From the moment at which it is sent the new pair exists, and who goes on alone is for its flag to decide. */
export function finishMigration(host: Host): void {
  const { state } = host;
  state.isQuiescing = false;
  const pages = pagesChangedSince(host);
  const generation = state.attempt;
  host.emit({ kind: 'transfer', to: state.destination, message: { kind: 'image', generation, pages, rest: restOf(host) } });
  startPair(host, 'primary', state.destination, generation);
  state.destination = NOBODY;
  if (host.options.follows === 'log') state.pages = [];
  host.tell('diskQueue', { kind: 'resume' });
}

function forgetDestination({ state }: Host): void {
  state.destination = NOBODY;
  state.pages = [];
  state.migrate = null;
}

/** The backup runs: the guest goes on, and from here on it is logged. */
export function takeReady(host: Host): void {
  const { state } = host;
  if (state.role !== 'primary' || !state.isSwitching) return;
  host.tell('migrate', { kind: 'ready' });
  state.migrate = null;
}

/** The other end of a migration has said nothing for so long that it counts as failed, as the peer of a pair would (2.3). */
export function watchMigration(host: Host): void {
  const { state, options } = host;
  const isUnderWay = state.role === 'receiving' || (state.destination !== NOBODY && !state.isQuiescing);
  if (!isUnderWay || state.nowMs - state.transferAtMs <= options.failover.silenceMaxMs) return;
  loseWayTo(host, state.role === 'receiving' ? state.peer : state.destination);
}

/** The way to a server is cut. A destination that has not got everything is no backup, and forgets what it got. */
export function loseWayTo(host: Host, server: ServerId): void {
  const { state } = host;
  if (server === state.destination || (server === state.peer && state.isSwitching)) host.tell('migrate', { kind: 'peer lost' });
  if (server === state.destination) {
    Object.assign(state, { isSwitching: false, isQuiescing: false });
    forgetDestination(host);
    host.tell('diskQueue', { kind: 'resume' });
  }
  if (server === state.peer && state.role === 'receiving') state.role = 'halted';
}

/** The way to the primary is whole again: what was said on it before may be lost. */
export function sayReadyAgain({ state, emit }: Host, server: ServerId): void {
  if (server !== state.peer || state.role !== 'backup') return;
  emit({ kind: 'transfer', to: state.peer, message: { kind: 'ready', generation: state.generation } });
}

export function takePages(host: Host, { pages, round, generation }: Extract<TransferMessage, { kind: 'pages' }>): void {
  const { state } = host;
  if (state.role !== 'receiving') return;
  state.transferAtMs = state.nowMs;
  placePages(state.pages, pages);
  host.emit({ kind: 'transfer', to: state.peer, message: { kind: 'round held', generation, round } });
}

export function becomeBackup(host: Host, { pages, rest, generation }: Extract<TransferMessage, { kind: 'image' }>): void {
  const { state, options } = host;
  host.adopt(host.slot.load(assembled(host, pages, rest)));
  startPair(host, 'backup', state.peer, generation);
  takeRest(host, rest);
  noteMachine(host);
  if (options.follows === 'log') state.pages = [];
  // What the primary's guest waits for, this one waits for too.
  followRequests(host, state.disk.pending.splice(0));
  host.emit({ kind: 'transfer', to: state.peer, message: { kind: 'ready', generation } });
}

/**
 * What goes back and forth between the two machines of a pair: the logging channel and its acknowledgements, and heartbeats. Walk one, steps 3
 * and 5; VMware FT, sections 2.2, 2.3 and 3.2.
 */
import type { ChannelEffect } from '../channel-api.ts';
import { leaveAfter } from './departure.ts';
import { backupHasRead } from './disk-requests.ts';
import type { Host } from './host.ts';
import { pairMs } from './host.ts';
import type { Heartbeat, ServerId } from './messages.ts';
import { NOBODY } from './messages.ts';
import { finishIfHeld } from './power-off.ts';

/** Starts a replica's side of a new pair: every part anew, and the log at entry 1. */
export function startPair(host: Pick<Host, 'state' | 'options'>, role: 'primary' | 'backup', peer: ServerId, generation: number): void {
  const { state, options } = host;
  const { parts } = options;
  const follows = options.follows;
  const isPrimary = role === 'primary';
  const fresh = { appendedSeq: 0, acknowledgedSeq: 0, finishedSeq: 0, unreplayed: [], sharePercent: 100, operations: 0 };
  const log = { entries: [], deliveredSeq: 0, consumedSeq: 0, isAtEnd: false, epoch: 0, epochAtMs: state.nowMs };
  Object.assign(state, { role, peer, generation, madeAtMs: state.nowMs, appendedAtMs: state.nowMs, ...fresh, ...log });
  // Frozen, and so shared by all copies of the state.
  state.channel = follows === 'log' ? parts.channel.start(Object.freeze({ ...options.channel, role })) : null;
  state.failover = parts.failover.start(Object.freeze({ ...options.failover, role }));
  state.outputGate = isPrimary ? parts.outputGate.start({ acknowledgedSeq: 0 }) : null;
  state.checkpoint = isPrimary && follows === 'checkpoints' ? parts.checkpoint.start(options.checkpoint) : null;
  state.lag = isPrimary && options.mechanisms.controlsLag ? parts.lag.start(Object.freeze(options.lag)) : null;
}

/** Ends this machine's part in the pair: it serves alone, and nothing waits for a backup any more (2.3). */
export function endPair(host: Host): void {
  const { state, options } = host;
  const wasBackup = state.role === 'backup';
  state.role = 'primary';
  state.peer = NOBODY;
  Object.assign(state, { isStalledByChannel: false, isSwitching: false, isQuiescing: false, leavesAfterSeq: 0, isSilent: false });
  host.tell('diskQueue', { kind: 'resume' });
  if (wasBackup) state.outputGate = options.parts.outputGate.start({ acknowledgedSeq: 0 });
  host.tell('outputGate', { kind: 'peer lost' });
  host.tell('checkpoint', { kind: 'peer lost' });
  host.tell('lag', { kind: 'peer lost' });
  Object.assign(state, { channel: null, failover: null, checkpoint: null, lag: null, unreplayed: [], entries: [], isAtEnd: false });
  backupHasRead(host, Infinity);
}

/** Bytes of the log, or of its acknowledgements, arrive. */
export function takeLogBytes(host: Host, from: ServerId, generation: number, bytes: Uint8Array): void {
  const { state, options } = host;
  const isCurrent = from === state.peer && generation === state.generation;
  if (state.channel === null || state.isAtEnd || (options.mechanisms.checksGeneration && !isCurrent)) return;
  host.tell('failover', { kind: 'log traffic' });
  host.tell('channel', { kind: 'bytes', bytes });
}

export function carryOutChannel(host: Host, effect: ChannelEffect): void {
  const { state } = host;
  switch (effect.kind) {
    case 'send':
      return host.emit({ kind: 'log bytes', to: state.peer, generation: state.generation, bytes: effect.bytes });
    case 'deliver':
      state.deliveredSeq = effect.seq;
      state.entries.push(effect.entry);
      return;
    case 'acknowledged':
      return acknowledged(host, effect.seq);
    case 'stall':
    case 'resume':
      state.isStalledByChannel = effect.kind === 'stall';
      return;
  }
}

function acknowledged(host: Host, seq: number): void {
  const { state } = host;
  state.acknowledgedSeq = Math.max(state.acknowledgedSeq, seq);
  host.tell('outputGate', { kind: 'acknowledged', seq });
  finishIfHeld(host, seq);
}

/** A heartbeat of the peer arrives: it lives, and says how far it is. */
export function takeHeartbeat(host: Host, from: ServerId, heartbeat: Heartbeat): void {
  const { state, options } = host;
  const isCurrent = from === state.peer && heartbeat.generation === state.generation;
  if (state.failover === null || (options.mechanisms.checksGeneration && !isCurrent)) return;
  host.tell('failover', { kind: 'heartbeat' });
  if (state.role === 'backup') outsideAre(host, heartbeat.released);
  else backupIsAt(host, heartbeat.consumedSeq);
  if (state.role === 'primary') leaveAfter(host, heartbeat.consumedSeq);
}

export function sendHeartbeat({ state, emit }: Host): void {
  const { generation, released, consumedSeq, peer } = state;
  if (state.isSilent) return;
  emit({ kind: 'heartbeat', to: peer, heartbeat: { generation, released, consumedSeq } });
}

/** So many outputs are outside: a backup that goes live need not make them again. */
function outsideAre({ state }: Host, released: number): void {
  state.released = Math.max(state.released, released);
  state.inDoubt = state.inDoubt.filter(({ output }) => output >= state.released);
}

function backupIsAt(host: Host, consumedSeq: number): void {
  const { state, options } = host;
  backupHasRead(host, consumedSeq);
  if (state.lag === null) return;
  state.unreplayed = state.unreplayed.filter(({ seq }) => seq > consumedSeq);
  const behind = state.unreplayed[0] === undefined ? 0 : state.position - state.unreplayed[0].position;
  host.tell('lag', { kind: 'lag', lagMs: behind / options.attemptsPerMs });
}

/** The streams to a server are cut, or whole again. */
export function tellChannelOfLink(host: Host, peer: ServerId, up: boolean): void {
  if (peer === host.state.peer && !host.state.isAtEnd) host.tell('channel', { kind: 'link', up });
}

/** Time passes for the parts of a pair. */
export function tellPairTime(host: Host): void {
  const nowMs = pairMs(host);
  host.tell('channel', { kind: 'time', nowMs });
  host.tell('failover', { kind: 'time', nowMs });
  host.tell('lag', { kind: 'time', nowMs });
}

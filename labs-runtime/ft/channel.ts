/**
 * The logging channel, the reference's own: numbers, frames and buffers log entries, and sends again what a broken link lost.
 * Third stop of walk one. One module is both ends; `role` says which. VMware FT, sections 2.2 and 3.2.
 *
 * Go-back-N: the backup takes only the entry it waits for and says by one number what it holds; the primary keeps every entry
 * until that number passes it, and sends all of them again after a break or when the oldest has waited too long.
 *
 * With batches, an entry may wait for others before it goes out. It waits no longer than until the next `time`, so whoever wants an output's
 * entry to go out at once tells the time once more.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions } from './channel-api.ts';
import { encodeFrame, packEntries, takeFrames } from './frame.ts';
import type { Frame } from './frame.ts';

interface PrimaryEnd {
  role: 'primary';
  options: ChannelOptions;
  linkUp: boolean;
  nowMs: number;
  /** Received bytes that are not a whole frame yet. */
  received: Uint8Array;
  nextSeq: number;
  /** Invariant: consecutive entries, the last of them number `nextSeq - 1`; at most `bufferEntriesMax` of them. */
  unacknowledged: Uint8Array[];
  /** The last entry that is not waiting for others: it was sent, or would have been if the link were up. */
  flushedSeq: number;
  /** When progress was last made or everything was last sent. */
  lastSentMs: number;
  stalled: boolean;
}

interface BackupEnd {
  role: 'backup';
  options: ChannelOptions;
  linkUp: boolean;
  received: Uint8Array;
  nextSeq: number;
  /** Invariant: `nextSeq - 1 - consumedSeq <= bufferEntriesMax`. */
  consumedSeq: number;
}

export type ChannelState = PrimaryEnd | BackupEnd;

/** A new end of the channel, with the link up and nothing sent. */
export function start(options: ChannelOptions): ChannelState {
  const common = { options, linkUp: true, received: new Uint8Array(0), nextSeq: 1 };
  if (options.role === 'backup') return { ...common, role: 'backup', consumedSeq: 0 };
  return { ...common, role: 'primary', nowMs: 0, unacknowledged: [], flushedSeq: 0, lastSentMs: 0, stalled: false };
}

/** Tells one end one thing; returns what is to be done, in order. Changes `state` in place. */
export function step(state: ChannelState, input: ChannelInput): ChannelEffect[] {
  return state.role === 'primary' ? stepPrimary(state, input) : stepBackup(state, input);
}

function stepPrimary(state: PrimaryEnd, input: ChannelInput): ChannelEffect[] {
  switch (input.kind) {
    case 'append':
      return append(state, input.entry);
    case 'bytes':
      return hearAcknowledgements(state, input.bytes);
    case 'link':
      state.linkUp = input.up;
      return input.up ? sendAll(state) : [];
    case 'time':
      state.nowMs = input.nowMs;
      return state.nowMs - state.lastSentMs >= state.options.resendAfterMs ? sendAll(state) : sendWaiting(state);
    case 'consumed':
      return [];
  }
}

function append(state: PrimaryEnd, entry: Uint8Array): ChannelEffect[] {
  const { bufferEntriesMax, batchEntriesMax = 1 } = state.options;
  state.nextSeq += 1;
  state.unacknowledged.push(entry);
  const isFull = state.unacknowledged.length >= bufferEntriesMax;
  const effects = isFull || waitingEntries(state) >= batchEntriesMax ? sendWaiting(state) : [];
  if (isFull && !state.stalled) {
    state.stalled = true;
    effects.push({ kind: 'stall' });
  }
  return effects;
}

function hearAcknowledgements(state: PrimaryEnd, bytes: Uint8Array): ChannelEffect[] {
  const effects: ChannelEffect[] = [];
  for (const frame of receive(state, bytes)) {
    const oldestSeq = state.nextSeq - state.unacknowledged.length;
    if (frame.kind !== 'acknowledge' || frame.seq < oldestSeq || frame.seq > state.flushedSeq) continue;
    state.unacknowledged = state.unacknowledged.slice(frame.seq - oldestSeq + 1);
    state.lastSentMs = state.nowMs;
    effects.push({ kind: 'acknowledged', seq: frame.seq });
  }
  if (state.stalled && state.unacknowledged.length < state.options.bufferEntriesMax) {
    state.stalled = false;
    effects.push({ kind: 'resume' });
  }
  return effects;
}

function waitingEntries(state: PrimaryEnd): number {
  return state.nextSeq - 1 - state.flushedSeq;
}

function sendWaiting(state: PrimaryEnd): ChannelEffect[] {
  const waiting = waitingEntries(state);
  if (waiting === 0) return [];
  // Where nothing else is on its way, the time until everything is sent again begins now.
  if (waiting === state.unacknowledged.length) state.lastSentMs = state.nowMs;
  return sendLast(state, waiting);
}

function sendAll(state: PrimaryEnd): ChannelEffect[] {
  state.lastSentMs = state.nowMs;
  return sendLast(state, state.unacknowledged.length);
}

/** Sends the newest so many of the entries held, if the link is up; after this none of them is waiting. */
function sendLast(state: PrimaryEnd, count: number): ChannelEffect[] {
  const entries = state.unacknowledged.slice(state.unacknowledged.length - count);
  state.flushedSeq = state.nextSeq - 1;
  return state.linkUp ? packEntries(state.nextSeq - count, entries, state.options.batchEntriesMax ?? 1).map(send) : [];
}

function send(frame: Frame): ChannelEffect {
  return { kind: 'send', bytes: encodeFrame(frame) };
}

function stepBackup(state: BackupEnd, input: ChannelInput): ChannelEffect[] {
  switch (input.kind) {
    case 'bytes':
      return takeEntries(state, input.bytes);
    case 'consumed':
      state.consumedSeq = input.seq;
      return [];
    case 'link':
      state.linkUp = input.up;
      return input.up ? [acknowledge(state)] : [];
    case 'append':
    case 'time':
      return [];
  }
}

function takeEntries(state: BackupEnd, bytes: Uint8Array): ChannelEffect[] {
  const effects: ChannelEffect[] = [];
  let heardEntry = false;
  for (const frame of receive(state, bytes)) {
    if (frame.kind === 'acknowledge') continue;
    heardEntry = true;
    const entries = frame.kind === 'batch' ? frame.entries : [frame.payload];
    for (const [index, entry] of entries.entries()) effects.push(...take(state, frame.seq + index, entry));
  }
  // Entries heard again are acknowledged again: the first acknowledgement may have been lost with the link.
  if (heardEntry && state.linkUp) effects.push(acknowledge(state));
  return effects;
}

/** Hands the entry over if it is the next and finds room. If not, it is not acknowledged, so that the primary will send it again. */
function take(state: BackupEnd, seq: number, entry: Uint8Array): ChannelEffect[] {
  const held = state.nextSeq - 1 - state.consumedSeq;
  if (seq !== state.nextSeq || held >= state.options.bufferEntriesMax) return [];
  state.nextSeq += 1;
  return [{ kind: 'deliver', seq, entry }];
}

function acknowledge(state: BackupEnd): ChannelEffect {
  return send({ kind: 'acknowledge', seq: state.nextSeq - 1 });
}

function receive(state: ChannelState, bytes: Uint8Array): Frame[] {
  const { entryBytesMax, batchEntriesMax } = state.options;
  const { frames, rest } = takeFrames(joined(state.received, bytes), entryBytesMax, batchEntriesMax);
  state.received = rest;
  return frames;
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array {
  if (before.length === 0) return after;
  const stream = new Uint8Array(before.length + after.length);
  stream.set(before);
  stream.set(after, before.length);
  return stream;
}

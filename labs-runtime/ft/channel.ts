/**
 * The logging channel, the reference's own: numbers, frames and buffers log entries, and sends again what a broken link lost.
 * Third stop of walk one. One module is both ends; `role` says which. VMware FT, sections 2.2 and 3.2.
 *
 * Go-back-N: the backup takes only the entry it waits for and says by one number what it holds; the primary keeps every entry
 * until that number passes it, and sends all of them again after a break or when the oldest has waited too long.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions } from './channel-api.ts';
import { encodeFrame, takeFrames } from './frame.ts';

/** An entry on its way: sent at least once, not yet acknowledged. */
interface Unacknowledged {
  seq: number;
  entry: Uint8Array;
}

interface PrimaryEnd {
  role: 'primary';
  options: ChannelOptions;
  linkUp: boolean;
  nowMs: number;
  /** Received bytes that are not a whole frame yet. */
  received: Uint8Array;
  nextSeq: number;
  /** Invariant: consecutive numbers, ending at `nextSeq - 1`; at most `bufferEntriesMax` of them. */
  unacknowledged: Unacknowledged[];
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
  return { ...common, role: 'primary', nowMs: 0, unacknowledged: [], lastSentMs: 0, stalled: false };
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
      return state.nowMs - state.lastSentMs >= state.options.resendAfterMs ? sendAll(state) : [];
    case 'consumed':
      return [];
  }
}

function append(state: PrimaryEnd, entry: Uint8Array): ChannelEffect[] {
  const item = { seq: state.nextSeq++, entry };
  if (state.unacknowledged.length === 0) state.lastSentMs = state.nowMs;
  state.unacknowledged.push(item);
  const effects: ChannelEffect[] = state.linkUp ? [sendEntry(item)] : [];
  if (state.unacknowledged.length >= state.options.bufferEntriesMax && !state.stalled) {
    state.stalled = true;
    effects.push({ kind: 'stall' });
  }
  return effects;
}

function hearAcknowledgements(state: PrimaryEnd, bytes: Uint8Array): ChannelEffect[] {
  const effects: ChannelEffect[] = [];
  for (const frame of receive(state, bytes)) {
    const oldest = state.unacknowledged[0];
    if (frame.kind !== 'acknowledge' || oldest === undefined || frame.seq < oldest.seq) continue;
    state.unacknowledged = state.unacknowledged.filter((item) => item.seq > frame.seq);
    state.lastSentMs = state.nowMs;
    effects.push({ kind: 'acknowledged', seq: frame.seq });
  }
  if (state.stalled && state.unacknowledged.length < state.options.bufferEntriesMax) {
    state.stalled = false;
    effects.push({ kind: 'resume' });
  }
  return effects;
}

function sendAll(state: PrimaryEnd): ChannelEffect[] {
  state.lastSentMs = state.nowMs;
  return state.linkUp ? state.unacknowledged.map(sendEntry) : [];
}

function sendEntry(item: Unacknowledged): ChannelEffect {
  return { kind: 'send', bytes: encodeFrame({ kind: 'entry', seq: item.seq, payload: item.entry }) };
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
    if (frame.kind !== 'entry') continue;
    heardEntry = true;
    const held = state.nextSeq - 1 - state.consumedSeq;
    // An entry that finds no room is not acknowledged, so the primary will send it again.
    if (frame.seq !== state.nextSeq || held >= state.options.bufferEntriesMax) continue;
    state.nextSeq += 1;
    effects.push({ kind: 'deliver', seq: frame.seq, entry: frame.payload });
  }
  // Entries heard again are acknowledged again: the first acknowledgement may have been lost with the link.
  if (heardEntry && state.linkUp) effects.push(acknowledge(state));
  return effects;
}

function acknowledge(state: BackupEnd): ChannelEffect {
  return { kind: 'send', bytes: encodeFrame({ kind: 'acknowledge', seq: state.nextSeq - 1 }) };
}

function receive(state: ChannelState, bytes: Uint8Array): ReturnType<typeof takeFrames>['frames'] {
  const stream = new Uint8Array(state.received.length + bytes.length);
  stream.set(state.received);
  stream.set(bytes, state.received.length);
  const { frames, rest } = takeFrames(stream, state.options.entryBytesMax);
  state.received = rest;
  return frames;
}

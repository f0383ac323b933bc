// Binary frames with a length and a checksum; go-back-N with the timer on the primary.
import type { ChannelEffect, ChannelInput, ChannelOptions } from 'lockstep/logging-channel';

interface State {
  options: ChannelOptions;
  linkUp: boolean;
  nowMs: number;
  inbox: Uint8Array;
  next: number;
  unacknowledged: { seq: number; entry: Uint8Array }[];
  sentMs: number;
  stalled: boolean;
  consumed: number;
}

const ENTRY = 69;
const ACK = 65;
const HEADER = 8;

export function start(options: ChannelOptions): State {
  return {
    options,
    linkUp: true,
    nowMs: 0,
    inbox: new Uint8Array(0),
    next: 1,
    unacknowledged: [],
    sentMs: 0,
    stalled: false,
    consumed: 0,
  };
}

export function step(state: State, input: ChannelInput): ChannelEffect[] {
  const effects: ChannelEffect[] = [];
  if (input.kind === 'append') append(state, input.entry, effects);
  if (input.kind === 'consumed') state.consumed = input.seq;
  if (input.kind === 'time') {
    state.nowMs = input.nowMs;
    if (state.nowMs - state.sentMs >= state.options.resendAfterMs) sendAll(state, effects);
  }
  if (input.kind === 'link') {
    state.linkUp = input.up;
    if (input.up) {
      sendAll(state, effects);
      if (state.options.role === 'backup') send(state, ACK, state.next - 1, new Uint8Array(0), effects);
    }
  }
  if (input.kind === 'bytes') {
    state.inbox = join(state.inbox, input.bytes);
    for (let frame = takeFrame(state); frame; frame = takeFrame(state)) receive(state, frame, effects);
  }
  return effects;
}

function append(state: State, entry: Uint8Array, effects: ChannelEffect[]): void {
  const seq = state.next++;
  state.unacknowledged.push({ seq, entry });
  state.sentMs = state.nowMs;
  send(state, ENTRY, seq, entry, effects);
  if (state.unacknowledged.length >= state.options.bufferEntriesMax) {
    state.stalled = true;
    effects.push({ kind: 'stall' });
  }
}

function receive(state: State, frame: Frame, effects: ChannelEffect[]): void {
  if (state.options.role === 'backup' && frame.type === ENTRY) {
    const room = state.next - 1 - state.consumed < state.options.bufferEntriesMax;
    if (frame.seq === state.next && room) {
      state.next += 1;
      effects.push({ kind: 'deliver', seq: frame.seq, entry: frame.payload });
    }
    send(state, ACK, state.next - 1, new Uint8Array(0), effects);
  }
  if (state.options.role === 'primary' && frame.type === ACK) {
    const before = state.unacknowledged.length;
    state.unacknowledged = state.unacknowledged.filter((item) => item.seq > frame.seq);
    if (state.unacknowledged.length === before) return;
    state.sentMs = state.nowMs;
    effects.push({ kind: 'acknowledged', seq: frame.seq });
    if (state.stalled) effects.push({ kind: 'resume' });
    state.stalled = false;
  }
}

function sendAll(state: State, effects: ChannelEffect[]): void {
  state.sentMs = state.nowMs;
  for (const { seq, entry } of state.unacknowledged) send(state, ENTRY, seq, entry, effects);
}

function send(state: State, type: number, seq: number, payload: Uint8Array, effects: ChannelEffect[]): void {
  if (!state.linkUp) return;
  const bytes = new Uint8Array(HEADER + payload.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0xc5);
  view.setUint8(1, type);
  view.setUint16(2, payload.length);
  view.setUint32(4, seq);
  bytes.set(payload, HEADER);
  view.setUint32(HEADER + payload.length, checksum(bytes.subarray(0, HEADER + payload.length)));
  effects.push({ kind: 'send', bytes });
}

interface Frame {
  type: number;
  seq: number;
  payload: Uint8Array;
}

/** The first whole frame of the inbox, or undefined; skips bytes that begin none. */
function takeFrame(state: State): Frame | undefined {
  let at = 0;
  let frame: Frame | undefined;
  while (at < state.inbox.length && !frame) {
    const rest = state.inbox.subarray(at);
    const view = new DataView(rest.buffer, rest.byteOffset, rest.length);
    if (rest[0] !== 0xc5) {
      at += 1;
      continue;
    }
    if (rest.length < HEADER) break;
    const length = view.getUint16(2);
    if (length > state.options.entryBytesMax) {
      at += 1;
      continue;
    }
    const end = HEADER + length;
    if (rest.length < end + 4) break;
    if (view.getUint32(end) === checksum(rest.subarray(0, end))) {
      frame = { type: rest[1]!, seq: view.getUint32(4), payload: rest.slice(HEADER, end) };
      at += end + 4;
    } else {
      at += 1;
    }
  }
  state.inbox = state.inbox.slice(at);
  return frame;
}

/** FNV-1a, 32 bits. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}

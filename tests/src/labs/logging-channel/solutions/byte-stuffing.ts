// Frames between marks that occur nowhere else (bytes that look like marks are escaped), so that no checksum is needed; the backup grants
// credit, and the primary sends no entry beyond it.
import type { ChannelEffect, ChannelInput, ChannelOptions } from 'lockstep/logging-channel';

const BEGIN = 0xfa;
const END = 0xfb;
const ESCAPE = 0xfc;

interface Primary {
  role: 'primary';
  max: number;
  log: Uint8Array[]; // log[0] is entry `first`
  first: number;
  sent: number; // number of the last entry sent on this connection
  credit: number; // number of the last entry the backup has room for
  stalled: boolean;
}

interface Backup {
  role: 'backup';
  max: number;
  last: number;
  consumed: number;
}

interface State {
  end: Primary | Backup;
  up: boolean;
  inside: boolean;
  escaped: boolean;
  frame: number[];
  frameMax: number;
  resendAfterMs: number;
  heardMs: number;
  nowMs: number;
}

export const start = (options: ChannelOptions): State => ({
  end:
    options.role === 'primary'
      ? { role: 'primary', max: options.bufferEntriesMax, log: [], first: 1, sent: 0, credit: options.bufferEntriesMax, stalled: false }
      : { role: 'backup', max: options.bufferEntriesMax, last: 0, consumed: 0 },
  up: true,
  inside: false,
  escaped: false,
  frame: [],
  frameMax: options.entryBytesMax + 5,
  resendAfterMs: options.resendAfterMs,
  heardMs: 0,
  nowMs: 0,
});

export const step = (state: State, input: ChannelInput): ChannelEffect[] => {
  const { end } = state;
  switch (input.kind) {
    case 'append':
      return end.role === 'primary' ? append(state, end, input.entry) : [];
    case 'consumed':
      if (end.role === 'primary') return [];
      end.consumed = input.seq;
      return grant(state, end);
    case 'link':
      state.up = input.up;
      if (!input.up) return [];
      return end.role === 'primary' ? again(state, end) : grant(state, end);
    case 'time': {
      state.nowMs = input.nowMs;
      if (state.nowMs - state.heardMs < state.resendAfterMs) return [];
      state.heardMs = state.nowMs;
      return end.role === 'primary' ? again(state, end) : grant(state, end);
    }
    case 'bytes':
      return [...input.bytes].flatMap((byte) => {
        const frame = unstuff(state, byte);
        if (!frame) return [];
        return end.role === 'primary' ? granted(state, end, frame) : entered(state, end, frame);
      });
  }
};

function append(state: State, end: Primary, entry: Uint8Array): ChannelEffect[] {
  end.log.push(entry);
  const effects = sendMore(state, end);
  if (end.log.length < end.max) return effects;
  end.stalled = true;
  return [...effects, { kind: 'stall' }];
}

/** Sends what credit allows and this connection has not carried yet. */
function sendMore(state: State, end: Primary): ChannelEffect[] {
  const effects: ChannelEffect[] = [];
  while (state.up && end.sent < end.credit && end.sent + 1 < end.first + end.log.length) {
    end.sent += 1;
    effects.push(stuff(end.sent, [...end.log[end.sent - end.first]!]));
  }
  return effects;
}

function again(state: State, end: Primary): ChannelEffect[] {
  end.sent = end.first - 1;
  return sendMore(state, end);
}

function granted(state: State, end: Primary, frame: number[]): ChannelEffect[] {
  const held = read32(frame, 0);
  const consumed = read32(frame, 4);
  state.heardMs = state.nowMs;
  end.credit = Math.max(end.credit, consumed + end.max);
  const effects: ChannelEffect[] = [];
  if (held >= end.first) {
    end.log.splice(0, held + 1 - end.first);
    end.first = held + 1;
    end.sent = Math.max(end.sent, held);
    effects.push({ kind: 'acknowledged', seq: held });
  }
  if (end.stalled && end.log.length < end.max) {
    end.stalled = false;
    effects.push({ kind: 'resume' });
  }
  return [...effects, ...sendMore(state, end)];
}

function entered(state: State, end: Backup, frame: number[]): ChannelEffect[] {
  const seq = read32(frame, 0);
  state.heardMs = state.nowMs;
  if (seq !== end.last + 1 || end.last - end.consumed >= end.max) return grant(state, end);
  end.last = seq;
  return [{ kind: 'deliver', seq, entry: Uint8Array.from(frame.slice(4)) }, ...grant(state, end)];
}

function grant(state: State, end: Backup): ChannelEffect[] {
  return state.up ? [stuff(end.last, write32(end.consumed))] : [];
}

function stuff(number: number, body: number[]): ChannelEffect {
  const stuffed = [...write32(number), ...body].flatMap((byte) => (byte >= BEGIN && byte <= ESCAPE ? [ESCAPE, byte - BEGIN] : [byte]));
  return { kind: 'send', bytes: Uint8Array.from([BEGIN, ...stuffed, END]) };
}

/** Takes one byte; returns a frame's content when the byte ends one. A mark in the middle of a frame starts over. */
function unstuff(state: State, byte: number): number[] | undefined {
  if (byte === BEGIN) {
    state.inside = true;
    state.escaped = false;
    state.frame = [];
  } else if (!state.inside) return undefined;
  else if (byte === END) {
    state.inside = false;
    return state.escaped || state.frame.length < 4 ? undefined : state.frame;
  } else if (byte === ESCAPE) state.escaped = true;
  else {
    state.frame.push(state.escaped ? byte + BEGIN : byte);
    state.escaped = false;
    if (state.frame.length > state.frameMax) state.inside = false;
  }
  return undefined;
}

function write32(number: number): number[] {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255);
}

function read32(bytes: number[], at: number): number {
  return bytes.slice(at, at + 4).reduce((number, byte) => number * 256 + byte, 0);
}

// Lines of text, one a message; the backup does the asking: it says what it has, and asks again for what it misses.
import type { ChannelEffect, ChannelInput, ChannelOptions } from 'lockstep/logging-channel';

class Line {
  static entry(seq: number, entry: Uint8Array): string {
    return `:e ${seq} ${Array.from(entry, (byte) => byte.toString(16).padStart(2, '0')).join('')}\n`;
  }

  static have(seq: number): string {
    return `:h ${seq} \n`;
  }

  static again(seq: number): string {
    return `:a ${seq} \n`;
  }

  static effect(line: string): ChannelEffect {
    return { kind: 'send', bytes: Uint8Array.from(line, (character) => character.charCodeAt(0)) };
  }
}

interface State {
  role: 'primary' | 'backup';
  roomMax: number;
  lineMax: number;
  patienceMs: number;
  up: boolean;
  text: string;
  /** Primary: lines of entries that wait for an acknowledgement, by number. */
  waiting: Record<string, string>;
  count: number;
  confirmed: number;
  stalled: boolean;
  /** Backup. */
  has: number;
  consumed: number;
  nowMs: number;
  newsMs: number;
}

export function start({ role, bufferEntriesMax, entryBytesMax, resendAfterMs }: ChannelOptions): State {
  return {
    role,
    roomMax: bufferEntriesMax,
    lineMax: 2 * entryBytesMax + 20,
    patienceMs: resendAfterMs,
    up: true,
    text: '',
    waiting: {},
    count: 0,
    confirmed: 0,
    stalled: false,
    has: 0,
    consumed: 0,
    nowMs: 0,
    newsMs: 0,
  };
}

export function step(state: State, input: ChannelInput): ChannelEffect[] {
  return [...(state.role === 'primary' ? primary(state, input) : backup(state, input))];
}

function* primary(state: State, input: ChannelInput): Generator<ChannelEffect> {
  if (input.kind === 'link') state.up = input.up;
  if (input.kind === 'append') {
    state.count += 1;
    const line = Line.entry(state.count, input.entry);
    state.waiting[state.count] = line;
    if (state.up) yield Line.effect(line);
    if (state.count - state.confirmed === state.roomMax) {
      state.stalled = true;
      yield { kind: 'stall' };
    }
  }
  if (input.kind !== 'bytes') return;
  for (const [word, seq] of lines(state, input.bytes)) {
    if (word === 'h' || word === 'a') yield* confirm(state, word === 'h' ? seq : seq - 1);
    if (word === 'a' && state.up)
      for (let one = Math.max(seq, state.confirmed + 1); one <= state.count; one++) yield Line.effect(state.waiting[one]!);
  }
}

function* confirm(state: State, seq: number): Generator<ChannelEffect> {
  if (seq <= state.confirmed) return;
  while (state.confirmed < seq) delete state.waiting[++state.confirmed];
  yield { kind: 'acknowledged', seq };
  if (!state.stalled) return;
  state.stalled = false;
  yield { kind: 'resume' };
}

function* backup(state: State, input: ChannelInput): Generator<ChannelEffect> {
  if (input.kind === 'consumed') state.consumed = input.seq;
  if (input.kind === 'time') {
    state.nowMs = input.nowMs;
    if (state.nowMs - state.newsMs >= state.patienceMs) yield* ask(state);
  }
  if (input.kind === 'link') {
    state.up = input.up;
    if (input.up) yield* ask(state);
  }
  if (input.kind !== 'bytes') return;
  const before = state.has;
  for (const [word, seq, hex] of lines(state, input.bytes)) {
    if (word !== 'e' || seq !== state.has + 1 || state.has - state.consumed >= state.roomMax) continue;
    state.has = seq;
    yield { kind: 'deliver', seq, entry: fromHex(hex) };
  }
  if (state.has === before) return;
  state.newsMs = state.nowMs;
  if (state.up) yield Line.effect(Line.have(state.has));
}

function* ask(state: State): Generator<ChannelEffect> {
  state.newsMs = state.nowMs;
  if (state.up) yield Line.effect(Line.again(state.has + 1));
}

/** Takes whole lines off the stream. A colon starts a line wherever it stands, so half a line in front of it is dropped. */
function* lines(state: State, bytes: Uint8Array): Generator<[word: string, seq: number, hex: string]> {
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (character === ':') state.text = ':';
    else if (character !== '\n' && state.text !== '' && state.text.length < state.lineMax) state.text += character;
    else {
      const line = state.text;
      state.text = '';
      if (character !== '\n' || line === '') continue;
      const [word = '', seq = '', hex = ''] = line.slice(1).split(' ');
      yield [word, Number(seq), hex];
    }
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16));
}

/**
 * The reference logging channel with batches, step by step and under any appends, cuts, breaks and flipped bits (VMware FT, sections 2.2 and
 * 3.2). Whole runs without batches are in tests/labs-runtime/sim/search.test.ts.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelEffect, ChannelInput, ChannelOptions, Role } from '../../../labs-runtime/ft/channel-api.ts';
import { start, step } from '../../../labs-runtime/ft/channel.ts';
import type { ChannelState } from '../../../labs-runtime/ft/channel.ts';
import { encodeFrame, takeFrames } from '../../../labs-runtime/ft/frame.ts';
import type { Frame } from '../../../labs-runtime/ft/frame.ts';
import { ByteStream } from '../../../labs-runtime/sim/link.ts';

type Common = Omit<ChannelOptions, 'role'>;
const common: Common = { bufferEntriesMax: 6, entryBytesMax: 16, resendAfterMs: 50, batchEntriesMax: 3 };
const primaryOf = (changes: Partial<Common> = {}) => start({ ...common, ...changes, role: 'primary' });
const backupOf = (changes: Partial<Common> = {}) => start({ ...common, ...changes, role: 'backup' });

const entryOf = (seq: number) => Uint8Array.of(seq, seq);
const append = (state: ChannelState, seq: number) => step(state, { kind: 'append', entry: entryOf(seq) });
const tellTime = (state: ChannelState, nowMs: number) => step(state, { kind: 'time', nowMs });
const hear = (state: ChannelState, ...frames: Frame[]) =>
  step(state, { kind: 'bytes', bytes: Uint8Array.from(frames.flatMap((frame) => [...encodeFrame(frame)])) });
const acknowledgement = (seq: number): Frame => ({ kind: 'acknowledge', seq });

/** Effects in short: `1` and `1-3` for entries in one frame, `ack 3`, `deliver 3`, and the others by name. */
function words(effects: ChannelEffect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'send') return takeFrames(effect.bytes, 0xffff, 100).frames.map(frameWords);
    return 'seq' in effect ? `${effect.kind} ${effect.seq}` : effect.kind;
  });
}

function frameWords(frame: Frame): string {
  if (frame.kind === 'acknowledge') return `ack ${frame.seq}`;
  return frame.kind === 'batch' ? `${frame.seq}-${frame.seq + frame.entries.length - 1}` : `${frame.seq}`;
}

describe('a primary that sends batches', () => {
  test('keeps entries until a batch is full, which goes out as one frame', () => {
    const state = primaryOf();
    expect([1, 2, 3, 4].map((seq) => words(append(state, seq)))).toEqual([[], [], ['1-3'], []]);
  });

  test('sends what waits when it is told the time, even the same time, and a single entry as a plain frame', () => {
    const state = primaryOf();
    tellTime(state, 10);
    append(state, 1);
    append(state, 2);
    expect(words(tellTime(state, 10))).toEqual(['1-2']);
    expect(tellTime(state, 10)).toEqual([]);
    append(state, 3);
    expect(tellTime(state, 11)).toEqual([{ kind: 'send', bytes: encodeFrame({ kind: 'entry', seq: 3, payload: entryOf(3) }) }]);
  });

  test('counts what waits as held, and sends it before the stall when the buffer is full', () => {
    const state = primaryOf({ bufferEntriesMax: 5 });
    expect([1, 2, 3, 4, 5].map((seq) => words(append(state, seq)))).toEqual([[], [], ['1-3'], [], ['4-5', 'stall']]);
    // A recorder that was in the middle of something may still add to a full buffer: nothing waits there.
    expect(words(append(state, 6))).toEqual(['6']);
    expect(words(hear(state, acknowledgement(1)))).toEqual(['acknowledged 1']);
    expect(words(hear(state, acknowledgement(3)))).toEqual(['acknowledged 3', 'resume']);
    expect(words(append(state, 7))).toEqual([]);
  });

  test('stalls with its whole buffer in one frame where a batch could hold more', () => {
    const state = primaryOf({ bufferEntriesMax: 2, batchEntriesMax: 9 });
    expect([1, 2].map((seq) => words(append(state, seq)))).toEqual([[], ['1-2', 'stall']]);
  });

  test('sends everything in batches after a break, what waited with the rest', () => {
    const state = primaryOf();
    for (const seq of [1, 2, 3, 4]) append(state, seq);
    expect(step(state, { kind: 'link', up: false })).toEqual([]);
    expect(words(append(state, 5))).toEqual([]);
    expect(words(step(state, { kind: 'link', up: true }))).toEqual(['1-3', '4-5']);
    expect(tellTime(state, 0)).toEqual([]);
  });

  test('sends nothing while the link is down, and loses nothing by it', () => {
    const state = primaryOf();
    step(state, { kind: 'link', up: false });
    expect([1, 2, 3, 4, 5, 6].flatMap((seq) => words(append(state, seq)))).toEqual(['stall']);
    expect(tellTime(state, 500)).toEqual([]);
    expect(words(step(state, { kind: 'link', up: true }))).toEqual(['1-3', '4-6']);
  });

  test('sends everything again when nobody has acknowledged for long enough, counted from when it went out', () => {
    const state = primaryOf();
    append(state, 1);
    expect(words(tellTime(state, 40))).toEqual(['1']);
    append(state, 2);
    expect(words(tellTime(state, 60))).toEqual(['2']);
    expect(tellTime(state, 89)).toEqual([]);
    append(state, 3);
    expect(words(tellTime(state, 90))).toEqual(['1-3']);
    expect(tellTime(state, 91)).toEqual([]);
  });

  test('believes no acknowledgement of what it has not sent', () => {
    const state = primaryOf();
    for (const seq of [1, 2, 3, 4]) append(state, seq);
    expect(hear(state, acknowledgement(4), acknowledgement(9))).toEqual([]);
    expect(words(hear(state, acknowledgement(3)))).toEqual(['acknowledged 3']);
    expect(words(tellTime(state, 0))).toEqual(['4']);
  });
});

describe('a backup that hears batches', () => {
  const batch = (seq: number, count: number): Frame => ({
    kind: 'batch',
    seq,
    entries: Array.from({ length: count }, (_, index) => entryOf(seq + index)),
  });

  test('hands each entry over and acknowledges once', () => {
    const effects = hear(backupOf(), batch(1, 3), batch(4, 2));
    expect(words(effects)).toEqual(['deliver 1', 'deliver 2', 'deliver 3', 'deliver 4', 'deliver 5', 'ack 5']);
    expect(effects[1]).toEqual({ kind: 'deliver', seq: 2, entry: entryOf(2) });
  });

  test('takes only as many of a batch as it has room for, and the others when they come again', () => {
    const state = backupOf({ bufferEntriesMax: 2 });
    expect(words(hear(state, batch(1, 3)))).toEqual(['deliver 1', 'deliver 2', 'ack 2']);
    expect(words(hear(state, batch(3, 2)))).toEqual(['ack 2']);
    step(state, { kind: 'consumed', seq: 1 });
    expect(words(hear(state, batch(1, 3)))).toEqual(['deliver 3', 'ack 3']);
  });

  test('takes the part of a batch that it does not have yet, and none of one that begins too late', () => {
    const state = backupOf();
    hear(state, batch(1, 2));
    expect(words(hear(state, batch(4, 2)))).toEqual(['ack 2']);
    expect(words(hear(state, batch(1, 3)))).toEqual(['deliver 3', 'ack 3']);
  });
});

type Action =
  | { kind: 'append'; entry: Uint8Array }
  | { kind: 'carry'; to: Role; bytesMax: number; flippedBit: number | undefined }
  | { kind: 'break'; lateBytes: number }
  | { kind: 'heal' }
  | { kind: 'time'; passMs: number }
  | { kind: 'consume'; entriesMax: number };

/** Both ends and the link between them. Each effect is checked where it is made. */
class Pair {
  readonly options: Common;
  readonly appended: Uint8Array[] = [];
  readonly delivered: Uint8Array[] = [];
  readonly effects: ChannelEffect[] = [];
  readonly sentFrames: Frame[] = [];
  acknowledgedSeq = 0;
  consumedSeq = 0;
  stalled = false;
  nowMs = 0;
  readonly #ends: Record<Role, ChannelState>;
  readonly #streams: Record<Role, ByteStream> = { primary: new ByteStream(), backup: new ByteStream() };

  constructor(options: Common) {
    this.options = options;
    this.#ends = { primary: start({ ...options, role: 'primary' }), backup: start({ ...options, role: 'backup' }) };
  }

  get unacknowledged(): number {
    return this.appended.length - this.acknowledgedSeq;
  }

  act(action: Action): void {
    switch (action.kind) {
      case 'append':
        return this.append(action.entry);
      case 'carry':
        return this.carry(action.to, action.bytesMax, action.flippedBit);
      case 'break':
        return this.setLink(false, action.lateBytes);
      case 'heal':
        return this.setLink(true);
      case 'time':
        return this.passTime(action.passMs);
      case 'consume':
        return this.consume(action.entriesMax);
    }
  }

  append(entry: Uint8Array): void {
    if (this.stalled) return;
    this.appended.push(entry);
    this.#tell('primary', { kind: 'append', entry });
    expect(this.stalled).toBe(this.unacknowledged >= this.options.bufferEntriesMax);
  }

  carry(to: Role, bytesMax: number, flippedBit?: number): void {
    const bytes = this.#streams[to].carry(bytesMax);
    if (bytes.length === 0) return;
    if (flippedBit !== undefined) bytes[(flippedBit >> 3) % bytes.length]! ^= 1 << (flippedBit & 7);
    this.#tell(to, { kind: 'bytes', bytes });
  }

  setLink(up: boolean, lateBytes = 0): void {
    for (const side of ['backup', 'primary'] as const) {
      if (up) this.#streams[side].heal();
      else this.#streams[side].break(lateBytes);
    }
    for (const side of ['backup', 'primary'] as const) this.#tell(side, { kind: 'link', up });
  }

  passTime(passMs: number): void {
    this.nowMs += passMs;
    for (const side of ['primary', 'backup'] as const) this.#tell(side, { kind: 'time', nowMs: this.nowMs });
  }

  consume(entriesMax: number): void {
    this.consumedSeq = Math.min(this.consumedSeq + entriesMax, this.delivered.length);
    this.#tell('backup', { kind: 'consumed', seq: this.consumedSeq });
  }

  /** The link is whole and nothing else goes wrong: everything arrives. */
  settle(): void {
    this.setLink(true);
    for (let round = 0; round < 60 && (this.unacknowledged > 0 || round === 0); round++) {
      this.passTime(this.options.resendAfterMs);
      this.carry('backup', Infinity);
      this.consume(Infinity);
      this.carry('primary', Infinity);
    }
  }

  #tell(side: Role, input: ChannelInput): void {
    for (const effect of step(this.#ends[side], input)) {
      this.effects.push(effect);
      this.#perform(side, effect);
    }
  }

  #perform(side: Role, effect: ChannelEffect): void {
    switch (effect.kind) {
      case 'send':
        return this.#send(side, effect.bytes);
      case 'deliver':
        expect(side).toBe('backup');
        expect(effect.seq).toBe(this.delivered.push(effect.entry));
        expect(effect.entry).toEqual(this.appended[effect.seq - 1]);
        return expect(this.delivered.length - this.consumedSeq).toBeLessThanOrEqual(this.options.bufferEntriesMax);
      case 'acknowledged':
        expect(effect.seq).toBeGreaterThan(this.acknowledgedSeq);
        expect(effect.seq).toBeLessThanOrEqual(this.delivered.length);
        this.acknowledgedSeq = effect.seq;
        return;
      case 'stall':
      case 'resume':
        expect(this.stalled).toBe(effect.kind === 'resume');
        expect(this.unacknowledged >= this.options.bufferEntriesMax).toBe(effect.kind === 'stall');
        this.stalled = effect.kind === 'stall';
    }
  }

  /** Each `send` is one whole frame, within the bounds that the other end knows. */
  #send(side: Role, bytes: Uint8Array): void {
    const { frames, rest } = takeFrames(bytes, this.options.entryBytesMax, this.options.batchEntriesMax);
    expect(frames).toHaveLength(1);
    expect(rest).toHaveLength(0);
    this.sentFrames.push(...frames);
    this.#streams[side === 'primary' ? 'backup' : 'primary'].send(bytes);
  }
}

const entry = fc.uint8Array({ maxLength: common.entryBytesMax });
const appends = fc.record({ kind: fc.constant('append' as const), entry });
const carries = (flippedBit: fc.Arbitrary<number | undefined>) =>
  fc.record({
    kind: fc.constant('carry' as const),
    to: fc.constantFrom<Role>('primary', 'backup'),
    bytesMax: fc.oneof(fc.integer({ min: 1, max: 120 }), fc.constant(1000)),
    flippedBit,
  });
const breaks = fc.record({ kind: fc.constant('break' as const), lateBytes: fc.nat({ max: 80 }) });
const times = fc.record({ kind: fc.constant('time' as const), passMs: fc.nat({ max: 60 }) });
const consumes = fc.record({ kind: fc.constant('consume' as const), entriesMax: fc.nat({ max: 5 }) });
const actionsWith = (flippedBit: fc.Arbitrary<number | undefined>): fc.Arbitrary<Action[]> =>
  fc.array(
    fc.oneof<fc.WeightedArbitrary<Action>[]>(
      { weight: 6, arbitrary: appends },
      { weight: 6, arbitrary: carries(flippedBit) },
      { weight: 1, arbitrary: breaks },
      { weight: 2, arbitrary: fc.constant({ kind: 'heal' }) },
      { weight: 2, arbitrary: times },
      { weight: 2, arbitrary: consumes },
    ),
    { maxLength: 80, size: 'max' },
  );
const options: fc.Arbitrary<Common> = fc.record({
  bufferEntriesMax: fc.integer({ min: 1, max: 8 }),
  entryBytesMax: fc.constant(common.entryBytesMax),
  resendAfterMs: fc.constantFrom(20, 50),
  batchEntriesMax: fc.integer({ min: 1, max: 10 }),
});

describe('a pair', () => {
  const never = fc.constant(undefined);
  const sometimes = fc.option(fc.nat({ max: 8000 }), { nil: undefined, freq: 3 });

  test.each([
    ['cuts and breaks', never],
    ['cuts, breaks and flipped bits', sometimes],
  ])('gets every entry across once, in order and as it was, within both bounds, whatever the %s', (_, flippedBit) => {
    let [batches, deliveredBefore] = [0, 0];
    fc.assert(
      fc.property(options, actionsWith(flippedBit), (chosen, actions) => {
        const pair = new Pair(chosen);
        for (const action of actions) pair.act(action);
        deliveredBefore += pair.delivered.length;
        pair.settle();
        expect(pair.delivered).toEqual(pair.appended);
        expect(pair.acknowledgedSeq).toBe(pair.appended.length);
        expect(pair.stalled).toBe(false);
        batches += pair.sentFrames.filter(({ kind }) => kind === 'batch').length;
      }),
      { numRuns: 300 },
    );
    expect(Math.min(batches, deliveredBefore)).toBeGreaterThan(300);
  });

  test('with no batches sends each entry at once in a frame of its own, the same whether the option is 1 or absent', () => {
    let sent = 0;
    fc.assert(
      fc.property(options, actionsWith(never), ({ bufferEntriesMax, entryBytesMax, resendAfterMs }, actions) => {
        const [absent, one] = [undefined, 1].map((batchEntriesMax) => {
          const plain = { bufferEntriesMax, entryBytesMax, resendAfterMs };
          const pair = new Pair(batchEntriesMax === undefined ? plain : { ...plain, batchEntriesMax });
          for (const action of actions) pair.act(action);
          return pair;
        });
        expect(absent!.effects).toEqual(one!.effects);
        for (const effect of absent!.effects) {
          if (effect.kind !== 'send') continue;
          const { frames } = takeFrames(effect.bytes, entryBytesMax);
          sent += frames.length;
          expect(effect.bytes).toEqual(encodeFrame(frames[0]!));
        }
      }),
      { numRuns: 100 },
    );
    expect(sent).toBeGreaterThan(1000);

    const state = start({ role: 'primary', bufferEntriesMax: 2, entryBytesMax: 16, resendAfterMs: 50 });
    const sendOf = (seq: number) => ({ kind: 'send', bytes: encodeFrame({ kind: 'entry', seq, payload: entryOf(seq) }) });
    expect(append(state, 1)).toEqual([sendOf(1)]);
    expect(append(state, 2)).toEqual([sendOf(2), { kind: 'stall' }]);
    expect(tellTime(state, 50)).toEqual([sendOf(1), sendOf(2)]);
  });

  test('with batches sends fewer bytes for the same entries', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 2, maxLength: 8 }), fc.integer({ min: 2, max: 8 }), (entries, batchEntriesMax) => {
        const bytesWith = (batch: number): number => {
          const pair = new Pair({ ...common, bufferEntriesMax: 10, batchEntriesMax: batch });
          for (const each of entries) pair.append(each);
          pair.passTime(0);
          return pair.effects.reduce((bytes, effect) => bytes + (effect.kind === 'send' ? effect.bytes.length : 0), 0);
        };
        expect(bytesWith(batchEntriesMax)).toBeLessThan(bytesWith(1));
      }),
    );
  });

  test('has ends whose states are plain data, of the same shape whatever happens', () => {
    const shape = (state: ChannelState) => Object.keys(state).join();
    const state = primaryOf();
    const before = shape(state);
    for (const seq of [1, 2, 3, 4, 5, 6]) append(state, seq);
    tellTime(state, 500);
    const copy = structuredClone(state);
    expect(hear(copy, acknowledgement(4))).toEqual(hear(state, acknowledgement(4)));
    expect([copy, shape(state)]).toEqual([state, before]);
  });
});

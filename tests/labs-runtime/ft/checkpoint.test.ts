/** Checkpoints of epochs and the outputs that wait for them (Remus, 2008; VMware FT, section 4), step by step and at random. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkpointDefaults,
  start,
  step,
  type CheckpointEffect,
  type CheckpointInput,
  type CheckpointState,
} from '../../../labs-runtime/ft/checkpoint.ts';

const output = (operation: number): CheckpointInput => ({ kind: 'output', operation });
const held = (epoch: number): CheckpointInput => ({ kind: 'held', epoch });
const epochEnd: CheckpointInput = { kind: 'epoch end' };
const lost: CheckpointInput = { kind: 'peer lost' };

/** What is done, in short: `capture 1`, `release 7`. */
function tell(state: CheckpointState, ...inputs: CheckpointInput[]): string[] {
  return inputs
    .flatMap((input) => step(state, input))
    .map((effect) => `${effect.kind} ${effect.kind === 'capture' ? effect.epoch : effect.operation}`);
}

describe('checkpoints (Remus, 2008)', () => {
  test('an output waits for the checkpoint at the end of its epoch, and one of the next epoch for the next', () => {
    const state = start(checkpointDefaults);
    expect(tell(state, output(1), output(2))).toEqual([]);
    expect(tell(state, epochEnd)).toEqual(['capture 1']);
    expect(tell(state, output(3))).toEqual([]);
    expect(tell(state, held(1))).toEqual(['release 1', 'release 2']);
    expect(tell(state, epochEnd)).toEqual(['capture 2']);
    expect(tell(state, held(2))).toEqual(['release 3']);
  });

  test('a later checkpoint that is held says that the earlier ones are', () => {
    const state = start({ unheldMax: 3 });
    expect(tell(state, output(1), epochEnd, output(2), epochEnd, output(3))).toEqual(['capture 1', 'capture 2']);
    expect(tell(state, held(2))).toEqual(['release 1', 'release 2']);
    expect(tell(state, held(1))).toEqual([]);
    expect(tell(state, epochEnd, epochEnd, epochEnd, epochEnd)).toEqual(['capture 3', 'capture 4', 'capture 5']);
  });

  test('while as many as may be are on their way nothing is captured, and the epoch goes on', () => {
    const state = start({ unheldMax: 2 });
    expect(tell(state, epochEnd, epochEnd, output(1), epochEnd, output(2))).toEqual(['capture 1', 'capture 2']);
    expect(tell(state, held(1), epochEnd)).toEqual(['capture 3']);
    expect(tell(state, held(3))).toEqual(['release 1', 'release 2']);
  });

  test('by default one checkpoint is on its way at a time', () => {
    expect(tell(start(checkpointDefaults), epochEnd, epochEnd, epochEnd, held(1), epochEnd)).toEqual(['capture 1', 'capture 2']);
  });

  test.each([2, 3, 0, -1, Infinity, NaN])('that epoch %d is held, when only epoch 1 was captured, lets nothing out', (epoch) => {
    const state = start({ unheldMax: 2 });
    tell(state, output(1), epochEnd, output(2));
    expect(tell(state, held(epoch))).toEqual([]);
    expect(tell(state, held(1))).toEqual(['release 1']);
  });

  test('alone it lets out what it holds, in order, and later outputs at once; it captures no more', () => {
    const state = start({ unheldMax: 2 });
    tell(state, output(1), epochEnd, output(2));
    expect(tell(state, lost)).toEqual(['release 1', 'release 2']);
    expect(tell(state, output(3), epochEnd, held(1), lost, output(4))).toEqual(['release 3', 'release 4']);
  });
});

/** A backup that a primary's side sends to, with what each checkpoint contains by the order of events. */
class Pair {
  /** The last output made before each capture; index is the epoch. Epoch 0 is the state that both start from. */
  readonly lastOutput = [0];
  heldEpoch = 0;
  made = 0;
  readonly released: number[] = [];
  isAlone = false;
  readonly #unheldMax: number;
  #state: CheckpointState;

  constructor(unheldMax: number) {
    this.#unheldMax = unheldMax;
    this.#state = start({ unheldMax });
  }

  tell(input: CheckpointInput): void {
    if (input.kind === 'output') this.made = input.operation;
    if (input.kind === 'peer lost') this.isAlone = true;
    if (input.kind === 'held' && input.epoch < this.lastOutput.length) this.heldEpoch = Math.max(this.heldEpoch, input.epoch);
    // A state is plain data: a copy of it goes on just as well.
    this.#state = structuredClone(this.#state);
    const captures = this.lastOutput.length;
    const mayCapture = input.kind === 'epoch end' && !this.isAlone && captures - 1 - this.heldEpoch < this.#unheldMax;
    for (const effect of step(this.#state, input)) this.#perform(effect);
    expect(this.lastOutput.length).toBe(captures + (mayCapture ? 1 : 0));
    this.#check();
  }

  #perform(effect: CheckpointEffect): void {
    if (effect.kind === 'release') return void this.released.push(effect.operation);
    expect(effect.epoch).toBe(this.lastOutput.length);
    this.lastOutput.push(this.made);
  }

  /** What has left is what the held state has behind it, no more and no less, in the order it was made. */
  #check(): void {
    const lastDue = this.isAlone ? this.made : this.lastOutput[this.heldEpoch]!;
    expect(this.released).toEqual(Array.from({ length: lastDue }, (_, index) => index + 1));
  }
}

describe('a pair that lives by checkpoints (Remus, 2008)', () => {
  const events = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('output' as const) },
      { weight: 2, arbitrary: fc.constant('epoch end' as const) },
      // Of the present epoch or around it: late, repeated and never captured ones among them.
      { weight: 2, arbitrary: fc.integer({ min: -3, max: 2 }) },
    ),
    { maxLength: 60 },
  );

  function run(unheldMax: number, list: (string | number)[]): Pair {
    const pair = new Pair(unheldMax);
    for (const event of list) {
      if (event === 'output') pair.tell(output(pair.made + 1));
      else if (event === 'epoch end') pair.tell(epochEnd);
      else pair.tell(held(pair.lastOutput.length + Number(event)));
    }
    return pair;
  }

  test('no output leaves before its epoch is held; all leave in order once it is; captures are bounded and count on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), events, (unheldMax, list) => {
        const pair = run(unheldMax, list);
        pair.tell(held(pair.lastOutput.length - 1));
        pair.tell(epochEnd);
        pair.tell(held(pair.lastOutput.length - 1));
        expect(pair.released).toHaveLength(pair.made);
      }),
      { numRuns: 500 },
    );
  });

  test('after the backup is lost nothing waits any more, whatever still arrives', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), events, events, (unheldMax, before, later) => {
        const pair = run(unheldMax, before);
        pair.tell(lost);
        for (const event of later) {
          pair.tell(event === 'output' ? output(pair.made + 1) : event === 'epoch end' ? epochEnd : held(Math.abs(event)));
          expect(pair.released).toHaveLength(pair.made);
        }
      }),
      { numRuns: 300 },
    );
  });
});

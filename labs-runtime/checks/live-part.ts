/**
 * A student's part at work: every call is metered, its answer copied out as plain data, and the call recorded. Walk two, step 3.
 * The state belongs to this side: the part gets it as an argument, changes it, and gets a copy of it at the next step.
 */
import { PartFailure, StateHandle } from '../ft/part.ts';
import type { Lab } from './lab.ts';
import type { MeteredProgram } from './fuel.ts';
import type { Meter } from './meter.ts';
import { ITEMS_PER_STEP } from './meter.ts';
import { GradingError } from './part-driver.ts';
import type { PartDriver, PartUse } from './part-driver.ts';
import { copyOf, copyPlainData } from './plain-data.ts';
import type { PlainCopy } from './plain-data.ts';
import { encodeBriefly, encodePlainData } from './plain-data-codec.ts';
import { PlainDataError } from './plain-data-refusals.ts';
import type { PartExports, Realm } from './sandbox.ts';
import { CallDigest } from './transcript.ts';
import type { CallRecord, CheckTranscript, Transcript } from './transcript.ts';
import { describeThrown } from './thrown.ts';

/** One of so many steps of a state is repeated elsewhere; so is each whose number is a power of two, for short runs. */
const STEPS_PER_REPEAT = 16;

/** One end in one world: its own evaluation of the module, and its state between two calls. */
interface Instance {
  exports: PartExports;
  state: unknown;
  stepsTaken: number;
}

/** What one call of the part came to. */
interface Outcome {
  state: unknown;
  stateBytes: number;
  effects: unknown[];
}

const noEffects = encodePlainData([]);

/** Runs a part in a hardened realm and keeps a transcript of it. */
export class LivePart implements PartDriver {
  readonly transcript: Transcript = { checks: [], details: [] };
  private readonly meter: Meter;
  private readonly evaluate: () => PartExports;
  private readonly program: MeteredProgram;
  private readonly limits: Lab['limits'];
  private instances = new Map<StateHandle, Instance>();
  private digest = new CallDigest();
  private check: CheckTranscript | undefined;
  private failure: PartFailure | undefined;

  constructor(realm: Realm, lab: Lab, program: MeteredProgram) {
    this.meter = realm.meter;
    this.limits = lab.limits;
    this.program = program;
    this.evaluate = realm.load(program);
  }

  beginCheck(title: string): void {
    this.check = { title, calls: [], outOfMemory: false };
    this.transcript.checks.push(this.check);
    this.instances = new Map();
    this.digest = new CallDigest();
    this.failure = undefined;
    this.meter.begin(this.limits);
  }

  endCheck(): PartUse {
    this.check = undefined;
    const { steps, site } = this.meter.read();
    return { steps, position: this.program.sites[site], failure: this.failure };
  }

  start(options: unknown): StateHandle {
    const handle = new StateHandle();
    this.call('start', handle, options, () => {
      const exports = this.instantiate();
      const outcome = this.runStart(exports, copyOf(options));
      this.instances.set(handle, { exports, state: outcome.state, stepsTaken: 0 });
      return outcome;
    });
    return handle;
  }

  step(handle: StateHandle, input: unknown): unknown[] {
    const instance = this.instances.get(handle);
    if (instance === undefined)
      throw new GradingError('A check called step() with a state of another check, or of a part that has failed.');
    return this.call('step', handle, input, (digest) => {
      instance.stepsTaken += 1;
      const thorough = isRepeated(instance.stepsTaken, digest);
      const before = thorough ? copyOf(instance.state) : undefined;
      const outcome = this.runStep(instance, copyOf(input), thorough);
      if (thorough) this.repeat(before, input, outcome);
      instance.state = outcome.state;
      return outcome;
    }).effects;
  }

  /** One call: makes it and records it. What stopped the meter stands for the rest of the check; any other failure ends this state only. */
  private call(kind: CallRecord['kind'], handle: StateHandle, given: unknown, body: (digest: number) => Outcome): Outcome {
    if (this.check === undefined) throw new GradingError(`A check called ${kind}() outside of its test.`);
    const digest = this.digest.next(kind, handle, encodeBriefly(given));
    const before = this.meter.read().steps;
    let outcome: Outcome | undefined;
    let failure: PartFailure | undefined;
    try {
      outcome = body(digest);
      handle.bytes = outcome.stateBytes;
      return outcome;
    } catch (error) {
      failure = this.asFailure(error);
      this.instances.delete(handle);
      this.failure ??= failure;
      throw failure;
    } finally {
      const { steps, site } = this.meter.read();
      this.check.calls.push({
        kind,
        digest,
        steps: steps - before,
        site,
        stateBytes: handle.bytes,
        effects: outcome === undefined || outcome.effects.length === 0 ? noEffects : encodePlainData(outcome.effects),
        ...(failure && { failure: { kind: failure.kind, explanation: failure.explanation } }),
      });
    }
  }

  /** A fresh evaluation of the part's module. */
  private instantiate(): PartExports {
    const exports = this.guarded(() => this.evaluate());
    for (const name of ['start', 'step'] as const) {
      if (typeof exports[name] !== 'function') throw new PartFailure('malformed', `The export ${name} is not a function`);
    }
    return exports;
  }

  private runStart(exports: PartExports, options: unknown): Outcome {
    const state = this.guarded(() => (exports.start as (options: unknown) => unknown)(options));
    const copy = this.copyOut(state, 'state', true);
    return { state: copy.value, stateBytes: copy.bytes, effects: [] };
  }

  private runStep({ exports, state }: Instance, input: unknown, thorough: boolean): Outcome {
    const effects = this.guarded(() => (exports.step as (state: unknown, input: unknown) => unknown)(state, input));
    if (!Array.isArray(effects)) {
      throw new PartFailure(
        'malformed',
        `step() returned ${describeKind(effects)}: return an array of effects, or [] when nothing is to be done`,
      );
    }
    const effectsCopy = this.copyOut(effects, 'effects', thorough).value as unknown[];
    const stateCopy = this.copyOut(state, 'state', thorough);
    return { effects: effectsCopy, state: stateCopy.value, stateBytes: stateCopy.bytes };
  }

  /** Runs part code. A stop wins over whatever the part made of it. */
  private guarded<Result>(body: () => Result): Result {
    try {
      const result = this.meter.run(body);
      this.throwIfStopped();
      return result;
    } catch (error) {
      this.throwIfStopped();
      if (error instanceof PartFailure) throw error;
      const thrown = describeThrown(error);
      if (this.check !== undefined) this.transcript.details.push({ check: this.check.title, text: thrown.detail });
      throw new PartFailure('crash', `It threw ${thrown.name}`);
    }
  }

  private throwIfStopped(): void {
    const stop = this.meter.stopped;
    if (stop !== undefined) throw new PartFailure(stop.kind, stop.explanation);
  }

  private copyOut(value: unknown, root: string, thorough: boolean): PlainCopy {
    const copy = copyPlainData(value, { root, valuesMax: this.limits.valuesMax, thorough });
    // Copying takes time in the size of a state, and so it takes steps.
    if (copy.values >= ITEMS_PER_STEP) this.guarded(() => this.meter.charge(copy.values / ITEMS_PER_STEP));
    return copy;
  }

  /** Repeats a step on copies of its state and input in an evaluation of its own: anything but the same answer was kept elsewhere. */
  private repeat(state: unknown, input: unknown, outcome: Outcome): void {
    const expected = encodePlainData([outcome.effects, outcome.state]);
    const aside = this.meter.runAside(() => {
      const exports = this.evaluate();
      const effects = (exports.step as (state: unknown, input: unknown) => unknown)(state, copyOf(input));
      return { effects, state };
    });
    if (aside.result !== undefined && this.isSame(expected, aside.result)) return;
    throw new PartFailure(
      'hidden state',
      'The same state and input gave another answer in a fresh copy of the file: keep everything in the state, nothing in variables outside of it',
    );
  }

  private isSame(expected: Uint8Array, again: { effects: unknown; state: unknown }): boolean {
    try {
      const { valuesMax } = this.limits;
      const effects = copyPlainData(again.effects, { root: 'effects', valuesMax }).value;
      const state = copyPlainData(again.state, { root: 'state', valuesMax }).value;
      return isEqual(encodeBriefly([effects, state]), expected);
    } catch (error) {
      if (error instanceof PlainDataError) return false;
      throw error;
    }
  }

  private asFailure(error: unknown): PartFailure {
    const position = this.program.sites[this.meter.read().site];
    if (error instanceof PartFailure) return new PartFailure(error.kind, error.explanation, position);
    if (error instanceof PlainDataError) return new PartFailure('malformed', error.message, position);
    throw error;
  }
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

/** Chosen by the digest of all calls of the check, of which a part sees its own: one that could count to the next would only then have it all in its state. */
function isRepeated(stepsTaken: number, digest: number): boolean {
  return (digest >>> 16) % STEPS_PER_REPEAT === 0 || (stepsTaken & (stepsTaken - 1)) === 0;
}

/** What a value is, in words, without running anything of its own. */
function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object that is no array' : `a ${typeof value}`;
}

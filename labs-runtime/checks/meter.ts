/**
 * The step counter that a part runs under: steps, depth, and what may not be asked for. Walk two, step 2 and 3.
 * The fuel transform calls `instruments` from inside the part; everything else here is for the harness. Nothing in it reads a clock.
 */
import type { PartFailureKind } from '../ft/part.ts';
import type { LabLimits } from './lab.ts';

/** The longest string a part may make, in UTF-16 code units. */
export const STRING_LENGTH_MAX = 65_536;
/** The largest bigint a part may make, in bits. */
export const BIGINT_BITS_MAX = 1024;
/** The most values that may be spread into the arguments of one call. */
export const SPREAD_ARGUMENTS_MAX = 10_000;
/** Array items that a builtin may touch in one step. */
export const ITEMS_PER_STEP = 8;
/** Bytes, or characters of strings, that a builtin may touch in one step. */
export const BYTES_PER_STEP = 64;
/** The most steps in one call: bounds the memory that a part can take before its state is looked at. */
export const CALL_STEPS_MAX = 2_000_000;
/** Steps for an error that was made or caught: engine and compartment keep a record of each. */
export const STEPS_PER_ERROR = 256;
/** Steps for a collection, buffer or view, however small: it is several objects to the engine. */
export const STEPS_PER_COLLECTION = 4;

const bigintLimit = 1n << BigInt(BIGINT_BITS_MAX);

/** Why a part was stopped in the middle of a call. */
export interface Stop {
  kind: Extract<PartFailureKind, 'step budget' | 'refused'>;
  explanation: string;
}

/** Thrown into a part to unwind it; what counts is `meter.stop()`, for a part may catch this. */
class StopSignal extends Error {}

/** What instrumented code calls. The names are those that `fuel.ts` writes, without their prefix. */
export interface Instruments {
  tick(site: number): void;
  charge(steps: number): void;
  enter(site: number): void;
  leave(): void;
  left<Value>(value: Value): Value;
  caught(error: unknown): void;
  grown<Value>(value: Value): Value;
  amount<Value>(value: Value): Value;
  spread(value: unknown): unknown;
  spreadArguments(value: unknown): unknown;
  properties(value: unknown): unknown;
  key(value: unknown): unknown;
  constructible(value: unknown): unknown;
  extendable(value: unknown): unknown;
}

/** The position of the counter, so that a repeated call can be run outside it. */
export interface MeterReading {
  steps: number;
  site: number;
}

export type Meter = ReturnType<typeof createMeter>;

/**
 * One meter serves one realm, for its builtins are metered too.
 * Invariant: outside `run`, every tick stops the caller, so that nothing of a part's runs after its call has returned.
 */
export function createMeter() {
  let running = false;
  let stepsMax = 0;
  let depthMax = 0;
  let steps = 0;
  let depth = 0;
  let site = -1;
  /** The count of `steps` at which the current call ends. */
  let callStepsMax = 0;
  /** What `steps` is compared with: `callStepsMax` while a part runs and may go on, else -1. */
  let limit = -1;
  let stopped: (Stop & { at: MeterReading }) | undefined;
  /** Constructors that a part reaches through a stand-in which charges for what they make. */
  let standIns = new Map<unknown, unknown>();
  let closedClasses = new Set<unknown>();

  function stop(kind: Stop['kind'], explanation: string): never {
    // Where it stopped first counts: what a part does before it is unwound does not.
    stopped ??= { kind, explanation, at: { steps: Math.min(steps, callStepsMax), site } };
    limit = -1;
    throw new StopSignal(explanation);
  }

  function outOfSteps(): never {
    if (!running) throw new StopSignal('the part ran on after its call had returned');
    if (stopped !== undefined) throw new StopSignal(stopped.explanation);
    const scope = callStepsMax === stepsMax ? `all ${stepsMax} steps of its budget` : `${CALL_STEPS_MAX} steps in one call`;
    return stop('step budget', `It had taken ${scope} and went on`);
  }

  /** Takes `count` further steps, rounded up, for work that a builtin does at once. */
  function charge(count: number): void {
    if (!running) return;
    steps += Math.ceil(count);
    if (steps > limit) outOfSteps();
  }

  /** The depth is there so that no stack ever fills; where one does all the same, it counts as too deep. */
  function noteStackOverflow(error: unknown): boolean {
    if (!isStackOverflow(error)) return false;
    stopped ??= { kind: 'step budget', explanation: 'Its calls filled the stack: use a loop, or give the recursion an end', at: { steps, site } };
    limit = -1;
    return true;
  }

  /** One call deeper; `leave` comes back. */
  function descend(): void {
    depth += 1;
    if (depth > depthMax) stop('step budget', `Its functions called each other more than ${depthMax} deep: use a loop, or give the recursion an end`);
  }

  function refuse(explanation: string): never {
    return stop('refused', explanation);
  }

  function checkGrown(value: unknown): void {
    if (typeof value === 'string') {
      if (value.length > STRING_LENGTH_MAX) refuse(`It made a string longer than ${STRING_LENGTH_MAX} characters: keep bytes in a Uint8Array`);
      if (value.length > BYTES_PER_STEP) charge(value.length / BYTES_PER_STEP);
    } else if (typeof value === 'bigint' && (value >= bigintLimit || value <= -bigintLimit)) {
      refuse(`It made a bigint of more than ${BIGINT_BITS_MAX} bits`);
    }
  }

  /** An iterable as an array, one step an item where the items are not known to be few. */
  function itemsOf(value: unknown, itemsMax: number): unknown {
    const items = Array.isArray(value) ? value : [];
    if (Array.isArray(value)) {
      charge(value.length / ITEMS_PER_STEP);
    } else {
      for (const item of value as Iterable<unknown>) {
        charge(1);
        items.push(item);
      }
    }
    if (items.length > itemsMax) refuse(`It spread more than ${itemsMax} values into one call: use a loop`);
    return items;
  }

  const instruments: Instruments = {
    tick(at) {
      site = at;
      steps += 1;
      if (steps > limit) outOfSteps();
    },
    enter(at) {
      site = at;
      steps += 1;
      if (steps > limit) outOfSteps();
      descend();
    },
    charge,
    leave() {
      depth -= 1;
    },
    left(value) {
      depth -= 1;
      return value;
    },
    caught(error) {
      if (stopped !== undefined) throw new StopSignal(stopped.explanation);
      if (noteStackOverflow(error)) throw new StopSignal('the stack is full');
      charge(STEPS_PER_ERROR);
    },
    grown(value) {
      if (typeof value !== 'number') checkGrown(value);
      return value;
    },
    amount(value) {
      if (typeof value === 'bigint' && (value > BIGINT_BITS_MAX || value < -BIGINT_BITS_MAX)) {
        refuse(`It shifted or raised a bigint by more than ${BIGINT_BITS_MAX}`);
      }
      return value;
    },
    spread: (value) => itemsOf(value, Infinity),
    spreadArguments: (value) => itemsOf(value, SPREAD_ARGUMENTS_MAX),
    properties(value) {
      if (Array.isArray(value)) charge(value.length / ITEMS_PER_STEP);
      else if (typeof value === 'object' && value !== null) charge(Object.keys(value).length / ITEMS_PER_STEP);
      return value;
    },
    key(value) {
      if (value === 'length') refuse('It set the length of an array by a computed name: write `.length`.');
      // An object as a name is turned into one here, once, so that it cannot be another at its second reading.
      return typeof value === 'object' || typeof value === 'function' ? String(value) : value;
    },
    constructible: (value) => standIns.get(value) ?? value,
    extendable(value) {
      if (closedClasses.has(value)) refuse('It derived a class from a builtin one: only Error and classes of your own can be derived from');
      return value;
    },
  };

  return {
    instruments,
    charge,
    descend,
    refuse,
    checkGrown,
    isRunning: () => running,
    stop: (): Stop | undefined => stopped,
    read: (): MeterReading => stopped?.at ?? { steps, site },
    /** Sets which constructors are reached through stand-ins, and which no class may be derived from. */
    guard(constructors: Map<unknown, unknown>, closed: Set<unknown>): void {
      standIns = constructors;
      closedClasses = closed;
    },
    /** Begins a check: a full budget, nothing stopped. */
    begin(limits: Pick<LabLimits, 'stepsMax' | 'depthMax'>): void {
      stepsMax = limits.stepsMax;
      depthMax = limits.depthMax;
      steps = 0;
      site = -1;
      stopped = undefined;
    },
    /** Runs part code under the meter. What it throws goes through; afterwards ask `stop()` first. */
    run<Result>(body: () => Result): Result {
      running = true;
      depth = 0;
      callStepsMax = Math.min(stepsMax, steps + CALL_STEPS_MAX);
      limit = stopped === undefined ? callStepsMax : -1;
      try {
        return body();
      } catch (error) {
        noteStackOverflow(error);
        throw error;
      } finally {
        running = false;
        limit = -1;
      }
    },
    /** Runs part code in a budget of its own, and leaves the check's as it was, whatever happens. Says whether it was stopped. */
    runAside<Result>(body: () => Result): { result?: Result; stopped: boolean; threw: boolean } {
      const before = { steps, site, stopped };
      steps = 0;
      stopped = undefined;
      try {
        const result = this.run(body);
        return { result, stopped: stopped !== undefined, threw: false };
      } catch {
        return { stopped: stopped !== undefined, threw: true };
      } finally {
        ({ steps, site, stopped } = before);
      }
    },
  };
}

/** True for what V8, SpiderMonkey and JavaScriptCore throw when their own stack is full. */
function isStackOverflow(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const message = Object.getOwnPropertyDescriptor(error, 'message')?.value;
  return typeof message === 'string' && (/^Maximum call stack size exceeded/.test(message) || message === 'too much recursion');
}

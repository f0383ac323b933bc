/**
 * The step counter that a part runs under: steps, depth, and what stopped it. Walk two, steps 2 and 3.
 * Instrumented code counts through `instruments.ts`, metered builtins through `charge`; the harness begins checks and runs calls.
 * Nothing in it reads a clock.
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
/** Nodes of the syntax tree that a statement runs in one step: a single one can be as long as a file. */
export const NODES_PER_STEP = 64;
/** Bytes, or characters of strings, that a builtin may touch in one step. */
export const BYTES_PER_STEP = 64;
/** The most steps in one call: bounds the memory that a part can take before its state is looked at. */
export const CALL_STEPS_MAX = 2_000_000;
/** Steps for an error that was made or caught: engine and compartment keep a record of each. */
export const STEPS_PER_ERROR = 256;
/** Steps for a collection, buffer or view, however small: it is several objects to the engine. */
export const STEPS_PER_COLLECTION = 4;

/** Why a part was stopped in the middle of a call. */
export interface Stop {
  kind: Extract<PartFailureKind, 'step budget' | 'refused'>;
  explanation: string;
}

/** The position of the counter. */
export interface MeterReading {
  /** Steps taken in this check. */
  steps: number;
  /** Number of the site of the last one; -1 before the first. */
  site: number;
}

/** What came of part code that was run aside. */
export interface Aside<Result> {
  /** Absent if it threw or was stopped. */
  result?: Result;
}

/** Thrown into a part to unwind it; what counts is `stopped`, for a part may catch this. */
class StopSignal extends Error {}

const fullStack = 'Its calls filled the stack: use a loop, or give the recursion an end';

/**
 * Counts for one realm, whose builtins it is charged by. Fields that instruments count in are public for their speed.
 * Invariant: outside `run`, `limit` is -1, so that every tick stops its caller, and nothing of a part's runs after its call returned.
 */
export class Meter {
  running = false;
  steps = 0;
  site = -1;
  /** What `steps` is compared with: `callStepsMax` while a part runs and may go on, else -1. */
  limit = -1;
  private depth = 0;
  private stepsMax = 0;
  private depthMax = 0;
  /** The count of `steps` at which the current call ends. */
  private callStepsMax = 0;
  private stop: (Stop & { at: MeterReading }) | undefined;

  /** What stopped the part in this check, if anything has. */
  get stopped(): Stop | undefined {
    return this.stop;
  }

  /** Steps and site; of a stopped part, where it stopped first: what it does while it is unwound does not count. */
  read(): MeterReading {
    return this.stop?.at ?? { steps: this.steps, site: this.site };
  }

  /** Begins a check: a full budget, nothing stopped. */
  begin({ stepsMax, depthMax }: Pick<LabLimits, 'stepsMax' | 'depthMax'>): void {
    this.stepsMax = stepsMax;
    this.depthMax = depthMax;
    this.steps = 0;
    this.site = -1;
    this.stop = undefined;
  }

  /** Runs part code. What it throws goes through; afterwards ask `stopped` first. */
  run<Result>(body: () => Result): Result {
    this.running = true;
    this.depth = 0;
    this.callStepsMax = Math.min(this.stepsMax, this.steps + CALL_STEPS_MAX);
    this.limit = this.stop === undefined ? this.callStepsMax : -1;
    try {
      return body();
    } catch (error) {
      this.noteStackOverflow(error);
      throw error;
    } finally {
      this.running = false;
      this.limit = -1;
    }
  }

  /** Runs part code in a budget of its own, and leaves the check's as it was, whatever happens. */
  runAside<Result>(body: () => Result): Aside<Result> {
    const { steps, site, stop } = this;
    this.steps = 0;
    this.stop = undefined;
    try {
      const result = this.run(body);
      return this.stop === undefined ? { result } : {};
    } catch {
      return {};
    } finally {
      Object.assign(this, { steps, site, stop });
    }
  }

  /** Takes further steps, rounded up, for work that is done at once. */
  charge(steps: number): void {
    if (!this.running) return;
    this.steps += Math.ceil(steps);
    if (this.steps > this.limit) this.outOfSteps();
  }

  /** One call deeper. */
  descend(): void {
    this.depth += 1;
    if (this.depth <= this.depthMax) return;
    this.halt('step budget', `Its functions called each other more than ${this.depthMax} deep: use a loop, or give the recursion an end`);
  }

  /** Back from a call. */
  ascend(): void {
    this.depth -= 1;
  }

  /** Stops the part for something it may not do; the explanation says what, and what to do instead. */
  refuse(explanation: string): never {
    return this.halt('refused', explanation);
  }

  /** What a tick does when `steps` is past `limit`. */
  outOfSteps(): never {
    if (!this.running) throw new StopSignal('the part ran on after its call had returned');
    const scope = this.callStepsMax === this.stepsMax ? `all ${this.stepsMax} steps of its budget` : `${CALL_STEPS_MAX} steps in one call`;
    return this.halt('step budget', `It had taken ${scope} and went on`);
  }

  /** For every error that a part catches: it may not go on by catching what stops it. */
  caught(error: unknown): void {
    if (this.stop !== undefined) throw new StopSignal(this.stop.explanation);
    this.passing(error);
    this.charge(STEPS_PER_ERROR);
  }

  /** For every error that a part may drop: where a stack is full differs from host to host, and a part may not see it. */
  passing(error: unknown): void {
    if (this.noteStackOverflow(error)) throw new StopSignal(fullStack);
  }

  private halt(kind: Stop['kind'], explanation: string): never {
    this.note(kind, explanation);
    throw new StopSignal(explanation);
  }

  private note(kind: Stop['kind'], explanation: string): void {
    this.stop ??= { kind, explanation, at: { steps: Math.min(this.steps, this.callStepsMax), site: this.site } };
    this.limit = -1;
  }

  /** The depth is there so that no stack ever fills; where one does all the same, it counts as too deep. */
  private noteStackOverflow(error: unknown): boolean {
    if (!isStackOverflow(error)) return false;
    this.note('step budget', fullStack);
    return true;
  }
}

/** True for what V8, SpiderMonkey and JavaScriptCore throw when their own stack is full. */
function isStackOverflow(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const message: unknown = Object.getOwnPropertyDescriptor(error, 'message')?.value;
  return message === 'too much recursion' || (typeof message === 'string' && message.startsWith('Maximum call stack size exceeded'));
}

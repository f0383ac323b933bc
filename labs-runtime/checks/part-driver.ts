/**
 * What stands where the checks expect a part: the live one, in a child or a worker, or its transcript, in the judge.
 * Walk two, step 3: both answer the same calls, so that one run of the checks serves both.
 */
import { StateHandle } from '../ft/part.ts';
import type { PartFailure, SourcePosition } from '../ft/part.ts';

/** What is known of a part's use in one check when the check is over. */
export interface PartUse {
  /** Steps that the part took in this check. */
  steps: number;
  /** Where the last of them was. */
  position: SourcePosition | undefined;
  /** Why the part could not go on, if it could not. It stands even if the check has caught it. */
  failure: PartFailure | undefined;
}

/** Answers calls of a part, one check after another. */
export interface PartDriver {
  beginCheck(title: string): void;
  start(options: unknown): StateHandle;
  step(handle: StateHandle, input: unknown): unknown[];
  endCheck(): PartUse;
}

/** A bug of ours, or of a lab's: nothing about the student can be said. Ends in "could not grade". */
export class GradingError extends Error {
  constructor(explanation: string, options?: ErrorOptions) {
    super(explanation, options);
    this.name = 'GradingError';
  }
}

/** What the checks import in place of the student's file. */
export function partModule(driver: PartDriver): { start: PartDriver['start']; step: PartDriver['step'] } {
  return {
    start: (options) => driver.start(options),
    step: (handle, input) => {
      if (!(handle instanceof StateHandle)) throw new GradingError('A check called step() with a state that start() has not returned.');
      return driver.step(handle, input);
    },
  };
}

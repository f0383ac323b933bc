/**
 * What the test runner gets for timers in the prebuilt runtime: none that ever fires. Its timeouts are off, and what is left of its
 * timers only throttles messages that nobody reads; a real one would keep the command alive after its work is done.
 */

function never(): undefined {
  return undefined;
}

const timers = {
  nextTick: never,
  setTimeout: never,
  setInterval: never,
  clearInterval: never,
  clearTimeout: never,
  setImmediate: never,
  clearImmediate: never,
  queueMicrotask: never,
};

/** Stands in for the function of this name in `@vitest/utils/timers`. */
export function getSafeTimers(): typeof timers {
  return timers;
}

/** Stands in for the function of this name in `@vitest/utils/timers`. */
export function setSafeTimers(): void {}

/**
 * What `import … from 'vitest'` means inside the pipeline: the real runner's `test` and the real `expect`, without the command around
 * them. Walk two, step 3: a lab's checks are an ordinary vitest file, and run unchanged here and under the vitest command.
 */
import * as chai from 'chai';
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  ChaiStyleAssertions,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  addCustomEqualityTesters,
  customMatchers,
  getState,
  setState,
} from '@vitest/expect';
import { getCurrentTest } from '@vitest/runner';

export { afterAll, afterEach, beforeAll, beforeEach, describe, it, onTestFailed, onTestFinished, suite, test } from '@vitest/runner';
export const { assert } = chai;

for (const plugin of [JestExtend, JestChaiExpect, ChaiStyleAssertions, JestAsymmetricMatchers]) chai.use(plugin);

/** What the plugin JestExtend adds to chai's `expect`. */
interface ExtendExpect {
  extend(expect: unknown, matchers: object): void;
}

/** `expect(value)`, counted for `expect.assertions` and tied to the running test. */
function expectValue(value: unknown, message?: string): unknown {
  const { assertionCalls } = getState(expect as never);
  setState({ assertionCalls: assertionCalls + 1 }, expect as never);
  const assertion = chai.expect(value, message) as unknown as { withTest(test: unknown): unknown };
  const test = getCurrentTest();
  return test === undefined ? assertion : assertion.withTest(test);
}

/** Where @vitest/expect keeps what its copies share. */
const shared = globalThis as unknown as Record<PropertyKey, object | undefined>;

export const expect = Object.assign(expectValue, chai.expect, shared[ASYMMETRIC_MATCHERS_OBJECT], {
  getState: () => getState(expect as never),
  setState: (state: object) => setState(state, expect as never),
  addEqualityTesters: (testers: never) => addCustomEqualityTesters(testers),
  extend: (matchers: object) => (chai.expect as unknown as ExtendExpect).extend(expect, matchers),
  unreachable: (message?: string) => chai.assert.fail(message ?? 'this place should not be reached'),
});

setState(freshState(''), expect as never);
expect.extend(customMatchers);

/** Makes this `expect` the one that matchers find, for one test. Returns what puts the former one back. */
export function takeExpect(testName: string): () => void {
  const before = Object.getOwnPropertyDescriptor(shared, GLOBAL_EXPECT);
  Object.defineProperty(shared, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
  setState(freshState(testName), expect as never);
  return () => {
    if (before === undefined) delete shared[GLOBAL_EXPECT];
    else Object.defineProperty(shared, GLOBAL_EXPECT, before);
  };
}

function freshState(currentTestName: string): Parameters<typeof setState>[0] {
  return {
    assertionCalls: 0,
    isExpectingAssertions: false,
    isExpectingAssertionsError: null,
    expectedAssertionsNumber: null,
    expectedAssertionsNumberErrorGen: null,
    environment: 'labs',
    testPath: 'checks.ts',
    currentTestName,
    snapshotState: undefined,
  };
}

/** True for what a failed `expect` throws. */
export function isAssertionError(error: unknown): error is Error {
  return error instanceof chai.AssertionError;
}

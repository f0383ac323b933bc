/**
 * Lint rules. The ones of our own keep functions short, and keep time, randomness and timers out of everything that must run
 * the same way twice: the runtime and the labs. Each ban names what to use in its place.
 */
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const useNowMs = 'Time is an argument here: take `nowMs` (virtual milliseconds) from the caller.';
const usePrng = 'Randomness is an argument here: take a seeded generator of labs-runtime/sim/prng.ts.';
const useTimeInput = 'Nothing here waits: ask for a `time` input from the simulated world (labs-runtime/sim) and compare `nowMs`.';
const useArguments = 'This code runs in a page, a worker and Node alike: let the host pass in what it needs.';

const timers = ['setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame', 'requestIdleCallback'];
const hostGlobals = ['process', 'Buffer', 'window', 'document', 'navigator', 'location', 'localStorage', 'fetch', 'crypto', 'self'];

export default defineConfig(
  globalIgnores(['dist/', '.astro/', '**/*.image.ts', 'tests/fixtures/**', 'tests/attacks/corpus/**']),
  tseslint.configs.recommended,
  {
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['labs-runtime/**/*.ts', 'src/labs/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...timers.map((name) => ({ name, message: useTimeInput })),
        ...hostGlobals.map((name) => ({ name, message: useArguments })),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: useNowMs },
        { object: 'performance', property: 'now', message: useNowMs },
        { object: 'Math', property: 'random', message: usePrng },
        { object: 'crypto', property: 'getRandomValues', message: usePrng },
        { object: 'crypto', property: 'randomUUID', message: usePrng },
        ...['globalThis', 'self', 'window'].flatMap((object) => timers.map((property) => ({ object, property, message: useTimeInput }))),
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date']", message: useNowMs },
        { selector: "CallExpression[callee.name='Date']", message: useNowMs },
      ],
    },
  },
  {
    // A file of declarations becomes a module, and its declarations local, with the first import statement.
    files: ['**/*.d.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }] },
  },
  {
    // A suite is a list of cases inside one `describe`, and may be as long as the list is.
    files: ['tests/**/*.ts', 'src/labs/*/checks.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
);

/**
 * The hardened compartment a part runs in: no clock, no randomness, no way out, nothing it can change that another would see.
 * Walk two, step 3. SES does the hardening; what is taken away beyond it is what would run code that the fuel transform has not seen.
 */
import { createInstruments } from './instruments.ts';
import type { Instruments } from './instruments.ts';
import { Meter } from './meter.ts';
import { meterBuiltins } from './metered-builtins.ts';
import { INSTRUMENT_NAMES } from './fuel.ts';
import type { MeteredProgram } from './fuel.ts';
import { GLOBAL_NAMES } from './global-names.ts';

/** What a part's file exports, as far as it has been looked at: nothing. */
export interface PartExports {
  start: unknown;
  step: unknown;
}

/** A hardened realm with the meter its builtins charge. */
export interface Realm {
  meter: Meter;
  /** Evaluates a program once; each call of the result is a fresh evaluation of the part's module. */
  load(program: MeteredProgram): () => PartExports;
}

let realm: Promise<Realm> | undefined;

/**
 * Hardens this realm, once for its life, and returns it. Precondition: everything that patches builtins has been loaded.
 * Only a child process or a worker may call this: the page and the judge stay as they are.
 */
export function hardenedRealm(): Promise<Realm> {
  realm ??= hardenRealm();
  return realm;
}

async function hardenRealm(): Promise<Realm> {
  const meter = new Meter();
  const guard = meterBuiltins(meter);
  const instruments = createInstruments(meter, guard);
  const originalError = Error;
  await import('ses');
  lockdown({
    // `safe` keeps stacks, which name the host's files, away from parts.
    errorTaming: 'safe',
    overrideTaming: 'severe',
    evalTaming: 'unsafe-eval',
    consoleTaming: 'unsafe',
    reporting: 'none',
    errorTrapping: 'none',
    unhandledRejectionTrapping: 'none',
  });
  // No stacks: they are long to take, large to keep, and differ between hosts. The judge, which is not hardened, has them for our bugs.
  Error.stackTraceLimit = 0;
  // Compartments have an Error of their own, made just now.
  guard.standIns.set(Error.prototype.constructor, guard.standIns.get(originalError));
  return { meter, load: (program) => loadProgram(instruments, program) };
}

function loadProgram(instruments: Instruments, program: MeteredProgram): () => PartExports {
  const compartment = new Compartment({ __options__: true, globals: { console: silentConsole() } });
  const scope = compartment.globalThis as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(scope)) {
    if (!GLOBAL_NAMES.has(name)) delete scope[name];
  }
  // Frozen before evaluation: SES makes a lookup of a global fast only then.
  harden(compartment.globalThis);
  const given = INSTRUMENT_NAMES.map((name) => harden(instruments[name]));
  return compartment.evaluate(program.code)(...given);
}

/** A forgotten `console.log` costs nobody a check: it says nothing, here as in every other host. */
function silentConsole(): Record<string, () => void> {
  const names = [
    'assert',
    'count',
    'debug',
    'dir',
    'error',
    'group',
    'groupEnd',
    'info',
    'log',
    'table',
    'time',
    'timeEnd',
    'trace',
    'warn',
  ];
  return harden(Object.fromEntries(names.map((name) => [name, () => undefined])));
}

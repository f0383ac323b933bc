/**
 * Builtins that charge for what they do: without them one step could fill an array of a million items. Walk two, step 3.
 * Installed before lockdown, into the realm that part and world share; while no part runs they only pass their call on.
 */
import { replaceArrayResults } from './builtins/array-results.ts';
import { meterArrays } from './builtins/arrays.ts';
import { guardConstructors, replaceArray, replaceBigInt } from './builtins/constructors.ts';
import { replacer } from './builtins/metering.ts';
import { meterCalls, meterCollections, meterNumbers, meterObjects, meterPrototypes } from './builtins/objects.ts';
import { meterStrings } from './builtins/strings.ts';
import type { ConstructorGuard } from './instruments.ts';
import type { Meter } from './meter.ts';

/** Replaces the builtins of this realm, and returns what `new` and `extends` are to be guarded by. Precondition: no lockdown yet. */
export function meterBuiltins(meter: Meter): ConstructorGuard {
  replaceArray(meter);
  replaceArrayResults();
  replaceBigInt(meter);
  const replace = replacer(meter);
  meterArrays(replace);
  meterStrings(replace);
  meterObjects(replace);
  meterPrototypes(meter);
  meterCollections(replace);
  meterNumbers(replace);
  const guard = guardConstructors(meter);
  meterCalls(replace, guard);
  return guard;
}

/**
 * The modules that a lab's checks may import, by their path. The runtime is built ahead and holds them all, so that every host runs
 * the same bytes of them. A lab that needs another module adds a line here.
 */
import * as checkFailure from './check-failure.ts';
import * as explain from './explain.ts';
import * as failover from '../ft/failover.ts';
import * as outputGate from '../ft/output-gate.ts';
import * as part from '../ft/part.ts';
import * as search from '../sim/search.ts';

export const registry: Record<string, unknown> = {
  'labs-runtime/checks/check-failure.ts': checkFailure,
  'labs-runtime/checks/explain.ts': explain,
  'labs-runtime/ft/failover.ts': failover,
  'labs-runtime/ft/output-gate.ts': outputGate,
  'labs-runtime/ft/part.ts': part,
  'labs-runtime/sim/search.ts': search,
};

/**
 * The same modules for checks whose seeds begin elsewhere: an instructor's own, that no submission can have been fitted to. Runs of these have no link to
 * replay them, since the page knows the checks' own seeds only.
 * @param offset what is added to each first seed; 0 for the checks' own
 */
export function registryWithSeeds(offset: number): Record<string, unknown> {
  if (offset === 0) return registry;
  const elsewhere: typeof search.search = (wanted) => search.search({ ...wanted, firstSeed: wanted.firstSeed + offset });
  const withoutLink: typeof explain.brokenRule = (...found) => {
    const failure = { ...explain.brokenRule(...found).failure };
    delete failure.replay;
    return new checkFailure.CheckFailure(failure);
  };
  return {
    ...registry,
    'labs-runtime/checks/explain.ts': { ...explain, brokenRule: withoutLink },
    'labs-runtime/sim/search.ts': { ...search, search: elsewhere },
  };
}

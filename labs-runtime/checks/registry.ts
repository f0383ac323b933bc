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

/**
 * Starts a timed run: of a pair, or, to compare with, of the same guest on a server alone and without the protocol. VMware FT, section 5, compares the
 * same two.
 */
import type { Mechanisms } from '../../ft/replica/options.ts';
import { replicaDefaults } from '../../ft/replica/options.ts';
import { NOBODY } from '../../ft/replica/messages.ts';
import type { GuestName } from '../../guests/index.ts';
import type { Cluster } from './cluster.ts';
import { createCluster } from './create-cluster.ts';
import type { Scenario } from './scenario.ts';
import { scenarioDefaults } from './scenario.ts';
import type { TimedLoad } from './timed-load.ts';
import type { TimedOptions } from './timed-options.ts';
import type { TimedFault } from './timed-run.ts';
import { TimedRun } from './timed-run.ts';

export interface TimedSetup {
  options: TimedOptions;
  guest: GuestName;
  /** One machine alone, or a pair and perhaps servers to spare. */
  servers: number;
  /** Whether the guest has started and waits for clients, or has run nothing yet. */
  startsAtRest: boolean;
  load?: TimedLoad;
  faults?: readonly TimedFault[];
  mechanisms?: Partial<Mechanisms>;
}

/** Time is told to the replicas so often. */
const TICK_MS = 1;

export async function startTimedRun(setup: TimedSetup): Promise<TimedRun> {
  const { options, load, faults = [] } = setup;
  const cluster = await createCluster(scenarioOf(setup), { keepsStates: false });
  if (setup.servers === 1) leaveAlone(cluster, options.failover.silenceMaxMs);
  return new TimedRun(cluster, options, load, faults);
}

function scenarioOf({ options, guest, servers, startsAtRest, mechanisms }: TimedSetup): Scenario {
  const { bufferEntriesMax, batchEntriesMax, failover, lag, migrate } = options;
  const restoresRedundancy = servers > 2;
  return {
    ...scenarioDefaults,
    name: guest,
    about: 'A run in virtual time.',
    guest,
    servers: Math.max(2, servers),
    startsAtRest,
    tickMs: TICK_MS,
    faults: ['crash', 'cut'],
    allowance: { ...scenarioDefaults.allowance, faults: Infinity, ticks: Infinity, retries: Infinity, repairs: Infinity, keys: 0 },
    options: {
      ...replicaDefaults,
      channel: { ...replicaDefaults.channel, bufferEntriesMax, batchEntriesMax },
      failover,
      lag,
      migrate,
      attemptsPerMs: options.attemptsPerUs * 1000,
      mechanisms: { ...replicaDefaults.mechanisms, restoresRedundancy, ...mechanisms },
    },
  };
}

/** Takes the backup away before the run begins, and lets the protocol find out: from there on the guest runs as without it. */
function leaveAlone(cluster: Cluster, silenceMaxMs: number): void {
  cluster.apply({ kind: 'crash', at: 1, to: 0 });
  for (let tick = 0; tick <= silenceMaxMs + 1; tick++) {
    cluster.apply({ kind: 'tick', at: 0, to: 0 });
    cluster.apply({ kind: 'answer', at: 0, to: 0 });
  }
  if (cluster.state.servers[0]!.replica!.peer !== NOBODY) throw new Error('the machine still counts on its backup');
}

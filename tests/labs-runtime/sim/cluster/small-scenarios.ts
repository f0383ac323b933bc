/** Scenarios and clusters for the tests of the simulated cluster: a pair of counters or stores, with whatever a test wants otherwise. */
import { replicaDefaults } from '../../../../labs-runtime/ft/replica/options.ts';
import type { Mechanisms, ReplicaOptions } from '../../../../labs-runtime/ft/replica/options.ts';
import type { ClusterEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import { formatEvent, parseEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import type { Cluster } from '../../../../labs-runtime/sim/cluster/cluster.ts';
import { createCluster } from '../../../../labs-runtime/sim/cluster/create-cluster.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import { scenarioDefaults } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import type { KeyedCommand } from '../../../../labs-runtime/sim/cluster/services.ts';
import { keyValueService } from '../../../../labs-runtime/sim/cluster/services.ts';

const TICK_MS = 50;

/** Two ticks of silence are a failure. */
export function options(changes: Partial<Omit<ReplicaOptions, 'mechanisms'>> = {}, mechanisms: Partial<Mechanisms> = {}): ReplicaOptions {
  const failover = { heartbeatEveryMs: TICK_MS, silenceMaxMs: TICK_MS + 10, retryAfterMs: TICK_MS };
  return { ...replicaDefaults, failover, ...changes, mechanisms: { ...replicaDefaults.mechanisms, controlsLag: false, ...mechanisms } };
}

/** A counter at whose console two keys are typed; nothing fails, nothing happens by itself, and no time passes unless a test says so. */
export function counterScenario(changes: Partial<Scenario> = {}): Scenario {
  const { allowance, ...others } = changes;
  return {
    ...scenarioDefaults,
    name: 'counter',
    about: 'A counter.',
    guest: 'counter',
    keys: 'ab',
    options: options(),
    tickMs: TICK_MS,
    depthMax: 20,
    ...others,
    allowance: { ...scenarioDefaults.allowance, faults: 0, ticks: 0, retries: 0, repairs: 0, keys: 2, ...allowance },
  };
}

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

export const put = (key: string, value: string): KeyedCommand => ({ op: 'put', key: bytes(key), value: bytes(value) });
export const get = (key: string): KeyedCommand => ({ op: 'get', key: bytes(key) });

/** A store that clients ask; else as `counterScenario`. */
export function storeScenario(commands: KeyedCommand[][], changes: Partial<Scenario> = {}): Scenario {
  return counterScenario({ guest: 'key-value', keys: '', clients: { service: keyValueService, commands }, ...changes });
}

/** A cluster that keeps its states. */
export async function clusterOf(scenario: Scenario): Promise<Cluster> {
  return createCluster(scenario, { keepsStates: true });
}

/** Lets events happen, given as text with semicolons between them. Throws where one cannot happen. */
export function play(cluster: Cluster, text: string): void {
  for (const each of text.split('; ')) {
    const event = parseEvent(each);
    if (event === undefined) throw new Error(`"${each}" is no event`);
    if (!cluster.apply(event)) throw new Error(`"${each}" cannot happen`);
  }
}

export function textOf(events: readonly ClusterEvent[]): string[] {
  return events.map(formatEvent);
}

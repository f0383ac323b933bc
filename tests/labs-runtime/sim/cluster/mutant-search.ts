/** How a mutant is searched: for its test, and for the list of the benchmark. */
import type { ReplicaEffect } from '../../../../labs-runtime/ft/replica/messages.ts';
import type { ClusterState } from '../../../../labs-runtime/sim/cluster/cluster-state.ts';
import type { Cluster } from '../../../../labs-runtime/sim/cluster/cluster.ts';
import { createCluster } from '../../../../labs-runtime/sim/cluster/create-cluster.ts';
import type { Exploration, Finding } from '../../../../labs-runtime/sim/cluster/explore.ts';
import { ExhaustiveSearch, RandomWalks } from '../../../../labs-runtime/sim/cluster/explore.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import type { FindingShortening } from '../../../../labs-runtime/sim/cluster/shorten.ts';
import { shorten } from '../../../../labs-runtime/sim/cluster/shorten.ts';
import type { Change, Tamper } from './breaking.ts';
import type { Mutant } from './mutants.ts';

/** Events between two looks at how many states there are. */
const SLICE_EVENTS = 50;

/** Walks that a search by seeds makes at most: a small scenario may not have as many states as asked for. */
const WALKS_MAX = 2000;

type Broken = Pick<Mutant, 'scenario' | 'setting' | 'change' | 'tamper'>;

const same: Change = (scenario) => scenario;

/** What a mutant is searched in, or, with nothing broken, its control. */
export interface Searched {
  cluster: Cluster;
  beginning: ClusterState;
}

export async function clusterFor({ scenario: name, setting = same, change = same, tamper }: Broken): Promise<Searched> {
  const scenario = scenarios.find((each) => each.name === name)!;
  const cluster = await createCluster(change(setting(scenario)), { keepsStates: true });
  if (tamper !== undefined) cluster.observe = (_, effect) => tamperOnce(effect, tamper);
  return { cluster, beginning: cluster.state };
}

const tampered = new WeakSet<ReplicaEffect>();

/** A search carries out the same effects in many schedules. */
function tamperOnce(effect: ReplicaEffect, tamper: Tamper): void {
  if (tampered.has(effect)) return;
  tampered.add(effect);
  tamper(effect);
}

/** Searches as the mutant says, until something is found or so many states were met. */
export function search({ cluster, beginning }: Searched, { search: how, statesMax }: Pick<Mutant, 'search' | 'statesMax'>): Exploration {
  cluster.state = beginning;
  const exploration =
    how.kind === 'all' ? new ExhaustiveSearch(cluster) : new RandomWalks(cluster, { firstSeed: how.firstSeed, walks: WALKS_MAX });
  while (exploration.states < statesMax && exploration.goOn(SLICE_EVENTS));
  return exploration;
}

/** The finding with as few events as break the same property. */
export function shortest({ cluster, beginning }: Searched, finding: Finding): FindingShortening {
  return shorten(cluster, finding, { start: beginning });
}

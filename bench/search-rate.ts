/** How fast the search goes on a few small scenarios: run by `search.ts` in Node, and in a worker of a browser. */
import { createCluster } from '../labs-runtime/sim/cluster/create-cluster.ts';
import { ExhaustiveSearch } from '../labs-runtime/sim/cluster/explore.ts';
import { scenarios } from '../labs-runtime/sim/cluster/scenarios.ts';

/** The small set: guests of 64 KiB, one failure or a partition. */
const SMALL_SET = ['crash', 'tickets', 'console', 'lottery', 'partition', 'power off'];

const WARM_UP_EVENTS = 20_000;
const EVENTS = 100_000;

export interface SearchRate {
  scenario: string;
  /** Of states that were not met before, and of all events. */
  statesPerSecond: number;
  eventsPerSecond: number;
}

/** In a steady state: a turn through the whole set comes first, so that no scenario pays for the engine's compiling. `now` is in milliseconds. */
export async function searchRates(now: () => number): Promise<SearchRate[]> {
  for (const name of SMALL_SET) await warmSearch(name);
  const rates: SearchRate[] = [];
  for (const name of SMALL_SET) {
    const search = await warmSearch(name);
    const [states, events, startedMs] = [search.states, search.events, now()];
    search.goOn(EVENTS);
    const seconds = (now() - startedMs) / 1000;
    rates.push({
      scenario: name,
      statesPerSecond: (search.states - states) / seconds,
      eventsPerSecond: (search.events - events) / seconds,
    });
  }
  return rates;
}

/** A search of a scenario that is under way. */
async function warmSearch(name: string): Promise<ExhaustiveSearch> {
  const scenario = scenarios.find((each) => each.name === name)!;
  const search = new ExhaustiveSearch(await createCluster(scenario, { keepsStates: true }));
  search.goOn(WARM_UP_EVENTS);
  return search;
}

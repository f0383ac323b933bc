/** For every mechanism the command's own search, with nothing said but what is left out, finds what goes wrong; with the mechanism it finds nothing. */
import { describe, expect, test } from 'vitest';
import { chooseScenario } from '../../../grader/explore/chosen.ts';
import { search } from '../../../grader/explore/search.ts';
import { readClusterTask, type ExploreTask } from '../../../grader/explore/tasks.ts';
import type { Watch } from '../../../grader/explore/watch.ts';
import type { Exploration } from '../../../labs-runtime/sim/cluster/explore.ts';
import { createCluster } from '../../../labs-runtime/sim/cluster/create-cluster.ts';
import { MECHANISM_NAMES, MECHANISMS, type MechanismName } from '../../../labs-runtime/sim/cluster/mechanisms.ts';
import type { Scenario } from '../../../labs-runtime/sim/cluster/scenario.ts';
import { scenarios } from '../../../labs-runtime/sim/cluster/scenarios.ts';

/** Far below the command's own bound, so that a change of a scenario leaves room. */
const STATES_MAX = 30_000;

/** For a search that nobody interrupts. */
const watch: Watch = { progressWidth: 80, signal: undefined, now: () => 0, breathe: () => Promise.resolve(), end: () => {} };

function taskWithout(name: MechanismName): ExploreTask {
  const task = readClusterTask('explore', [], { without: [name], states: String(STATES_MAX) });
  if (task.kind !== 'explore') throw new Error(`no task comes of --without ${name}`);
  return task;
}

async function searched(scenario: Scenario, task: ExploreTask): Promise<Exploration> {
  const cluster = await createCluster(scenario, { keepsStates: true });
  return (await search(cluster, task, watch, () => {})).exploration;
}

/** States that the search needs without each mechanism, at most, in the scenario that shows it. */
const statesOf = new Map<string, number>();

describe('the scenario named beside a mechanism shows what goes wrong without it', () => {
  test.each(MECHANISM_NAMES)('%s', async (name) => {
    const task = taskWithout(name);
    const { scenario, changes } = chooseScenario(task);
    expect(scenario.name).toBe(MECHANISMS[name].shownBy);
    expect(changes.without).toEqual([name]);
    const { finding, states } = await searched(scenario, task);
    expect(finding, `${states} states of ${scenario.name}`).toBeDefined();
    statesOf.set(scenario.name, Math.max(states, statesOf.get(scenario.name) ?? 0));
  });
});

const shown = [...new Set(MECHANISM_NAMES.map((name) => MECHANISMS[name].shownBy))];

describe('the same search of the whole protocol finds nothing', () => {
  test.each(shown)('%s', async (name) => {
    const scenario = scenarios.find((each) => each.name === name)!;
    const { finding } = await searched(scenario, { ...taskWithout('flag'), states: statesOf.get(name)! });
    expect(finding?.breach).toBeUndefined();
  });
});

/**
 * The search against one that never recognises a state: it meets the same states, finds the same breaches, and does so whatever the slices it runs in.
 * What it finds can be played again.
 */
import { describe, expect, it } from 'vitest';
import * as outputGate from '../../../../labs-runtime/ft/output-gate.ts';
import type { OutputGateInput } from '../../../../labs-runtime/ft/output-gate-api.ts';
import { referenceParts } from '../../../../labs-runtime/ft/replica/options.ts';
import type { ClusterEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import { FAULTS } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import type { Cluster } from '../../../../labs-runtime/sim/cluster/cluster.ts';
import { enabledEvents } from '../../../../labs-runtime/sim/cluster/enabled.ts';
import type { Exploration, Explored } from '../../../../labs-runtime/sim/cluster/explore.ts';
import { ExhaustiveSearch, RandomWalks } from '../../../../labs-runtime/sim/cluster/explore.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import { settle } from '../../../../labs-runtime/sim/cluster/settle.ts';
import { hashState } from '../../../../labs-runtime/sim/cluster/state-hash.ts';
import { clusterOf, counterScenario, get, options, put, storeScenario } from './small-scenarios.ts';

/** One key, one tick, one failure, looked at in few steps. */
const tiny: Scenario = counterScenario({
  keys: 'a',
  faults: ['crash', 'lose heartbeat'],
  allowance: { ...counterScenario().allowance, keys: 1, ticks: 2, faults: 1 },
});

/** A gate that lets everything out at once: the output rule is broken. */
const openGate = {
  ...referenceParts,
  outputGate: {
    start: outputGate.start as never,
    step: (_: unknown, input: OutputGateInput) =>
      input.kind === 'operation' ? [{ kind: 'release' as const, operation: input.operation }] : [],
  },
};
const leaky: Scenario = storeScenario([[put('x', '1')], [get('x')]], {
  faults: ['crash'],
  allowance: { ...counterScenario().allowance, faults: 1, ticks: 4, retries: 1 },
  eager: ['run', 'heartbeat', 'answer', 'replay', 'frame'],
  options: options({ parts: openGate }),
  depthMax: 30,
});

/** Every state within so many events, by trying every schedule and recognising nothing. */
function reached(cluster: Cluster, depthMax: number): { hashes: Set<number>; breaches: Set<string>; schedules: number } {
  const found = { hashes: new Set([hashState(cluster.state)]), breaches: new Set<string>(), schedules: 0 };
  const walk = (depth: number): void => {
    const { state } = cluster;
    if (depth === depthMax) return;
    for (const event of enabledEvents(cluster.scenario, state)) {
      cluster.state = state;
      cluster.apply(event);
      found.schedules += 1;
      if (cluster.state.breach !== null) found.breaches.add(cluster.state.breach.property);
      else {
        found.hashes.add(hashState(cluster.state));
        walk(depth + 1);
      }
    }
  };
  walk(0);
  return found;
}

/** The hashes of all states that a search's own events lead to. */
function statesMet(cluster: Cluster, search: () => Exploration): { explored: Exploration; hashes: Set<number> } {
  const hashes = new Set([hashState(cluster.state)]);
  const explored = search();
  const apply = cluster.apply.bind(cluster);
  let isSettling = 0;
  cluster.apply = (event: ClusterEvent) => {
    const isApplied = apply(event);
    // Bringing a run to rest is no part of the space: it grants more time than there is in it.
    isSettling = cluster.state.left.retries === Infinity ? 1 : 0;
    if (isSettling === 0 && cluster.state.breach === null) hashes.add(hashState(cluster.state));
    return isApplied;
  };
  while (explored.goOn(1000));
  cluster.apply = apply;
  return { explored, hashes };
}

function summary({ events, states, settled, depth, isExhausted, finding }: Explored): Explored {
  return { events, states, settled, depth, isExhausted, finding };
}

describe('the exhaustive search', () => {
  it.each([1, 2, 3, 5, 6])('meets the states that lie within %i events, each counted once', async (depthMax) => {
    const cluster = await clusterOf(tiny);
    const start = cluster.state;
    const all = reached(cluster, depthMax);
    cluster.state = start;
    const { explored, hashes } = statesMet(cluster, () => new ExhaustiveSearch(cluster, { depthMax }));
    expect(all.breaches.size).toBe(0);
    expect([...hashes].sort()).toEqual([...all.hashes].sort());
    expect(explored.states).toBe(all.hashes.size);
    expect(explored).toMatchObject({ isExhausted: true, depth: depthMax, finding: undefined });
    // It is for this that states are recognised.
    if (depthMax >= 5) expect(explored.events).toBeLessThan(all.schedules);
  });

  it('sees nothing new beyond the longest schedule that there is', async () => {
    const short = { ...tiny, allowance: { ...tiny.allowance, ticks: 0, faults: 0 } };
    const cluster = await clusterOf(short);
    const start = cluster.state;
    const { explored, hashes } = statesMet(cluster, () => new ExhaustiveSearch(cluster, { depthMax: 200 }));
    expect(explored.isExhausted).toBe(true);
    expect(explored.depth).toBeLessThan(200);
    cluster.state = start;
    const deeper = new ExhaustiveSearch(cluster, { depthMax: 500 });
    while (deeper.goOn(1000));
    expect(deeper).toMatchObject({ states: hashes.size, depth: explored.depth });
  });

  it('goes as deep as the scenario says', async () => {
    const search = new ExhaustiveSearch(await clusterOf({ ...tiny, depthMax: 4 }));
    while (search.goOn(1000));
    expect(search).toMatchObject({ depth: 4, isExhausted: true });
  });

  it('is the same each time, and in slices of any length', async () => {
    const results = [];
    for (const slice of [1, 7, 1000, Infinity]) {
      const search = new ExhaustiveSearch(await clusterOf(tiny), { depthMax: 6 });
      while (search.goOn(slice));
      results.push(summary(search));
    }
    expect(results[0]).toMatchObject({ isExhausted: true, finding: undefined });
    expect(results[0]!.events).toBeGreaterThan(300);
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
  });

  it('does no more than it is told to at a time', async () => {
    const search = new ExhaustiveSearch(await clusterOf(tiny));
    expect(search).toMatchObject({ events: 0, states: 1, depth: 0, isExhausted: false });
    expect(search.goOn(1)).toBe(true);
    expect(search).toMatchObject({ events: 1, states: 2, depth: 1 });
    expect(search.goOn(0)).toBe(true);
    expect(search.events).toBe(1);
  });

  it('brings some states to rest, and goes on from where it was', async () => {
    const cluster = await clusterOf(tiny);
    const start = cluster.state;
    let isSettling = false;
    const entered = new Set<number>();
    const apply = cluster.apply.bind(cluster);
    cluster.apply = (event) => {
      const isApplied = apply(event);
      isSettling = cluster.state.left.retries === Infinity;
      if (!isSettling) entered.add(hashState(cluster.state));
      return isApplied;
    };
    const search = new ExhaustiveSearch(cluster, { depthMax: 30 });
    search.goOn(20_000);
    expect(search.settled).toBeGreaterThan(2);
    expect(search.settled).toBeLessThan(search.states / 50);
    expect(search.finding).toBeUndefined();
    // No state of a run that was brought to rest counts among those met.
    entered.add(hashState(start));
    expect(search.states).toBe(entered.size);
  });

  it('comes back to a state that it met before with fewer events left', async () => {
    // Found at the end of a long schedule first, a state has to be looked at again where a short one leads to it: else what lies behind is missed.
    for (let depthMax = 2; depthMax <= 5; depthMax++) {
      const cluster = await clusterOf(tiny);
      const start = cluster.state;
      const { hashes } = reached(cluster, depthMax);
      cluster.state = start;
      const search = new ExhaustiveSearch(cluster, { depthMax });
      while (search.goOn(1000));
      expect(search.states, `depth ${depthMax}`).toBe(hashes.size);
    }
  });
});

describe('a finding', () => {
  it('is a schedule that leads to the same breach again, and ends the search', async () => {
    const cluster = await clusterOf(leaky);
    const start = cluster.state;
    const search = new ExhaustiveSearch(cluster);
    while (search.goOn(1000));
    const { breach, events, isSettled, seed } = search.finding!;
    expect(['no output is lost', 'the past stays']).toContain(breach.property);
    expect([isSettled, seed, search.isExhausted]).toEqual([false, undefined, false]);
    cluster.state = start;
    for (const event of events) {
      expect(cluster.state.breach).toBeNull();
      expect(cluster.apply(event)).toBe(true);
    }
    expect(cluster.state.breach).toEqual(breach);
    const before = summary(search);
    expect(search.goOn(1000)).toBe(false);
    expect(summary(search)).toEqual(before);
  });

  it('is there for a search if and only if it is there for one that recognises nothing', async () => {
    const scenario = { ...leaky, eager: ['run', 'heartbeat', 'answer', 'replay', 'frame', 'log'] as const };
    for (let depthMax = 1; depthMax <= 7; depthMax++) {
      const cluster = await clusterOf(scenario);
      const start = cluster.state;
      const { breaches } = reached(cluster, depthMax);
      cluster.state = start;
      const search = new ExhaustiveSearch(cluster, { depthMax });
      while (search.goOn(1000));
      const isFoundOnTheWay = search.finding !== undefined && !search.finding.isSettled;
      if (breaches.size === 0) expect(isFoundOnTheWay, `depth ${depthMax}`).toBe(false);
      else expect(search.finding, `depth ${depthMax}`).toBeDefined();
    }
  });

  it('may come only where the run is brought to its end, and then the schedule ends where that begins', async () => {
    const closed = { ...referenceParts, outputGate: { start: outputGate.start as never, step: () => [] } };
    const stuck = storeScenario([[put('x', '1')]], { options: options({ parts: closed }), depthMax: 9 });
    const cluster = await clusterOf(stuck);
    const start = cluster.state;
    const search = new ExhaustiveSearch(cluster, { depthMax: 30 });
    while (search.goOn(1000));
    cluster.state = start;
    const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 10 });
    while (walks.goOn(1000));
    for (const { finding } of [search, walks].filter((each) => each.finding !== undefined)) {
      expect(finding).toMatchObject({ isSettled: true, breach: { property: 'service goes on' } });
      cluster.state = start;
      for (const event of finding!.events) expect(cluster.apply(event)).toBe(true);
      expect(cluster.state.breach).toBeNull();
      expect(settle(cluster)).toEqual(finding!.breach);
    }
    expect(walks.finding).toBeDefined();
  });
});

describe('random walks', () => {
  const crash = scenarios.find(({ name }) => name === 'crash')!;

  it('are one for each seed, each brought to rest', async () => {
    const walks = new RandomWalks(await clusterOf(crash), { firstSeed: 5, walks: 12 });
    while (walks.goOn(1000));
    expect(walks).toMatchObject({ settled: 12, isExhausted: false, finding: undefined });
    expect(walks.goOn(1000)).toBe(false);
    expect(walks.settled).toBe(12);
  });

  it('are the same each time, and in slices of any length', async () => {
    const results = [];
    for (const slice of [1, 50, Infinity]) {
      const walks = new RandomWalks(await clusterOf(crash), { firstSeed: 3, walks: 10 });
      while (walks.goOn(slice));
      results.push(summary(walks));
    }
    for (const result of results.slice(1)) expect(result).toEqual(results[0]);
    expect(results[0]!.states).toBeGreaterThan(50);
  });

  it('stop where they are told to, and count states only once', async () => {
    const cluster = await clusterOf(crash);
    const start = cluster.state;
    const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 20, depthMax: 5 });
    while (walks.goOn(1000));
    expect(walks.depth).toBe(5);
    expect(walks.events).toBeLessThanOrEqual(100);
    cluster.state = start;
    const { explored, hashes } = statesMet(cluster, () => new RandomWalks(cluster, { firstSeed: 1, walks: 20, depthMax: 5 }));
    hashes.delete(hashState(start));
    expect(explored.states).toBe(hashes.size);
    expect(explored.states).toBeLessThan(explored.events);
  });

  it('with other seeds are other walks', async () => {
    const events = [];
    for (const firstSeed of [1, 2]) {
      const cluster = await clusterOf(crash);
      const { hashes } = statesMet(cluster, () => new RandomWalks(cluster, { firstSeed, walks: 1 }));
      events.push([...hashes].join());
    }
    expect(events[0]).not.toBe(events[1]);
  });

  it('find what is broken, and the seed alone finds it again', async () => {
    const cluster = await clusterOf(leaky);
    const start = cluster.state;
    const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 2000 });
    while (walks.goOn(1000));
    const { seed, events, breach, isSettled } = walks.finding!;
    cluster.state = start;
    const again = new RandomWalks(cluster, { firstSeed: seed!, walks: 1 });
    again.goOn(1);
    expect(again.finding).toEqual(walks.finding);
    cluster.state = start;
    for (const event of events) cluster.apply(event);
    expect(isSettled ? settle(cluster) : cluster.state.breach).toEqual(breach);
  });

  it('choose faults and the passing of time more rarely than the rest', async () => {
    const walked = { ...crash, allowance: { ...crash.allowance, faults: 1, ticks: 4 } };
    const cluster = await clusterOf(walked);
    const [start, chosen] = [cluster.state, { rare: 0, all: 0, expected: 0 }];
    const apply = cluster.apply.bind(cluster);
    cluster.apply = (event) => {
      if (cluster.state.left.retries !== Infinity) {
        const rare = ({ kind }: ClusterEvent) => FAULTS.has(kind) || kind === 'tick' || kind === 'retry';
        const possible = enabledEvents(walked, cluster.state);
        chosen.all += 1;
        chosen.expected += possible.filter(rare).length / possible.length;
        if (rare(event)) chosen.rare += 1;
      }
      return apply(event);
    };
    const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 60, depthMax: 12 });
    while (walks.goOn(1000));
    cluster.state = start;
    // If each event were as likely as any other, it would be about as many as expected.
    expect(chosen.rare).toBeGreaterThan(20);
    expect(chosen.rare).toBeLessThan(chosen.expected * 0.6);
  });
});

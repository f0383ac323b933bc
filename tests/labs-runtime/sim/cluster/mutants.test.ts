/** The search finds what is broken in each mutant of the protocol, in a stated number of states, and nothing in the reference searched alike. */
import { describe, expect, test } from 'vitest';
import { formatEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import type { Finding } from '../../../../labs-runtime/sim/cluster/explore.ts';
import { settle } from '../../../../labs-runtime/sim/cluster/settle.ts';
import { clusterFor, search, shortest } from './mutant-search.ts';
import type { Searched } from './mutant-search.ts';
import { mutants } from './mutants.ts';
import type { Mutant } from './mutants.ts';

/** What a schedule breaks, played from the beginning. */
function playedAgain({ cluster, beginning }: Searched, { events, isSettled }: Pick<Finding, 'events' | 'isSettled'>): string | undefined {
  cluster.state = beginning;
  for (const event of events) cluster.apply(event);
  return (cluster.state.breach ?? (isSettled ? settle(cluster) : null))?.property;
}

test('there are mutants of every section with a mechanism, none of them twice', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(60);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  const sections = [...new Set(mutants.map(({ section }) => section))].sort();
  expect(sections).toEqual(['2.1', '2.2', '2.3', '3.1', '3.2', '3.3', '3.4', '4', '4.1', '4.2']);
});

describe('the search finds what breaks when', () => {
  test.each(mutants)('$name ($section)', async (mutant) => {
    const searched = await clusterFor(mutant);
    const { finding, states } = search(searched, mutant);
    expect(finding?.breach.property, `${states} states of ${mutant.scenario}`).toBe(mutant.property);

    const { isMinimal, finding: short } = shortest(searched, finding!);
    const events = short.events.map(formatEvent).join('; ');
    expect(isMinimal).toBe(true);
    expect(short.events.length).toBeLessThanOrEqual(finding!.events.length);
    expect(playedAgain(searched, short), events).toBe(mutant.property);
    for (const left of short.events.keys()) {
      const others = { ...short, events: short.events.filter((_, index) => index !== left) };
      expect(playedAgain(searched, others), `${events}, without event ${left + 1}`).not.toBe(mutant.property);
    }
  });
});

/** One mutant of each kind of search. */
const controls: Mutant[] = [];
for (const mutant of mutants) {
  const isAlike = ({ scenario, setting, search: { kind } }: Mutant) =>
    scenario === mutant.scenario && setting === mutant.setting && kind === mutant.search.kind;
  if (!controls.some(isAlike)) controls.push(mutant);
}

describe('the same search finds nothing in the reference', () => {
  test.each(controls)('$search.kind in "$scenario", as for: $name', async ({ name: _, change: __, tamper: ___, ...unbroken }) => {
    const { finding, states } = search(await clusterFor(unbroken), unbroken);
    expect(finding && [finding.breach, finding.events.map(formatEvent).join('; ')]).toBeUndefined();
    expect(states).toBeGreaterThan(100);
  });
});

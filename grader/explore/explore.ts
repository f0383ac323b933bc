/** `lockstep explore`: lists scenarios, or searches one for a schedule that breaks a property, shows the shortest and writes it to a file. */
import type { ClusterState } from '../../labs-runtime/sim/cluster/cluster-state.ts';
import type { Cluster } from '../../labs-runtime/sim/cluster/cluster.ts';
import { createCluster } from '../../labs-runtime/sim/cluster/create-cluster.ts';
import { narrate } from '../../labs-runtime/sim/cluster/narrate.ts';
import { MECHANISM_NAMES, MECHANISMS } from '../../labs-runtime/sim/cluster/mechanisms.ts';
import type { FindingShortening } from '../../labs-runtime/sim/cluster/shorten.ts';
import { scenarios } from '../../labs-runtime/sim/cluster/scenarios.ts';
import { endStateOf, formatTraceFile } from '../../labs-runtime/sim/cluster/trace-file.ts';
import type { Console } from '../console.ts';
import { CannotRun } from '../machine/files.ts';
import { painter, printable, shorten } from '../terminal.ts';
import { chooseScenario, type Chosen } from './chosen.ts';
import { nameToType, scenarioToType } from './mechanism-words.ts';
import { makeShort, search, type Progress, type Searched } from './search.ts';
import type { ExploreTask } from './tasks.ts';
import { checkTracePlace, writeTrace } from './trace-place.ts';
import { statusOfSignal, type Watch } from './watch.ts';
import { counted, grouped, heading, labelled, narrationLines, propertyLines, type Page } from './words.ts';

/** Exit statuses: nothing breaks a property, or something does. A signal has its own. */
export const EXPLORED = { nothing: 0, found: 1 } as const;

/** Lists what can be searched, and what can be left out. */
export function listScenarios(console: Console): void {
  const page = pageOf(console);
  const lines = [
    'Scenarios, each to be searched by its name, e.g. `npx lockstep explore crash`:',
    '',
    ...labelled(
      scenarios.map(({ name, about }) => [nameToType(name), about] as const),
      page,
    ),
    '',
    'Mechanisms that --without leaves out, each with the section of the paper and',
    'the scenario that shows what goes wrong then. Where none is named, that is',
    'searched, e.g. `npx lockstep explore --without flag`:',
    '',
    ...labelled(
      MECHANISM_NAMES.map((name) => [name, `${MECHANISMS[name].does}: ${scenarioToType(name)}`] as const),
      page,
    ),
  ];
  console.out(`${lines.join('\n')}\n`);
}

/** Searches a scenario; returns the exit status. Throws CannotRun where there is no such scenario, or no place for its trace. */
export async function explore(task: ExploreTask, console: Console, watch: Watch): Promise<number> {
  const chosen = chooseScenario(task);
  const { scenario } = chosen;
  const path = task.out ?? `${nameToType(scenario.name)}.trace`;
  const isOverwriting = checkTracePlace(path);
  const cluster = await createCluster(scenario, { keepsStates: true });
  const start = cluster.state;
  const [page, progress] = [pageOf(console), progressOn(console, watch)];
  const searched = await search(cluster, task, watch, progress);
  progress('');
  console.out(`${[...heading(scenario, page), '', ...searchedLines(task, chosen, searched, page)].join('\n')}\n`);
  const { finding } = searched.exploration;
  if (finding === undefined) console.out(`${nothingLines(chosen, searched, page).join('\n')}\n`);
  else {
    const shortening = await makeShort(cluster, start, finding, watch, progress);
    progress('');
    showFinding({ task, chosen, cluster, start, shortening, console, path, isOverwriting, eventsAtFirst: finding.events.length });
  }
  if (watch.signal !== undefined) return statusOfSignal(watch.signal);
  return finding === undefined ? EXPLORED.nothing : EXPLORED.found;
}

function pageOf({ colour, width }: Console): Page {
  return { paint: painter(colour), width };
}

/** A line that is written over and over, where somebody watches; with no words it goes away. */
function progressOn(console: Console, watch: Watch): Progress {
  if (!console.progress) return () => {};
  return (line) => console.error(`\r\x1b[K${shorten(line, Math.max(1, watch.progressWidth - 1))}`);
}

function searchedLines(task: ExploreTask, { scenario, changes }: Chosen, { exploration, tookMs, end }: Searched, page: Page): string[] {
  const { events, states, settled, depth } = exploration;
  const kinds = scenario.faults.join(', ');
  const faults = `${counted(changes.faults, 'fault')} at most${kinds === '' ? ' (it has none)' : ` (${kinds})`}`;
  const { seed, walks } = task;
  const depthMax = task.depth ?? (seed === undefined ? 1 : 2) * scenario.depthMax;
  const what =
    seed === undefined
      ? `every schedule of ${counted(depthMax, 'event')} at most, ${faults}`
      : `random walks from seed ${seed}, ${grouped(walks)} at most, of ${counted(depthMax, 'event')} at most, ${faults}`;
  return labelled(
    [
      ...(task.scenario === undefined
        ? [['scenario', `the one that shows what goes wrong without ${changes.without.join(' and ')}`] as const]
        : []),
      ['searched', what],
      ...changes.without.map((name) => ['without', `${name}: ${MECHANISMS[name].does}`] as const),
      ['events', grouped(events)],
      ['distinct states', `${grouped(states)}, ${grouped((states * 1000) / Math.max(1, tookMs))} a second`],
      ['depth', counted(depth, 'event')],
      ['runs to the end', `${grouped(settled)}: with nothing more failing, everything has to be answered`],
      ['exhausted', exhaustedWords(end)],
    ],
    page,
  );
}

function exhaustedWords(end: Searched['end']): string {
  switch (end) {
    case 'found':
      return 'no: it ended with what it found';
    case 'exhausted':
      return 'yes: every schedule within the bounds was looked at';
    case 'walks done':
      return 'no: walks take some schedules of many';
    case 'states met':
      return 'no: it met as many states as it may (--states)';
    case 'stopped':
      return 'no: it was stopped';
  }
}

function nothingLines({ scenario, changes }: Chosen, { end }: Searched, page: Page): string[] {
  const scope = end === 'exhausted' ? 'No schedule breaks a property.' : 'No schedule that was looked at breaks a property.';
  const elsewhere = changes.without.filter((name) => MECHANISMS[name].shownBy !== scenario.name);
  const hints = elsewhere.map((name) => `The scenario ${scenarioToType(name)} shows what goes wrong without ${name}.`);
  return ['', page.paint('green', scope), ...propertyLines(page), ...(hints.length > 0 ? ['', ...hints] : [])];
}

/** What there is to show, and to write. */
interface Found {
  task: ExploreTask;
  chosen: Chosen;
  cluster: Cluster;
  start: ClusterState;
  shortening: FindingShortening;
  console: Console;
  path: string;
  isOverwriting: boolean;
  /** How many events the schedule had when it was found. */
  eventsAtFirst: number;
}

function showFinding({ task, chosen, cluster, start, shortening, console, path, isOverwriting, eventsAtFirst }: Found): void {
  const { finding, isMinimal } = shortening;
  const { breach, events, seed, isSettled } = finding;
  const page = pageOf(console);
  const narration = narrate(cluster, start, finding);
  const from = eventsAtFirst === events.length ? '' : `, made short from ${grouped(eventsAtFirst)}`;
  const minimal = isMinimal ? 'none of them can be left out' : 'stopped before it was as short as can be';
  const lines = [
    '',
    page.paint('red', `A schedule breaks "${breach.property}".`),
    ...labelled(
      [
        ['schedule', `${counted(events.length, 'event')}${from}: ${minimal}`],
        ...(seed === undefined ? [] : [['found again by', againCommand(task, chosen, seed)] as const]),
      ],
      page,
    ),
    '',
    ...narrationLines(narration, page),
    '',
  ];
  console.out(`${lines.join('\n')}\n`);
  const endState = endStateOf(narration);
  const { changes, scenario } = chosen;
  keep(console, path, isOverwriting, formatTraceFile({ scenario: scenario.name, changes, seed, breach, isSettled, endState, events }));
}

/** The command that walks by the seed of the finding alone. */
function againCommand({ depth, faults, without }: ExploreTask, { scenario }: Chosen, seed: number): string {
  const options = [
    ...(depth === undefined ? [] : [`--depth ${depth}`]),
    ...(faults === undefined ? [] : [`--faults ${faults}`]),
    ...without.map((name) => `--without ${name}`),
  ];
  return ['npx lockstep explore', nameToType(scenario.name), `--seed ${seed} --walks 1`, ...options].join(' ');
}

/** A trace that cannot be written is no reason to be silent about what was found. */
function keep(console: Console, path: string, isOverwriting: boolean, text: string): void {
  try {
    writeTrace(path, text);
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    console.error(`${error.message}\n`);
    return;
  }
  const shown = printable(path);
  const quoted = /^[\w./-]+$/.test(shown) ? shown : `"${shown}"`;
  console.out(
    `Written to ${shown}${isOverwriting ? ', in place of the trace that was there' : ''}. To see it again: npx lockstep trace ${quoted}\n`,
  );
}

/**
 * The search: how much of each scenario it covers with the reference protocol, which finds nothing; how soon it finds each mutant of the protocol, and
 * how short the schedule is that shows it; how fast it goes, in Node and in a worker of a browser; and what keeping a guest and going back costs.
 */
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { Machine } from '../labs-runtime/emulator/machine.ts';
import { guests } from '../labs-runtime/guests/index.ts';
import { createCluster } from '../labs-runtime/sim/cluster/create-cluster.ts';
import { ExhaustiveSearch } from '../labs-runtime/sim/cluster/explore.ts';
import { formatEvent } from '../labs-runtime/sim/cluster/cluster-event.ts';
import { scenarios } from '../labs-runtime/sim/cluster/scenarios.ts';
import { ticketService } from '../labs-runtime/sim/cluster/services.ts';
import { clusterFor, search, shortest } from '../tests/labs-runtime/sim/cluster/mutant-search.ts';
import { mutants } from '../tests/labs-runtime/sim/cluster/mutants.ts';
import type { Mutant } from '../tests/labs-runtime/sim/cluster/mutants.ts';
import { figureLine, median } from './figure.ts';
import { searchRates } from './search-rate.ts';
import type { SearchRate } from './search-rate.ts';

/** What each scenario gets at most. Their sum has to be STATES_AT_LEAST. */
const STATES_PER_SCENARIO = 90_000;
const STATES_AT_LEAST = 1_000_000;
const SLICE_EVENTS = 1000;

const STATES_PER_SECOND_AT_LEAST = 20_000;

const REWINDS = 5000;

/** Lines to print. */
export async function benchSearch(browser: Browser): Promise<string[]> {
  return [...(await rateLines(browser)), await rewindLine(), '', ...(await referenceLines()), '', ...(await mutantLines())];
}

async function rateLines(browser: Browser): Promise<string[]> {
  const inNode = await searchRates(() => performance.now());
  const inWorker = await ratesInWorker(browser);
  const secondsPerState = inWorker.reduce((sum, { statesPerSecond }) => sum + 1 / statesPerSecond, 0) / inWorker.length;
  const statesPerSecond = 1 / secondsPerState;
  const verdict = statesPerSecond >= STATES_PER_SECOND_AT_LEAST ? 'met' : 'MISSED';
  return [
    'How fast in a steady state: distinct states a second, and events a second, exhaustively, each state checked',
    `${'scenario'.padEnd(18)}${'Node'.padStart(20)}${'worker in Chromium'.padStart(24)}`,
    ...inNode.map((rate, index) => `${rate.scenario.padEnd(18)}${inBoth(rate).padStart(20)}${inBoth(inWorker[index]!).padStart(24)}`),
    `over the set, in the worker: ${Math.round(statesPerSecond)} states a second (at least ${STATES_PER_SECOND_AT_LEAST}: ${verdict})`,
  ];
}

/** What a search pays to keep a guest's state and to come back to it: a guest of the search's, after it has handled a frame. */
async function rewindLine(): Promise<string> {
  const { ramBytes, load } = guests.tickets;
  const machine = new Machine({ ramBytes });
  machine.load(await load());
  runUntilItWaits(machine);
  const before = machine.snapshot();
  const frame = ticketService.encode(0, 1, 'take ticket');
  const times: number[] = [];
  for (let repeat = 0; repeat < REWINDS; repeat++) {
    machine.receiveFrame(frame);
    runUntilItWaits(machine);
    const startMs = performance.now();
    machine.snapshot();
    machine.restore(before);
    times.push((performance.now() - startMs) * 1000);
  }
  const how = `the ticket machine with ${ramBytes / 1024} KiB of RAM, after a ticket was drawn, median of ${REWINDS}`;
  return figureLine({ what: 'snapshot and restore of a search guest', value: median(times), unit: 'microseconds', atMost: 5, how });
}

function runUntilItWaits(machine: Machine): void {
  for (let reason = ''; reason !== 'wait';) {
    ({ reason } = machine.run(Number.MAX_SAFE_INTEGER));
    if (reason === 'clock') machine.provideClock(0n);
  }
}

function inBoth({ statesPerSecond, eventsPerSecond }: SearchRate): string {
  return `${Math.round(statesPerSecond)}  ${Math.round(eventsPerSecond)}`;
}

async function ratesInWorker(browser: Browser): Promise<SearchRate[]> {
  const entry = "import { searchRates } from './search-rate.ts'; searchRates(() => performance.now()).then((rates) => postMessage(rates));";
  const { outputFiles } = await build({
    stdin: { contents: entry, loader: 'ts', resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
  });
  const page = await browser.newPage();
  try {
    return await page.evaluate(async (code) => {
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })));
      return new Promise<SearchRate[]>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data as SearchRate[]);
        worker.onerror = ({ message }) => reject(new Error(message));
      });
    }, outputFiles[0]!.text);
  } finally {
    await page.close();
  }
}

/** Throws where the reference protocol breaks a property: then nothing below it would mean anything. */
async function referenceLines(): Promise<string[]> {
  const lines = [
    `The reference protocol: every schedule up to the scenario's bounds, or ${STATES_PER_SCENARIO} distinct states`,
    `${'scenario'.padEnd(28)}${'events'.padStart(10)}${'states'.padStart(10)}${'a second'.padStart(10)}${'depth'.padStart(7)}  exhausted`,
  ];
  let states = 0;
  for (const scenario of scenarios) {
    const exploration = new ExhaustiveSearch(await createCluster(scenario, { keepsStates: true }));
    const startMs = performance.now();
    while (exploration.states < STATES_PER_SCENARIO && exploration.goOn(SLICE_EVENTS));
    const statesPerSecond = (1000 * exploration.states) / (performance.now() - startMs);
    const { finding, events, depth, isExhausted } = exploration;
    if (finding !== undefined)
      throw new Error(`${scenario.name}: ${finding.breach.observed} after ${finding.events.map(formatEvent).join('; ')}`);
    states += exploration.states;
    const counts = `${String(events).padStart(10)}${String(exploration.states).padStart(10)}${statesPerSecond.toFixed(0).padStart(10)}${String(depth).padStart(7)}`;
    lines.push(`${scenario.name.padEnd(28)}${counts}  ${isExhausted ? 'yes' : 'no'}`);
  }
  const verdict = states >= STATES_AT_LEAST ? 'met' : 'MISSED';
  return [...lines, `${states} distinct states, and no property broken (at least ${STATES_AT_LEAST}: ${verdict})`];
}

async function mutantLines(): Promise<string[]> {
  const lines = [`${mutants.length} mutants of the protocol: distinct states until the search finds it, events in the shortest schedule`];
  for (const mutant of mutants) lines.push(await mutantLine(mutant));
  return lines;
}

async function mutantLine(mutant: Mutant): Promise<string> {
  const searched = await clusterFor(mutant);
  const { finding, states } = search(searched, mutant);
  if (finding === undefined) return `${mutant.name}: NOT FOUND in ${states} states of ${mutant.scenario}`;
  const { events } = shortest(searched, finding).finding;
  const { property } = finding.breach;
  return `${String(states).padStart(6)}${String(events.length).padStart(4)}  ${mutant.name} (${mutant.section}; ${mutant.scenario}): ${property}`;
}

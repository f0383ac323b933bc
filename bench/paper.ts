/**
 * The measurements of VMware FT, section 5, on our own machine: the same work with and without FT, in virtual time, in tables of the paper's shape and
 * beside its numbers; lag, failovers and migrations; and what recording costs the host, which is measured on its clock. No workload has settings of
 * its own: what all of them assume is printed above the tables, and what a table varies in its title.
 */
import type { TimedLoad } from '../labs-runtime/sim/cluster/timed-load.ts';
import { DatagramLoad, RequestLoad } from '../labs-runtime/sim/cluster/timed-load.ts';
import type { TimedOptions } from '../labs-runtime/sim/cluster/timed-options.ts';
import { describeTimedOptions, timedDefaults } from '../labs-runtime/sim/cluster/timed-options.ts';
import type { TimedSetup } from '../labs-runtime/sim/cluster/start-timed-run.ts';
import type { Prng } from '../labs-runtime/sim/prng.ts';
import { startTimedRun } from '../labs-runtime/sim/cluster/start-timed-run.ts';
import type { TimedRun } from '../labs-runtime/sim/cluster/timed-run.ts';
import { median } from './figure.ts';
import { datagram, mixed, readsAfterWrites } from './paper-workloads.ts';
import type { Command } from './paper-workloads.ts';
import { recordingCostLines } from './recording-cost.ts';

const RATIO_AT_LEAST = 0.95;
const UNTIL_US = 60e6;
const SEED = 1;

/** As many as keep the guest busy. */
const CLIENTS = 16;
const IN_FLIGHT = 8;

type Work = Pick<TimedSetup, 'guest' | 'startsAtRest'> & { name: string; load?: () => TimedLoad; paper: string };

function asking(requests: number, next: () => (prng: Prng) => Command, clients = CLIENTS, inFlight = IN_FLIGHT): () => RequestLoad {
  return () => new RequestLoad({ clients, inFlight, requests, next: next(), seed: SEED, retryAfterUs: 50_000 });
}

const table1: Work[] = [
  { name: 'processor (sha256)', guest: 'sha256', startsAtRest: false, paper: 'SPECjbb2005        0.98    1.5' },
  { name: 'compile', guest: 'compile', startsAtRest: false, paper: 'Kernel Compile     0.95    3.0' },
  {
    name: 'store on the network',
    guest: 'key-value',
    startsAtRest: true,
    load: asking(500, () => mixed),
    paper: 'Oracle Swingbench  0.99   12',
  },
  {
    name: 'store with a disk',
    guest: 'key-value-disk',
    startsAtRest: true,
    load: asking(30, () => mixed),
    paper: 'MS-SQL DVD Store   0.94   18',
  },
];

/** A way in which the network is loaded, and what the paper has of it: FT and log, for each of its two channels. */
interface Traffic {
  name: string;
  load: () => TimedLoad;
  /** Bits that got through in the direction that counts. */
  bits: (load: TimedLoad) => number;
  paper: Record<number, string>;
}

const table2: Traffic[] = [
  {
    name: 'receive (datagrams)',
    load: () => new DatagramLoad({ frames: 30_000, frame: datagram, inFlight: 64 }),
    bits: (load) => (load as DatagramLoad).takenBytes * 8,
    paper: { 1000: '940 ->  604   730', 10000: '940 ->  860   990' },
  },
  {
    name: 'transmit (reads)',
    load: asking(500, readsAfterWrites),
    bits: (load) => (load as RequestLoad).answerBytes * 8,
    paper: { 1000: '940 ->  855    42', 10000: '940 ->  935    60' },
  },
];

/** Lines to print. */
export async function benchPaper(): Promise<string[]> {
  return [
    'In virtual time, so that nothing of the host is in it. Assumed:',
    ...describeTimedOptions(timedDefaults).map((line) => `  ${line}`),
    `  clients: ${CLIENTS}, each with ${IN_FLIGHT} requests on their way, which keeps the guest busy; for datagrams, 64 on their way`,
    'Beside ours stands what the paper measured on its machines: VMware FT (2010), section 5, tables 1 and 2.',
    '',
    ...(await tableOf('As Table 1: performance', table1, 'the paper: ratio, Mbit/s')),
    '',
    ...(await networkLines()),
    '',
    ...(await remarkLines()),
    '',
    ...(await backupReadLines()),
    '',
    ...(await lagLines()),
    '',
    ...(await failureLines()),
    '',
    'What recording costs the host: bare, and recorded, encoded and put through the channel, by turns in one process (at most 10 percent)',
    ...(await recordingCostLines()),
  ];
}

async function tableOf(title: string, works: readonly Work[], paper: string): Promise<string[]> {
  const header = `${title.padEnd(26)}without   with FT   ratio             log      lag ms          held  delay us   ${paper}`;
  const lines = [header, `${''.padEnd(26)}     ms        ms                Mbit/s   mean   most      most  mean  most`];
  for (const work of works) lines.push(await compare(work));
  return lines;
}

async function compare(work: Work): Promise<string> {
  const [without, withFt] = [await runOf(work, 1), await runOf(work, 2)];
  const ratio = without.doneUs! / withFt.doneUs!;
  const { lagUs, heldOutputs, outputDelayUs } = withFt.measures;
  return [
    work.name.padEnd(24),
    ms(without.doneUs!).padStart(9),
    ms(withFt.doneUs!).padStart(10),
    ratio.toFixed(3).padStart(8),
    ratio >= RATIO_AT_LEAST ? '  met   ' : '  MISSED',
    logMbitPerSecond(withFt).toFixed(1).padStart(8),
    ms(lagUs.mean).padStart(7),
    ms(lagUs.max).padStart(7),
    String(heldOutputs.max).padStart(10),
    outputDelayUs.mean.toFixed(0).padStart(6),
    outputDelayUs.max.toFixed(0).padStart(6),
    `   ${work.paper}`,
  ].join('');
}

async function runOf({ guest, startsAtRest, load }: Pick<Work, 'guest' | 'startsAtRest' | 'load'>, servers: number): Promise<TimedRun> {
  return doneRun({ options: timedDefaults, guest, startsAtRest, servers, ...(load && { load: load() }) });
}

async function doneRun(setup: TimedSetup): Promise<TimedRun> {
  const run = await startTimedRun(setup);
  run.goOn(UNTIL_US);
  if (run.doneUs === undefined)
    throw new Error(`${setup.guest} on ${setup.servers} servers is not done after ${UNTIL_US / 1e6} virtual seconds`);
  return run;
}

/** Section 5.2: the paper's two logging channels, between machines whose clients have 1 Gbit/s. */
async function networkLines(): Promise<string[]> {
  const lines = ['As Table 2: network, Mbit/s   channel   without  with FT   ratio            log   the paper: without -> with FT, log'];
  for (const mbitPerSecond of [1000, 10_000]) {
    for (const { name, load, bits, paper } of table2) {
      const options = { ...timedDefaults, serverLink: { ...timedDefaults.serverLink, mbitPerSecond } };
      const speedOf = async (servers: number) => {
        const sent = load();
        const run = await doneRun({ options, guest: 'key-value', startsAtRest: true, servers, load: sent });
        return { run, speed: bits(sent) / run.doneUs! };
      };
      const [without, withFt] = [await speedOf(1), await speedOf(2)];
      const columns = [
        `${mbitPerSecond / 1000} Gb`.padStart(10),
        without.speed.toFixed(1).padStart(10),
        withFt.speed.toFixed(1).padStart(9),
      ];
      const ratio = withFt.speed / without.speed;
      const verdict = ratio >= RATIO_AT_LEAST ? 'met   ' : 'MISSED';
      const log = logMbitPerSecond(withFt.run).toFixed(1).padStart(8);
      lines.push(`${name.padEnd(27)}${columns.join('')}${ratio.toFixed(3).padStart(8)}  ${verdict}${log}   ${paper[mbitPerSecond]}`);
    }
  }
  return lines;
}

/** What the tables do not show. */
async function remarkLines(): Promise<string[]> {
  const idle = await startTimedRun({ options: timedDefaults, guest: 'key-value', startsAtRest: true, servers: 2 });
  idle.goOn(1e6);
  const waits: number[] = [];
  for (const servers of [1, 2]) {
    const load = asking(500, () => mixed, 1, 1)();
    await doneRun({ options: timedDefaults, guest: 'key-value', startsAtRest: true, servers, load });
    waits.push(load.waitUs.mean);
  }
  const load = asking(500, () => mixed);
  const setup = { guest: 'key-value', startsAtRest: true, servers: 2 } as const;
  const single = await doneRun({ ...setup, options: { ...timedDefaults, batchEntriesMax: 1 }, load: load() });
  const batched = await doneRun({ ...setup, options: timedDefaults, load: load() });
  const inWords = (run: TimedRun) => `${run.measures.logMessages} messages, ${logMbitPerSecond(run).toFixed(1)} Mbit/s`;
  const [alone, paired] = waits as [number, number];
  return [
    `An idle guest logs ${((idle.measures.logBytes * 8) / 1e6).toFixed(3)} Mbit/s   the paper: 0.5 to 1.5`,
    `One client, one request at a time, waits ${alone.toFixed(0)} us without FT and ${paired.toFixed(0)} us with it (ratio ${(alone / paired).toFixed(3)}): where nothing else goes on, the output rule shows`,
    `Batches, store on the network: without ${inWords(single)}; with ${inWords(batched)}`,
  ];
}

/** Section 4.2: reads that the backup does itself need not be in the log. */
async function backupReadLines(): Promise<string[]> {
  const works: Pick<Work, 'name' | 'guest' | 'load'>[] = [
    { name: 'store starting from its disk', guest: 'key-value-disk', load: asking(10, () => mixed, 1, 1) },
    { name: 'eight reads of 4 KB', guest: 'dma-poll' },
  ];
  const lines = [
    'Disk reads: in the log          ms  log Mbit/s   done by the backup   ms  log Mbit/s   the paper: Swingbench 12 -> 3, DVD Store 18 -> 8',
  ];
  for (const { name, guest, load } of works) {
    const columns: string[] = [];
    for (const backupReadsDisk of [false, true]) {
      const mechanisms = { backupReadsDisk };
      const run = await doneRun({
        options: timedDefaults,
        guest,
        startsAtRest: false,
        servers: 2,
        mechanisms,
        ...(load && { load: load() }),
      });
      columns.push(`${ms(run.doneUs!).padStart(8)}${logMbitPerSecond(run).toFixed(1).padStart(12)}`);
    }
    lines.push(`  ${name.padEnd(28)}${columns[0]}${''.padEnd(15)}${columns[1]}`);
  }
  return lines;
}

/** So slow a processor that a second of lag is not much work for the host, and buffers for more than that. */
const LAGGING: TimedOptions = { ...timedDefaults, attemptsPerUs: 5, bufferEntriesMax: 4096 };

/** Section 3.2: another load takes part of the backup's processor away, and later goes away itself. */
async function lagLines(): Promise<string[]> {
  const [fromUs, toUs, untilUs, percent] = [500_000, 6e6, 12e6, 60];
  const run = await startTimedRun({
    options: LAGGING,
    guest: 'key-value',
    startsAtRest: true,
    servers: 2,
    load: asking(Infinity, () => mixed)(),
    faults: [
      { atUs: fromUs, kind: 'speed', server: 1, percent },
      { atUs: toUs, kind: 'speed', server: 1, percent: 100 },
    ],
  });
  run.goOn(untilUs);
  const { samples } = run.measures;
  const most = (values: number[]) => values.reduce((max, value) => Math.max(max, value), 0);
  const whole = samples.findLast(({ sharePercent }) => sharePercent < 100)!;
  return [
    `Lag: the backup has ${percent} percent of its processor from ${fromUs / 1e6} s to ${toUs / 1e6} s, of ${LAGGING.attemptsPerUs} instructions a microsecond, with ${LAGGING.bufferEntriesMax} entries at each end`,
    `  before ${ms(most(samples.filter(({ atUs }) => atUs < fromUs).map(({ lagUs }) => lagUs)))} ms at most   the paper: usually under 100 ms`,
    `  meanwhile ${ms(run.measures.lagUs.max)} ms at most, with a share of ${run.measures.sharePercentMin} percent at least   the paper: past 1 s the primary is slowed`,
    `  after it the whole share is back within ${ms(whole.atUs - toUs)} ms; at the end the lag is ${ms(samples.at(-1)!.lagUs)} ms`,
  ];
}

const CRASHES_US = [20_000, 21_700, 23_400, 25_100, 26_800, 28_500, 30_200];

/** Sections 2.3 and 3.1: the primary of a busy store fails, and a third server becomes the backup. */
async function failureLines(): Promise<string[]> {
  const phases = ['crash', 'failure declared', 'test-and-set', 'goes live', 'first output'] as const;
  const spans: number[][] = phases.map(() => []);
  const [pauses, rounds, waits]: [number[], number[], number[]] = [[], [], []];
  for (const crashUs of CRASHES_US) {
    const load = asking(Infinity, () => mixed, CLIENTS, 1)();
    const faults = [{ atUs: crashUs, kind: 'crash', server: 0 }] as const;
    const run = await startTimedRun({ options: timedDefaults, guest: 'key-value', startsAtRest: true, servers: 3, load, faults });
    run.goOn(200_000);
    const { measures } = run;
    const at = (what: Parameters<typeof measures.momentUs>[0]): number => measures.momentUs(what, crashUs)!;
    phases.forEach((phase, index) => spans[index]!.push(at(phase) - at(phases[Math.max(0, index - 1)]!)));
    spans[0]!.splice(-1, 1, at('first output') - crashUs);
    pauses.push(at('goes on') - at('stopped'));
    rounds.push(measures.moments.filter(({ what, atUs }) => what === 'round sent' && atUs > crashUs).length);
    waits.push(load.waitUs.max);
  }
  const row = (what: string, values: number[], remark: string) =>
    `  ${what.padEnd(34)}${ms(median(values)).padStart(8)}${ms(Math.max(...values)).padStart(9)}   ${remark}`;
  return [
    `The primary of a busy store fails, at ${CRASHES_US.length} moments; ms    median     most`,
    row('from the crash to its detection', spans[1]!, `silence of ${timedDefaults.failover.silenceMaxMs} ms`),
    row('replay to the end of the log', spans[2]!, ''),
    row('test-and-set', spans[3]!, ''),
    row('going live, to the first output', spans[4]!, ''),
    row('failover in all', spans[0]!, 'the paper: a timeout of a few seconds'),
    row('the longest that a client waited', waits, 'its request is sent again each 50 ms'),
    row(`new backup, ${Math.max(...rounds)} rounds at most: pause`, pauses, 'the paper: under 1 s'),
  ];
}

function logMbitPerSecond(run: TimedRun): number {
  return (run.measures.logBytes * 8) / run.doneUs!;
}

/** Microseconds as milliseconds. */
function ms(us: number): string {
  return (us / 1000).toFixed(us < 10_000 ? 2 : 1);
}

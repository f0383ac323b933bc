/**
 * The measurements of VMware FT, section 5, on our own machine: the same work with and without FT, in virtual time, in tables of the paper's shape and
 * beside its numbers; a failover and a migration; and what recording costs the host, which is measured on its clock. No workload has settings of
 * its own: what all of them assume is printed above the tables.
 */
import type { TimedLoad } from '../labs-runtime/sim/cluster/timed-load.ts';
import { DatagramLoad, RequestLoad } from '../labs-runtime/sim/cluster/timed-load.ts';
import { describeTimedOptions, timedDefaults } from '../labs-runtime/sim/cluster/timed-options.ts';
import type { TimedSetup } from '../labs-runtime/sim/cluster/start-timed-run.ts';
import { startTimedRun } from '../labs-runtime/sim/cluster/start-timed-run.ts';
import type { TimedRun } from '../labs-runtime/sim/cluster/timed-run.ts';
import { datagram, mixed, readsAfterWrites, writes } from './paper-workloads.ts';
import type { Command } from './paper-workloads.ts';
import { recordingCostLines } from './recording-cost.ts';

const RATIO_AT_LEAST = 0.95;
const UNTIL_US = 60e6;
const SEED = 1;

/** As many as keep the guest busy. */
const CLIENTS = 16;
const IN_FLIGHT = 8;

type Work = Pick<TimedSetup, 'guest' | 'startsAtRest'> & { name: string; load?: () => TimedLoad; paper: string };

function asking(requests: number, next: () => (prng: never) => Command): () => TimedLoad {
  return () =>
    new RequestLoad({ clients: CLIENTS, inFlight: IN_FLIGHT, requests, next: next() as never, seed: SEED, retryAfterUs: 200_000 });
}

const table1: Work[] = [
  { name: 'processor (sha256)', guest: 'sha256', startsAtRest: false, paper: 'SPECjbb2005        0.98    1.5' },
  { name: 'compile', guest: 'compile', startsAtRest: false, paper: 'Kernel Compile     0.95    3.0' },
  {
    name: 'store on the network',
    guest: 'key-value',
    startsAtRest: true,
    load: asking(200, () => mixed),
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

const table2: Work[] = [
  {
    name: 'receive: long datagrams',
    guest: 'key-value',
    startsAtRest: true,
    load: () => new DatagramLoad({ frames: 3000, frame: datagram, inFlight: 64 }),
    paper: 'Receive, 1 Gb channel    604 of 940  730',
  },
  {
    name: 'receive: writes',
    guest: 'key-value',
    startsAtRest: true,
    load: asking(200, () => writes),
    paper: 'Receive, 10 Gb channel   860 of 940  990',
  },
  {
    name: 'transmit: reads',
    guest: 'key-value',
    startsAtRest: true,
    load: asking(200, readsAfterWrites),
    paper: 'Transmit, 1 Gb channel   855 of 940   42',
  },
];

/** Lines to print. */
export async function benchPaper(): Promise<string[]> {
  return [
    'In virtual time, so that nothing of the host is in it. Assumed:',
    ...describeTimedOptions(timedDefaults).map((line) => `  ${line}`),
    `  clients: ${CLIENTS}, each with ${IN_FLIGHT} requests on their way; for datagrams, 64 on their way`,
    '',
    ...(await tableOf('As Table 1: performance', table1, 'the paper: performance, Mbit/s')),
    '',
    ...(await tableOf('As Table 2: network', table2, 'the paper: Mbit/s of 940, log Mbit/s')),
    'The paper: VMware FT (2010), tables 1 and 2.',
    '',
    ...(await backupReadLines()),
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

async function runOf({ guest, startsAtRest, load }: Work, servers: number): Promise<TimedRun> {
  const run = await startTimedRun({ options: timedDefaults, guest, startsAtRest, servers, ...(load && { load: load() }) });
  run.goOn(UNTIL_US);
  if (run.doneUs === undefined) throw new Error(`${guest} on ${servers} servers was not done after ${UNTIL_US / 1e6} s of virtual time`);
  return run;
}

/** Section 4.2: reads that the backup does itself need not be in the log. */
async function backupReadLines(): Promise<string[]> {
  const lines = ['Disk reads (8 of 4 KB, the guest dma-poll)   ms     log Mbit/s     the paper: Swingbench 12 and 3, DVD Store 18 and 8'];
  for (const backupReadsDisk of [false, true]) {
    const run = await startTimedRun({
      options: timedDefaults,
      guest: 'dma-poll',
      startsAtRest: false,
      servers: 2,
      mechanisms: { backupReadsDisk },
    });
    run.goOn(UNTIL_US);
    const name = backupReadsDisk ? 'the backup reads itself' : 'the log carries what was read';
    lines.push(`  ${name.padEnd(38)}${ms(run.doneUs!).padStart(8)}${logMbitPerSecond(run).toFixed(1).padStart(12)}`);
  }
  return lines;
}

/** Sections 2.3 and 3.1: the primary of a busy store fails, and a third server becomes the backup. */
async function failureLines(): Promise<string[]> {
  const crashUs = 20_000;
  const run = await startTimedRun({
    options: timedDefaults,
    guest: 'key-value',
    startsAtRest: true,
    servers: 3,
    load: asking(4000, () => mixed)(),
    faults: [{ atUs: crashUs, kind: 'crash', server: 0 }],
  });
  run.goOn(250_000);
  const { measures } = run;
  const at = (what: Parameters<typeof measures.momentUs>[0]): number => measures.momentUs(what, crashUs)!;
  const rounds = measures.moments.filter(({ what, atUs }) => what === 'round sent' && atUs > crashUs).length;
  const { silenceMaxMs } = timedDefaults.failover;
  return [
    `The primary of a busy store fails after ${crashUs / 1000} ms; all times in ms`,
    `  crash to failure declared  ${ms(at('failure declared') - crashUs).padStart(8)}   (silence of ${silenceMaxMs} ms)`,
    `  to the test-and-set        ${ms(at('test-and-set') - at('failure declared')).padStart(8)}   (replay to the log's end)`,
    `  to going live              ${ms(at('goes live') - at('test-and-set')).padStart(8)}   (the storage's answer)`,
    `  to the first output        ${ms(at('first output') - at('goes live')).padStart(8)}`,
    `  failover in all            ${ms(at('first output') - crashUs).padStart(8)}   the paper: detection within a few seconds`,
    `  new backup: ${rounds} rounds, then a pause of ${ms(at('goes on') - at('stopped'))} ms   the paper: under 1 s`,
  ];
}

function logMbitPerSecond(run: TimedRun): number {
  return (run.measures.logBytes * 8) / run.doneUs!;
}

/** Microseconds as milliseconds. */
function ms(us: number): string {
  return (us / 1000).toFixed(us < 10_000 ? 2 : 1);
}

/** explore and trace with a watch of the test's own: what they search, say and write, and what they refuse. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runClusterTask } from '../../../grader/explore/command.ts';
import { readClusterTask, type ClusterTask } from '../../../grader/explore/tasks.ts';
import type { SignalName, Watch } from '../../../grader/explore/watch.ts';
import { scenarios } from '../../../labs-runtime/sim/cluster/scenarios.ts';
import { MECHANISM_NAMES, MECHANISMS } from '../../../labs-runtime/sim/cluster/mechanisms.ts';
import { PROPERTIES } from '../../../labs-runtime/sim/cluster/properties.ts';
import { formatTraceFile, readTraceFile } from '../../../labs-runtime/sim/cluster/trace-file.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-explore-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string) => join(folder, name);

/** A clock that goes a millisecond further at each look, and a signal after so many breaths. */
class TestWatch implements Watch {
  readonly progressWidth = 40;
  signal: SignalName | undefined;
  isEnded = false;
  #nowMs = 0;
  #breaths = 0;
  readonly #signalAfter: number;

  constructor(signalAfter: number) {
    this.#signalAfter = signalAfter;
  }

  now(): number {
    return (this.#nowMs += 20);
  }

  breathe(): Promise<void> {
    if (++this.#breaths === this.#signalAfter) this.signal = 'SIGINT';
    return Promise.resolve();
  }

  end(): void {
    this.isEnded = true;
  }
}

interface Ended {
  status: number;
  out: string;
  error: string;
}

interface RunOptions {
  width?: number;
  colour?: boolean;
  progress?: boolean;
  signalAfter?: number;
}

async function run(
  task: ClusterTask,
  { width = 120, colour = false, progress = false, signalAfter = Infinity }: RunOptions = {},
): Promise<Ended> {
  let [out, error] = ['', ''];
  const console = { out: (text: string) => void (out += text), error: (text: string) => void (error += text), colour, width, progress };
  const watch = new TestWatch(signalAfter);
  const status = await runClusterTask(task, console, watch);
  expect(watch.isEnded).toBe(true);
  return { status, out, error };
}

/** Explores with these options, in a scenario if there is a name of one; the trace goes to the test's folder. */
function explore(scenario: string, options: Record<string, string | string[]> = {}, how: RunOptions = {}): Promise<Ended> {
  return run(readClusterTask('explore', scenario === '' ? [] : [scenario], { out: inFolder('found.trace'), ...options }), how);
}

const trace = (name: string, how: RunOptions = {}) => run({ kind: 'trace', path: inFolder(name) }, how);

test('the list has every scenario and every mechanism with a sentence, in any width', async () => {
  for (const width of [60, 140]) {
    const { status, out } = await run({ kind: 'scenarios' }, { width });
    expect(status).toBe(0);
    for (const { name } of scenarios) expect(out).toMatch(new RegExp(`^ {2}${name.replaceAll(' ', '-')} +\\w`, 'm'));
    for (const name of MECHANISM_NAMES) {
      expect(out).toMatch(new RegExp(`^ {2}${name} +\\w`, 'm'));
      expect(out.replaceAll(/\s+/g, ' ')).toContain(`${MECHANISMS[name].does}: ${MECHANISMS[name].shownBy.replaceAll(' ', '-')}`);
    }
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(Math.max(width, 80));
  }
});

describe('a search that finds nothing', () => {
  test('says what it searched and how much, names the properties, writes no file, and ends with 0', async () => {
    const { status, out, error } = await explore('crash', { states: '300' });
    expect({ status, error }).toEqual({ status: 0, error: '' });
    expect(out).toMatch(/^crash: A client reads/);
    expect(out).toMatch(/^ {2}searched +every schedule of \d+ events at most, 1 fault at most \(crash\)$/m);
    expect(out).toMatch(/^ {2}distinct states +300, [\d,]+ a second$/m);
    expect(out).toMatch(/^ {2}exhausted +no: it met as many states as it may \(--states\)$/m);
    expect(out).toContain('No schedule that was looked at breaks a property.');
    for (const name of Object.keys(PROPERTIES)) expect(out).toContain(name);
    expect(existsSync(inFolder('found.trace'))).toBe(false);
  });

  test('names the scenario that would show what goes wrong without a mechanism', async () => {
    const { status, out } = await explore('crash', { depth: '4', without: ['fencing', 'reissuesDisk'] });
    expect(status).toBe(0);
    expect(out).toMatch(/^The scenario overlapping-requests shows what goes wrong without fencing\.$/m);
    expect(out).toMatch(/^The scenario reads-before-writes shows what goes wrong without reissuesDisk\.$/m);
    expect((await explore('partition', { depth: '2', without: ['flag'] })).out).not.toContain('shows what goes wrong');
  });

  test('says that the space is exhausted where it is, and that it has no faults', async () => {
    const { status, out } = await explore('crash', { depth: '4', faults: '0' });
    expect(status).toBe(0);
    expect(out).toMatch(/^ {2}searched +every schedule of 4 events at most, 0 faults at most \(crash\)$/m);
    expect(out).toMatch(/^ {2}exhausted +yes: every schedule within the bounds was looked at$/m);
    expect(out).toMatch(/^No schedule breaks a property\.$/m);
  });

  test('takes as many walks as it is told, from the seed that it is told', async () => {
    const { status, out } = await explore('tickets', { seed: '5', walks: '3', depth: '20' });
    expect(status).toBe(0);
    expect(out).toMatch(/^ {2}searched +random walks from seed 5, 3 at most, of 20 events at most, 1 fault at most \(crash\)$/m);
    expect(out).toMatch(/^ {2}runs to the end +3:/m);
    expect(out).toMatch(/^ {2}exhausted +no: walks take some schedules of many$/m);
  });

  test('says so where it is stopped, and ends with 130', async () => {
    const { status, out } = await explore('partition', {}, { signalAfter: 2 });
    expect(status).toBe(130);
    expect(out).toMatch(/^ {2}exhausted +no: it was stopped$/m);
    expect(out).toContain('No schedule that was looked at breaks a property.');
    expect(existsSync(inFolder('found.trace'))).toBe(false);
  });

  test('shows how far it is on one line that fits and goes away, where somebody watches', async () => {
    const { error } = await explore('crash', { states: '2000' }, { progress: true });
    const lines = error.split('\r\x1b[K');
    expect(lines.length).toBeGreaterThan(3);
    expect([lines[0], lines.at(-1)]).toEqual(['', '']);
    for (const line of lines) expect(line.length).toBeLessThan(40);
    expect(lines[1]).toMatch(/^crash: [\d,]+ states, [\d,]+ a second, de/);
    expect(error).not.toContain('\n');
  });
});

describe('a search that finds something', () => {
  test('shows the shortest schedule and why it is wrong, writes it, and ends with 1; trace shows the same', async () => {
    const { status, out, error } = await explore('partition', { seed: '3', without: ['flag'] });
    expect({ status, error }).toEqual({ status: 1, error: '' });
    expect(out).toMatch(/^ {2}without +flag: the storage gives the flag/m);
    expect(out).toContain('A schedule breaks "one machine is live".');
    expect(out).toMatch(/^ {2}schedule +4 events, made short from \d+: none of them can be left out$/m);
    expect(out).toMatch(/^ {2}found again by +npx lockstep explore partition --seed \d+ --walks 1 --without flag$/m);
    expect(out).toMatch(/^event +time +0 +1$/m);
    expect(out).toMatch(/^ {4}4 +150 ms +\| +!<-#\d+ +\| +is told that the flag is its own; goes live/m);
    expect(out).toContain('Broken: one machine is live (VMware FT, section 2.3)');
    for (const label of ['should hold', 'expected', 'observed', 'consequence']) expect(out).toMatch(new RegExp(`^ {2}${label} +\\w`, 'm'));
    expect(out).toContain(`Written to ${inFolder('found.trace')}. To see it again: npx lockstep trace ${inFolder('found.trace')}\n`);

    const shown = await trace('found.trace');
    expect(shown).toMatchObject({ status: 0, error: '' });
    const table = /^ +(server|client).*?consequence.*?(?=\n\n|$)/ms;
    expect(table.exec(shown.out)![0].trimEnd()).toBe(table.exec(out)![0].trimEnd());
    expect(shown.out).toContain('without flag; found by seed');
  });

  test('is looked for in the scenario that shows it, where none is named', async () => {
    const { status, out } = await explore('', { without: ['flag'], seed: '3' });
    expect(status).toBe(1);
    expect(out).toMatch(/^partition: /);
    expect(out).toMatch(/^ {2}scenario +the one that shows what goes wrong without flag$/m);
    expect(out).toMatch(/^ {2}found again by +npx lockstep explore partition --seed \d+ --walks 1 --without flag$/m);
  });

  test('is found again by the command that it prints', async () => {
    const { out } = await explore('crash', { seed: '1', without: ['remakesOutputs'] });
    const seed = / --seed (\d+) --walks 1 --without remakesOutputs$/m.exec(out)![1]!;
    const first = readFileSync(inFolder('found.trace'), 'utf8');
    const again = await explore('crash', { seed, walks: '1', without: ['remakesOutputs'] });
    expect(again.status).toBe(1);
    expect(again.out).toContain('found.trace, in place of the trace that was there.');
    expect(readFileSync(inFolder('found.trace'), 'utf8')).toBe(first);
  });

  test('keeps what it found when it is stopped while it makes it short', async () => {
    const { status, out } = await explore('one failure after another', { seed: '1', without: ['restoresRedundancy'] }, { signalAfter: 2 });
    expect(status).toBe(130);
    expect(out).toMatch(/stopped before it was as short as can be$/m);
    expect(readTraceFile(readFileSync(inFolder('found.trace'), 'utf8')).breach!.property).toBe('the pair becomes whole');
    expect(await trace('found.trace')).toMatchObject({ status: 0 });
  });

  test('fits a narrow terminal, and is coloured where that is wanted', async () => {
    const { out } = await explore('partition', { seed: '3', without: ['flag'] }, { width: 60, colour: true });
    const plain = out.replaceAll(/\x1b\[\d+m/g, '');
    expect(plain).not.toBe(out);
    const lines = plain.split('\n').filter((line) => !line.includes(folder));
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe('what cannot be searched, or written, is refused before the search', () => {
  test.each([
    ['crsh', {}, /^There is no scenario "crsh"\. Did you mean "crash"\? The scenarios are: crash, tickets, /],
    ['new-bakup', {}, /Did you mean "new-backup"\?/],
    ['\x1b[2J', {}, /^There is no scenario "\\x1b\[2J"\./],
    [
      'crash',
      { without: ['flags'] },
      /^There is no mechanism "flags"\. Did you mean "flag"\? The mechanisms are, .*: flag \(partition\), fencing \(overlapping-requests\), /,
    ],
    ['crash', { without: ['toString'] }, /^There is no mechanism "toString"/],
    [
      'crash',
      { without: ['controlsLag'] },
      /^--without controlsLag: the scenario "crash" does without it already\. The scenario busy-backup /,
    ],
    [
      '',
      { without: ['flag', 'fencing'] },
      /^Which scenario\? .* \(flag in partition, fencing in overlapping-requests\): name one of them\.$/m,
    ],
  ])('%j with %j', async (scenario, options, message) => {
    const { status, out, error } = await explore(scenario, options);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(error).toMatch(message);
  });

  test('a file that is something else, a folder, or in no folder', async () => {
    writeFileSync(inFolder('notes'), 'my notes');
    mkdirSync(inFolder('sub'));
    for (const [out, message] of [
      ['notes', /notes: it is there already, and is no trace\. Name another file after --out\.$/],
      ['sub', /sub: it is a folder\. Name a file after --out\.$/],
      ['nowhere/a.trace', /nowhere: there is no such file or folder/],
    ] as const) {
      const ended = await explore('crash', { out: inFolder(out) });
      expect({ status: ended.status, out: ended.out }).toEqual({ status: 2, out: '' });
      expect(ended.error.trimEnd()).toMatch(message);
    }
    expect(readFileSync(inFolder('notes'), 'utf8')).toBe('my notes');
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written to', async () => {
    mkdirSync(inFolder('closed'));
    chmodSync(inFolder('closed'), 0o500);
    expect(await explore('crash', { out: inFolder('closed/a.trace') })).toMatchObject({ status: 2, out: '' });
  });
});

describe('a file that is no trace', () => {
  test.each([
    ['missing', undefined, /missing: there is no such file or folder/],
    ['empty', '', /empty: line 1: it is no trace of Lockstep/],
    ['binary', new Uint8Array([0xff, 0xfe, 0]), /binary: it is no text, and so no trace of Lockstep/],
    ['escapes', 'lockstep trace 1\nscenario \x1b[2J\n', /escapes: line 2: scenario is "\\u001b\[2J"/],
    ['large', new Uint8Array(2 ** 20 + 1), /large: it has 1048577 bytes, and at most 1048576 can be read/],
  ])('%s is refused, with status 2', async (name, content, message) => {
    if (content !== undefined) writeFileSync(inFolder(name), content);
    const { status, out, error } = await trace(name);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(error).toMatch(message);
    expect(error).not.toContain('\x1b');
  });

  test('or that is another run, is refused', async () => {
    await explore('partition', { seed: '3', without: ['flag'] });
    const found = readTraceFile(readFileSync(inFolder('found.trace'), 'utf8'));
    writeFileSync(inFolder('other.trace'), formatTraceFile({ ...found, endState: 'abc' }));
    const { status, error } = await trace('other.trace');
    expect(status).toBe(2);
    expect(error).toMatch(
      /other\.trace: the run that it describes ends in state abc with "one machine is live" broken, and its replay in state/,
    );
  });
});

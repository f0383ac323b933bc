/** `lockstep grade` with results that are kept: taken up after a kill, the same as undisturbed, and what is wrong is said before anything is graded. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runLockstep } from '../../grader/cli.ts';
import type { Course, Grader } from '../../grader/course.ts';
import type { GradingJob } from '../../grader/grading/messages.ts';
import { labs, readChecks, readStarter } from '../../grader/labs.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';
import { REPOSITORY } from '../../scripts/repository.ts';
import { lab } from '../../src/labs/logging-channel/lab.ts';
import { solutionSource } from '../src/labs/logging-channel/mutants.ts';
import { filesIn, withoutTimes } from './kept-results.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-grade-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string): string {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
  return join(folder, path);
}

/** A grader that reads the points from the submission, and says what it was asked for. */
function countingCourse() {
  const asked: GradingJob[] = [];
  const grade = (job: GradingJob) => {
    asked.push(job);
    const points = Number(Object.values(job.files)[0]!.trim());
    const report: Report = {
      schema: 1,
      lab: job.lab.id,
      labHash: 'lab',
      runtimeHash: 'runtime',
      verdict: points === 100 ? 'pass' : 'fail',
      points,
      pointsMax: 100,
      checks: job.lab.checks.map(({ id, title, points: pointsMax }) => ({
        id,
        title,
        verdict: 'pass',
        points: pointsMax,
        pointsMax,
        steps: 1,
      })),
    };
    return Promise.resolve({ kind: 'graded' as const, grading: { report, details: [] }, recorder: undefined });
  };
  const grader = { jobs: 2, grade, runtimeHash: 'runtime', walls: 'four walls', close: async () => {} };
  const course: Course = {
    labs,
    readChecks,
    readStarter,
    openGrader: async () => grader,
    version: '1.0.0',
    now: () => 0,
    date: () => '2026-01-01T00:00:00Z',
  };
  return { asked, course };
}

/** The same course, whose grader does something in another way. */
function withGrader(course: Course, change: (grader: Grader) => Partial<Grader>): Course {
  const openGrader: Course['openGrader'] = async (wanted) => {
    const grader = await course.openGrader(wanted);
    return { ...grader, ...change(grader) };
  };
  return { ...course, openGrader };
}

async function run(course: Course, ...args: string[]) {
  let out = '';
  let error = '';
  const console = {
    out: (text: string) => (out += text),
    error: (text: string) => (error += text),
    colour: false,
    width: 120,
    progress: false,
  };
  return { status: await runLockstep(['grade', ...args], course, console), out, error };
}

const ALL = 'json,csv,html,junit,ctrf,canvas,gradescope,prairielearn';

describe('a class', () => {
  beforeEach(() => {
    for (let index = 0; index < 12; index++)
      write(`class/s${String(index).padStart(2, '0')}.ts`, String(index % 3 === 0 ? 100 : 40 + index));
  });

  test('that was graded is taken up: nothing is graded twice, a change is, and the reports are the same', async () => {
    const out = join(folder, 'out');
    const args = [join(folder, 'class'), '--lab', lab.id, '--out', out, '--format', ALL];
    const first = countingCourse();
    expect(await run(first.course, ...args)).toMatchObject({ status: 1, error: '' });
    expect(first.asked).toHaveLength(12);
    const reports = filesIn(out);
    expect(reports['/class.html']).toContain('four walls');
    expect(reports['/results.json']).toContain('four walls');

    const again = countingCourse();
    expect(await run(again.course, ...args)).toMatchObject({
      status: 2,
      error: expect.stringMatching(/results of an earlier run\. Add --resume/),
    });
    expect(await run(again.course, ...args, '--resume')).toMatchObject({ status: 1 });
    expect(again.asked).toEqual([]);
    expect(filesIn(out)).toEqual(reports);

    write('class/s05.ts', '99');
    await run(again.course, ...args, '--resume');
    expect(again.asked.map(({ files }) => files['channel.ts'])).toEqual(['99']);
  });

  test('that was killed in the middle is taken up where it was, and ends as one that was not', async () => {
    for (let index = 0; index < 12; index++)
      write(`class/s${String(index).padStart(2, '0')}.ts`, solutionSource('checksum').replace('BEGIN', `BEGIN_${index}`));
    const args = (name: string) => [
      'grade',
      join(folder, 'class'),
      '--lab',
      lab.id,
      '--out',
      join(folder, name),
      '--jobs',
      '2',
      '--format',
      'csv,html,canvas',
    ];
    const start = (...all: string[]) => spawn(process.execPath, [join(REPOSITORY, 'grader/bin.js'), ...all], { stdio: 'ignore' });
    const ended = (child: ReturnType<typeof start>) => new Promise<void>((resolve) => child.on('close', () => resolve()));
    const killed = start(...args('killed'));
    const over = ended(killed);
    // The journal grows with each outcome: three are kept by then, and nine are not.
    const sizeOf = () => (killed.exitCode === null ? sizeOfJournal(join(folder, 'killed')) : Infinity);
    for (let known = 0, last = 0; known < 4 && sizeOf() < Infinity;) {
      const size = sizeOf();
      if (size > last) known += 1;
      last = Math.max(size, last);
      await new Promise((resolve) => setImmediate(resolve));
    }
    killed.kill('SIGKILL');
    await over;
    expect(Object.keys(filesIn(join(folder, 'killed')))).toEqual([]);
    await Promise.all([ended(start(...args('killed'), '--resume')), ended(start(...args('undisturbed')))]);
    const undisturbed = withoutTimes(filesIn(join(folder, 'undisturbed')));
    expect(Object.keys(undisturbed)).toHaveLength(12 + 3);
    expect(withoutTimes(filesIn(join(folder, 'killed')))).toEqual(undisturbed);
  });

  test('is shown as it was graded, whatever became of its files since', async () => {
    const { course } = countingCourse();
    const names = ['copy-1.ts', 'copy-2.ts'];
    for (const name of names) write(`copies/${name}`, solutionSource('checksum'));
    const changing = withGrader(course, (grader) => ({
      grade: (job) => grader.grade({ ...job, files: { 'channel.ts': '50' } }),
      close: async () => names.forEach((name) => write(`copies/${name}`, '// changed')),
    }));
    await run(changing, join(folder, 'copies'), '--lab', lab.id, '--out', join(folder, 'out'), '--format', 'html');
    expect(filesIn(join(folder, 'out'))['/class.html']).toContain('<span class="percent">100 %</span>');
  });

  test('has pages that link to the course’s site', async () => {
    const failing = withGrader(countingCourse().course, (grader) => ({
      grade: async (job) => {
        const answer = await grader.grade(job);
        if (answer.kind !== 'graded') return answer;
        const [first] = answer.grading.report.checks;
        const words = { rule: 'r', expected: 'e', observed: 'o', consequence: 'c', cause: 'c', link: 'lecture/logging-channel/#numbers' };
        Object.assign(first!, { verdict: 'fail', message: 'r', failure: { class: 'safety', ...words, trace: [] } });
        return answer;
      },
    }));
    const site = ['--course', 'https://example.edu/vmft'];
    await run(failing, join(folder, 'class'), '--lab', lab.id, '--out', join(folder, 'out'), '--format', 'html', ...site);
    const pages = Object.values(filesIn(join(folder, 'out')));
    expect(pages).toHaveLength(12 + 1);
    for (const page of pages) expect(page).toContain('href="https://example.edu/vmft/lecture/logging-channel/#numbers"');
  });

  test('has its students, what lateness costs, and who is missing', async () => {
    const roster = write('roster.csv', 'id,name\ns00,Zero\ns01,One\ns77,Nobody\n');
    const late = write(
      'late.json',
      '{ "due": "2026-01-01T00:00:00Z", "deductPercentPerDay": 10, "extensions": { "s78": "2026-01-02T00:00:00Z" } }',
    );
    const args = ['--lab', lab.id, '--out', join(folder, 'out'), '--format', 'csv,json', '--roster', roster, '--late', late];
    const { error } = await run(countingCourse().course, join(folder, 'class'), ...args);
    expect(error).toContain('the extension for "s78" is for nobody on the roster');
    expect(error).toContain('s05.ts: the list of the class has nobody like that.');
    const csv = filesIn(join(folder, 'out'))['/grades.csv']!;
    expect(csv).toMatch(/^s00\.ts,Zero,s00,/m);
    expect(csv).toMatch(/^,Nobody,s77,.*missing/m);
  });
});

describe('all labs', () => {
  test('are graded for each student, what is not there is missing and worth nothing, and hidden checks count as a lab', async () => {
    write('class/one/channel.ts', '100');
    write('class/one/gate.ts', '50');
    write('class/two/failover.ts', '20');
    write('hidden/failover/checks.ts', '// hidden');
    write('hidden/failover/checks.json', '[{ "id": "burst", "title": "a burst", "points": 7, "class": "safety" }]');
    write('secret', 'nobody knows\n');
    const { asked, course } = countingCourse();
    const options = ['--lab', 'all', '--hidden', join(folder, 'hidden'), '--secret-file', join(folder, 'secret')];
    const { out } = await run(course, join(folder, 'class'), ...options);
    expect(out).toMatch(/logging-channel +output-rule +failover +failover-hidden +name/);
    expect(out).toMatch(/150\/\d+ +100\/100 +50\/100 +missing +missing +one/);
    expect(out).toMatch(/40\/\d+ +missing +missing +20\/100 +20\/100 +two/);
    expect(asked.map(({ lab: { id } }) => id).toSorted()).toEqual(['failover', 'failover-hidden', 'logging-channel', 'output-rule']);
    expect(new Set(asked.map(({ seedOffset }) => seedOffset)).size).toBe(4);
    expect(asked.find(({ lab: { id } }) => id === 'failover-hidden')).toMatchObject({ checksSource: '// hidden' });
  });
});

describe('what is wrong is said before anything is graded', () => {
  test.each([
    [['--out', 'out', '--format', 'gradesope'], /no format "gradesope"\. Did you mean "gradescope"\? The formats are: canvas, csv, ctrf/],
    [['--hidden', 'nowhere'], /there are no hidden checks\. They are looked for in nowhere\/logging-channel\/checks\.ts/],
    [['--secret-file', 'empty'], /empty: it is empty\. Put a line of text into it/],
    [['--secret-file', 'nowhere'], /nowhere: there is no such file/],
    [['--roster', 'nowhere'], /nowhere: there is no such file/],
    [['--late', 'bad.json'], /bad\.json: there is no key graceMinute\. Did you mean "graceMinutes"\?/],
    [['--out', 'empty'], /empty: no folder can be made there/],
  ])('%j', async (options, message) => {
    write('a.ts', '100');
    write('empty', '\n');
    write('bad.json', '{ "graceMinute": 1 }');
    const { asked, course } = countingCourse();
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(await run(course, 'a.ts', '--lab', lab.id, ...options)).toMatchObject({
        status: 2,
        out: '',
        error: expect.stringMatching(message),
      });
    } finally {
      process.chdir(before);
    }
    expect(asked).toEqual([]);
  });
});

/** Bytes of a store's journal; 0 before there is one. */
function sizeOfJournal(path: string): number {
  try {
    return readFileSync(join(path, 'lockstep.sqlite-wal')).length;
  } catch {
    return 0;
  }
}

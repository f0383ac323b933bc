/** What platforms export, each as its own program names it, on a disk and zipped. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { appendFileSync, chmodSync, existsSync, mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findSubmissions } from '../../../grader/intake/find-submissions.ts';
import { lab as gate } from '../../../src/labs/output-rule/lab.ts';
import { Folder, allLabs, oneLab, outcomes, readAll, zipOf } from './fixtures.ts';

let folder: Folder;
let packed: Folder;
beforeEach(() => {
  folder = new Folder();
  packed = new Folder();
});
afterEach(() => {
  folder.remove();
  packed.remove();
});

/** Writes files and finds them: once as they lie, once in a zip; both must come to the same. */
async function bothWays(files: string[] | Record<string, string | Uint8Array>, labs = oneLab) {
  packed.write({ 'export.zip': await zipOf(files) });
  const zipped = await findSubmissions([packed.at('export.zip')], labs);
  folder.write(files);
  const found = await findSubmissions([folder.path], labs);
  expect(zipped.layout).toBe(`${found.layout}, zipped`);
  expect(await outcomes(zipped, labs[0])).toEqual(await outcomes(found, labs[0]));
  expect(zipped.problems).toEqual(found.problems);
  expect(zipped.submissions.map(({ read: _, ...about }) => about)).toEqual(found.submissions.map(({ read: _, ...about }) => about));
  return found;
}

describe('Canvas', () => {
  test('files by whose they are, with the mark of lateness, anonymous ones, and what was typed in', async () => {
    const found = await bothWays([
      'doejane_12345_67890_channel.ts',
      'roejohn_LATE_12346_67891_my work_2_3.ts',
      'LATE_anon_Xy12z_67892_channel.ts',
      'müllerida_12347_text.html',
    ]);
    expect(found).toMatchObject({ kind: 'class', layout: 'a Canvas download', problems: [] });
    expect(found.submissions).toMatchObject([
      { name: 'anon_Xy12z', student: { id: 'anon_Xy12z' }, late: true },
      { name: 'doejane_12345', student: { id: '12345', canvasId: '12345', name: 'doejane' }, late: false },
      { name: 'müllerida_12347', student: { id: '12347', canvasId: '12347', name: 'müllerida' }, late: false },
      { name: 'roejohn_12346', student: { id: '12346', canvasId: '12346', name: 'roejohn' }, late: true },
    ]);
    expect(await outcomes(found)).toEqual({
      anon_Xy12z: { 'channel.ts': '// LATE_anon_Xy12z_67892_channel.ts' },
      doejane_12345: { 'channel.ts': '// doejane_12345_67890_channel.ts' },
      müllerida_12347: 'müllerida_12347: it lacks channel.ts.',
      roejohn_12346: { 'channel.ts': '// roejohn_LATE_12346_67891_my work_2_3.ts' },
    });
  });

  test('a file handed in again has a number at its end, and of several the last counts', async () => {
    const found = await bothWays(['doejane_1_20_channel-1.ts', 'doejane_1_3_channel.ts', 'roejohn_2_5_channel-3.ts'], allLabs);
    expect(found.problems).toEqual(['doejane_1: channel.ts is there more than once. The last one counts.']);
    expect(await outcomes(found)).toEqual({
      doejane_1: { 'channel.ts': '// doejane_1_20_channel-1.ts' },
      roejohn_2: { 'channel.ts': '// roejohn_2_5_channel-3.ts' },
    });
    // It is of its own lab under that name, too, and for the others nothing came.
    expect(await outcomes(found, gate)).toEqual({ doejane_1: undefined, roejohn_2: undefined });
  });

  test('numbers at the end of other names are part of them', async () => {
    const found = await bothWays(['doejane_1_2_part-1.ts', 'doejane_1_3_part-2.ts', 'roejohn_2_4_channel.ts']);
    expect(found.problems).toEqual([]);
    expect((await outcomes(found)).doejane_1).toBe(
      'doejane_1: it lacks channel.ts. It holds part-1.ts, part-2.ts: rename the one that is meant.',
    );
  });

  test('several labs, a zip, and a report of the page that was uploaded, too', async () => {
    const found = await bothWays(
      {
        'doejane_1_2_channel.ts': 'c',
        'doejane_1_3_gate (1).ts': 'g',
        'doejane_1_4_output-rule-report.json': '{}',
        'roejohn_2_5_work.zip': await zipOf(['lockstep/gate.ts']),
      },
      allLabs,
    );
    expect(await outcomes(found)).toEqual({ doejane_1: { 'channel.ts': 'c' }, roejohn_2: undefined });
    expect(await outcomes(found, gate)).toEqual({ doejane_1: { 'gate.ts': 'g' }, roejohn_2: { 'gate.ts': '// lockstep/gate.ts' } });
  });

  test('a file that Canvas did not name is a submission of its own', async () => {
    const found = await bothWays(['doejane_1_2_channel.ts', 'extra.ts']);
    expect(found.layout).toBe('a Canvas download and a folder of submissions');
    expect(found.submissions.map(({ name }) => name)).toEqual(['doejane_1', 'extra.ts']);
  });

  test('any name of a student and of a file comes back as it went in', async () => {
    const word = fc.stringMatching(/^[a-zà-ž]+([_a-zà-ž]*[a-zà-ž])?$/);
    const file = fc.string({ minLength: 1, maxLength: 10 }).filter((name) => !/^\.|[/\\:*?"<>|\0]/.test(name));
    const id = fc.nat({ max: 1e9 });
    await fc.assert(
      fc.asyncProperty(word, id, id, file, fc.boolean(), async (who, user, attachment, name, late) => {
        const zip = await zipOf({ [`${who}_${late ? 'LATE_' : ''}${user}_${attachment}_${name}.ts`]: 'c', 'other.ts': 'o' });
        folder.write({ 'export.zip': zip });
        const { submissions } = await findSubmissions([folder.at('export.zip')], oneLab);
        const [canvas] = submissions.filter((submission) => submission.name !== 'other.ts');
        expect(canvas).toMatchObject({ name: `${who}_${user}`, late, student: { canvasId: String(user), name: who } });
        expect(await canvas!.read(oneLab[0]!)).toEqual({ 'channel.ts': 'c' });
      }),
      { numRuns: 100 },
    );
  });
});

describe('Moodle', () => {
  test('a folder for each student, as older and newer versions name it', async () => {
    const found = await bothWays([
      'Jane Doe_123456_assignsubmission_file_/channel.ts',
      'Ida Müller-Ünal_123457_assignsubmission_file/sub/my work.ts',
      'Ida Müller-Ünal_123457_assignsubmission_onlinetext/onlinetext.html',
      'John Roe_123458_assignsubmission_onlinetext_/onlinetext.html',
    ]);
    expect(found).toMatchObject({ kind: 'class', layout: 'a Moodle download', problems: [] });
    expect(found.submissions).toMatchObject([
      { name: 'Ida Müller-Ünal_123457', student: { id: 'Ida Müller-Ünal_123457', name: 'Ida Müller-Ünal' } },
      { name: 'Jane Doe_123456', student: { name: 'Jane Doe' } },
      { name: 'John Roe_123458', student: { name: 'John Roe' } },
    ]);
    expect(await outcomes(found)).toEqual({
      'Ida Müller-Ünal_123457': { 'channel.ts': '// Ida Müller-Ünal_123457_assignsubmission_file/sub/my work.ts' },
      'Jane Doe_123456': { 'channel.ts': '// Jane Doe_123456_assignsubmission_file_/channel.ts' },
      'John Roe_123458': 'John Roe_123458: it lacks channel.ts.',
    });
  });

  test('without folders, the file’s own name is the end of a long one', async () => {
    const found = await bothWays(
      [
        'Jane Doe_1_assignsubmission_file_channel.ts',
        'Jane Doe_1_assignsubmission_file_gate.ts',
        'John Roe_2_assignsubmission_file_gate.ts',
      ],
      allLabs,
    );
    expect(found.layout).toBe('a Moodle download');
    expect(await outcomes(found, gate)).toEqual({
      'Jane Doe_1': { 'gate.ts': '// Jane Doe_1_assignsubmission_file_gate.ts' },
      'John Roe_2': { 'gate.ts': '// John Roe_2_assignsubmission_file_gate.ts' },
    });
  });

  test('a download of one student is a class', async () => {
    const found = await bothWays(['Jane Doe_1_assignsubmission_file_/channel.ts']);
    expect(found).toMatchObject({ kind: 'class', submissions: [{ name: 'Jane Doe_1' }] });
  });
});

describe('Gradescope', () => {
  const metadata = `---
submission_11:
  :submitters:
  - :name: Jane Doe
    :sid: '00123'
    :email: jane@example.edu
  :created_at: 2026-03-01 23:59:58.123456000 -08:00
  :score: 3.0
  :results: &1
    :tests: []
submission_12:
  :submitters:
  - :name: John Roe
    :sid: 124
    :email:
  - :name: Ida Lee
    :sid:
    :email: ida@example.edu
  :created_at: 2026-03-01 10:00:00.000000000 Z
submission_13:
  :submitters: []
submission_14:
  :submitters:
  - :name: Max Mo
`;
  const files = {
    'submission_metadata.yml': metadata,
    'submission_11/channel.ts': 'eleven',
    'submission_12/src/channel.ts': 'twelve',
    'submission_13/my.ts': 'thirteen',
    'submission_15/channel.ts': 'fifteen',
  };

  test('folders with a list of whose each is and when it came; of a group, each member’s', async () => {
    const wrapped = Object.fromEntries(Object.entries(files).map(([path, content]) => [`assignment_7_export/${path}`, content]));
    folder.write({ 'export.zip': await zipOf(wrapped) });
    const found = await findSubmissions([folder.at('export.zip')], oneLab);
    expect(found.layout).toBe('a Gradescope export and a folder of submissions, zipped');
    expect(found.problems).toEqual(['submission_14: submission_metadata.yml names it, but there is no such folder.']);
    expect(found.submissions.map(({ name, student, submittedAt }) => ({ name, student, submittedAt }))).toEqual([
      {
        name: 'submission_11',
        student: { id: '00123', name: 'Jane Doe', email: 'jane@example.edu' },
        submittedAt: '2026-03-01T23:59:58.123-08:00',
      },
      {
        name: 'submission_12 of Ida Lee',
        student: { id: 'ida@example.edu', name: 'Ida Lee', email: 'ida@example.edu' },
        submittedAt: '2026-03-01T10:00:00.000Z',
      },
      { name: 'submission_12 of John Roe', student: { id: '124', name: 'John Roe' }, submittedAt: '2026-03-01T10:00:00.000Z' },
      { name: 'submission_13', student: undefined, submittedAt: undefined },
      { name: 'submission_15', student: { id: 'submission_15' }, submittedAt: undefined },
    ]);
    expect(await outcomes(found)).toEqual({
      submission_11: { 'channel.ts': 'eleven' },
      'submission_12 of Ida Lee': { 'channel.ts': 'twelve' },
      'submission_12 of John Roe': { 'channel.ts': 'twelve' },
      submission_13: { 'channel.ts': 'thirteen' },
      submission_15: { 'channel.ts': 'fifteen' },
    });
  });

  test('on a disk the same', async () => {
    expect((await bothWays(files)).submissions).toHaveLength(5);
  });

  test('a list that is no YAML, or no list, ends the grading with a word', async () => {
    for (const content of ['a: b: c', '- 1', Uint8Array.of(0xff)]) {
      folder.write({ 'submission_metadata.yml': content, 'submission_1/channel.ts': '' });
      await expect(findSubmissions([folder.path], oneLab)).rejects.toThrow(/submission_metadata\.yml: Gradescope’s list|Gradescope's list/);
    }
  });

  test('aliases that would grow without end are refused', async () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[at]}`).join(',')}]`),
    ];
    folder.write({ 'submission_metadata.yml': bomb.join('\n'), 'submission_1/channel.ts': '' });
    await expect(findSubmissions([folder.path], oneLab)).rejects.toThrow(/cannot be read/);
  });
});

/** Whether this machine has Git, which only makes the fixtures. */
const hasGit = (() => {
  try {
    return execFileSync('git', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

describe('GitHub Classroom', () => {
  function git(clone: string, args: string[], date = '1767225600 +0100'): void {
    const env = {
      ...process.env,
      GIT_AUTHOR_DATE: '1000000000 +0000',
      GIT_COMMITTER_DATE: date,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
    };
    execFileSync('git', ['-c', 'user.name=A Student', '-c', 'user.email=a@example.edu', ...args], {
      cwd: folder.at(clone),
      env,
      stdio: 'pipe',
    });
  }

  function clone(path: string, date: string): void {
    folder.write([`${path}/channel.ts`]);
    git(path, ['init', '-q', '-b', 'main']);
    git(path, ['add', '.']);
    git(path, ['commit', '-q', '-m', 'work'], date);
  }

  test('folders that look like clones are named by assignment and login', async () => {
    folder.write(['lab-1-submissions/lab-1-jane-doe/channel.ts', 'lab-1-submissions/lab-1-jane-doe/.git/HEAD']);
    const [one] = (await findSubmissions([folder.at('lab-1-submissions')], oneLab)).submissions;
    expect(one).toMatchObject({ name: 'lab-1-jane-doe', student: { id: 'jane-doe', login: 'jane-doe' } });
    expect(one!.submittedAt).toBeUndefined();
    folder.write(['repos/hw-ann/channel.ts', 'repos/hw-ann/.git/HEAD', 'repos/hw-andy/channel.ts', 'repos/hw-andy/.git/HEAD']);
    const found = await findSubmissions([folder.at('repos')], oneLab);
    expect(found.layout).toBe('clones of GitHub Classroom');
    expect(found.submissions.map(({ student }) => student!.login)).toEqual(['andy', 'ann']);
  });

  test.skipIf(!hasGit)('the last commit’s time is read, of loose objects and of packs, also in a zip', async () => {
    clone('class/hw-ann', '1767225600 +0100');
    clone('class/hw-bob', '1767312000 -0800');
    git('class/hw-bob', ['gc', '-q', '--aggressive']);
    expect(existsSync(folder.at('class/hw-bob/.git/packed-refs'))).toBe(true);
    const found = await findSubmissions([folder.at('class')], oneLab);
    const times = found.submissions.map(({ name, submittedAt }) => [name, submittedAt]);
    expect(times).toEqual([
      ['hw-ann', '2026-01-01T00:00:00.000Z'],
      ['hw-bob', '2026-01-02T00:00:00.000Z'],
    ]);
    expect(await outcomes(found)).toMatchObject({ 'hw-ann': { 'channel.ts': '// class/hw-ann/channel.ts' } });
    expect((await findSubmissions([folder.at('class/hw-bob')], oneLab)).submissions[0]!.submittedAt).toBe('2026-01-02T00:00:00.000Z');
  });

  test.skipIf(!hasGit)('a commit that a pack keeps as a difference from another is read, whichever it is', async () => {
    clone('class/hw-ann', '1767225600 +0100');
    // Longer than 64 KiB, so that a difference copies a piece of that size, which has an encoding of its own.
    const message = 'the same long message, so that a difference is smaller than the whole commit. '.repeat(1000);
    for (let day = 1; day <= 6; day++)
      git('class/hw-ann', ['commit', '-q', '--allow-empty', '-m', message], `${1767225600 + day * 86400} +0000`);
    git('class/hw-ann', ['gc', '-q', '--aggressive', '--prune=now']);
    const verbose = execFileSync('sh', ['-c', 'git verify-pack -v .git/objects/pack/*.idx'], {
      cwd: folder.at('class/hw-ann'),
      encoding: 'utf8',
    });
    expect(verbose.split('\n').filter((line) => /^\w{40} commit( +\d+){4} \w{40}$/.test(line)).length).toBeGreaterThan(0);
    for (let day = 6; day >= 0; day--) {
      const [one] = (await findSubmissions([folder.at('class')], oneLab)).submissions;
      expect(one!.submittedAt).toBe(new Date((1767225600 + day * 86400) * 1000).toISOString());
      if (day > 0) git('class/hw-ann', ['reset', '-q', '--soft', 'HEAD~1']);
    }
  });

  test.skipIf(!hasGit)('nothing that a student’s repository says to run is run', async () => {
    clone('class/hw-ann', '1767225600 +0100');
    const trap = `touch ${folder.at('trapped')}`;
    mkdirSync(folder.at('class/hw-ann/.git/hooks'), { recursive: true });
    for (const hook of ['post-checkout', 'pre-auto-gc', 'fsmonitor-watchman', 'post-index-change']) {
      folder.write({ [`class/hw-ann/.git/hooks/${hook}`]: `#!/bin/sh\n${trap}\n` });
      chmodSync(folder.at(`class/hw-ann/.git/hooks/${hook}`), 0o755);
    }
    appendFileSync(
      folder.at('class/hw-ann/.git/config'),
      `[core]\n\tfsmonitor = "${trap};:"\n\tpager = "${trap};:"\n\tsshCommand = "${trap}"\n[log]\n\tshowSignature = true\n[gpg]\n\tprogram = "${trap}"\n[alias]\n\tlog = "!${trap}"\n`,
    );
    const found = await findSubmissions([folder.at('class')], oneLab);
    expect(found.submissions[0]!.submittedAt).toBe('2026-01-01T00:00:00.000Z');
    expect(await outcomes(found)).toEqual({ 'hw-ann': { 'channel.ts': '// class/hw-ann/channel.ts' } });
    expect(existsSync(folder.at('trapped'))).toBe(false);
    git('class/hw-ann', ['status']);
    expect(existsSync(folder.at('trapped'))).toBe(true);
  });

  test.skipIf(!hasGit)('a repository that is broken, or leads elsewhere, leaves the time unknown and the file graded', async () => {
    for (const head of ['ref: refs/heads/nothing', 'ref: refs/../../../secret', 'deadbeef', '', 'ref: refs/heads/main\n'.repeat(9)]) {
      clone('class/hw-ann', '1767225600 +0100');
      folder.write({ 'class/hw-ann/.git/HEAD': head });
      const found = await findSubmissions([folder.at('class')], oneLab);
      expect(found.submissions[0]!.submittedAt).toBeUndefined();
      expect(await outcomes(found)).toMatchObject({ 'hw-ann': { 'channel.ts': '// class/hw-ann/channel.ts' } });
      folder.remove();
      folder = new Folder();
    }
  });
});

describe('the page', () => {
  test('what it downloads, in a folder or alone', async () => {
    folder.write(['mine/gate.ts', 'mine/output-rule-report.json']);
    const found = await findSubmissions([folder.at('mine')], allLabs);
    expect(found).toMatchObject({ kind: 'one', problems: ['output-rule-report.json: a report, which is no submission, is left out.'] });
    expect(await readAll(folder.at('mine'), allLabs, gate)).toEqual({ mine: { 'gate.ts': '// mine/gate.ts' } });
  });
});

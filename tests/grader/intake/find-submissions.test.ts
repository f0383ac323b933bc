/** What at a path is a submission, in somebody's own folders and in zips; what is read of it, and what is refused with a message. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findSubmissions } from '../../../grader/intake/find-submissions.ts';
import { lab as failover } from '../../../src/labs/failover/lab.ts';
import { lab as gate } from '../../../src/labs/output-rule/lab.ts';
import { Folder, allLabs, oneLab, outcomes, readAll, zipOf } from './fixtures.ts';

/** Windows lets only administrators make links, and has no named pipes. */
const onPosix = test.skipIf(process.platform === 'win32');

let folder: Folder;
beforeEach(() => void (folder = new Folder()));
afterEach(() => folder.remove());

async function found(path: string, labs = oneLab) {
  const { kind, layout, submissions, problems } = await findSubmissions([folder.at(path)], labs);
  return { kind, layout, names: submissions.map(({ name }) => name), problems };
}

describe('what is a submission', () => {
  test('the folder of the results is none where it stands among them, and cannot be that of the submissions', async () => {
    folder.write(['alice.ts', 'results/class.html', 'results/students/alice.html']);
    const { submissions } = await findSubmissions([folder.path], oneLab, folder.at('results'));
    expect(submissions.map(({ name }) => name)).toEqual(['alice.ts']);
    expect((await found('')).names).toEqual(['alice.ts', 'results']);
    await expect(findSubmissions([folder.path], oneLab, folder.at('results/..'))).rejects.toThrow(
      /: results and submissions would be mixed up there\. Name another folder with --out\.$/,
    );
  });

  test('a file is one, whatever its name, and counts as the file of the lab', async () => {
    folder.write(['student-01.ts']);
    expect(await found('student-01.ts')).toEqual({ kind: 'one', layout: 'a single file', names: ['student-01.ts'], problems: [] });
    expect(await readAll(folder.at('student-01.ts'))).toEqual({ 'student-01.ts': { 'channel.ts': '// student-01.ts' } });
  });

  test('a file that was typed counts whatever the end of its name, too', async () => {
    folder.write(['student-01.txt']);
    expect(await readAll(folder.at('student-01.txt'))).toEqual({ 'student-01.txt': { 'channel.ts': '// student-01.txt' } });
  });

  test('a folder that holds the lab’s file is one, and nothing else in it is read', async () => {
    folder.write(['alice/channel.ts', 'alice/package.json', 'alice/checks.ts']);
    expect(await found('alice')).toEqual({ kind: 'one', layout: 'a folder of one submission', names: ['alice'], problems: [] });
    expect(await readAll(folder.at('alice'))).toEqual({ alice: { 'channel.ts': '// alice/channel.ts' } });
  });

  test('in any other folder each child is one, in the order of names; hidden ones and what programs made are none', async () => {
    folder.write(['carol/channel.ts', 'bob.ts', 'alice.ts', '.git/config', '.DS_Store', 'node_modules/x.ts', '__MACOSX/y.ts']);
    expect(await found('')).toEqual({
      kind: 'class',
      layout: 'a folder of submissions',
      names: ['alice.ts', 'bob.ts', 'carol'],
      problems: [],
    });
    expect(await readAll(folder.path)).toEqual({
      'alice.ts': { 'channel.ts': '// alice.ts' },
      'bob.ts': { 'channel.ts': '// bob.ts' },
      carol: { 'channel.ts': '// carol/channel.ts' },
    });
  });

  test('whose each is stands in its name', async () => {
    folder.write({ 'a.lovelace/channel.ts': '', 'b.ts': '', 'c.zip': await zipOf(['channel.ts']) });
    const { submissions } = await findSubmissions([folder.path], oneLab);
    expect(submissions.map(({ student }) => student)).toEqual([{ id: 'a.lovelace' }, { id: 'b' }, { id: 'c' }]);
  });

  test('the file may lie deeper, if only one does', async () => {
    folder.write(['alice/lab-1/src/channel.ts', 'bob/old/channel.ts', 'bob/new/channel.ts', 'carol/channel.ts', 'carol/old/channel.ts']);
    expect(await readAll(folder.path)).toEqual({
      alice: { 'channel.ts': '// alice/lab-1/src/channel.ts' },
      bob:
        'bob: it holds channel.ts in 2 places: bob/new/channel.ts and bob/old/channel.ts. ' +
        'Keep the one that is meant, or name the folder itself if it holds several students.',
      carol: { 'channel.ts': '// carol/channel.ts' },
    });
  });

  test('a report of the page beside a file is left out, with a word', async () => {
    folder.write(['class/alice.ts', 'class/logging-channel-report.json', 'class/report (1).json', 'bob/channel.ts', 'bob/report.json']);
    const { names, problems } = await found('class');
    expect(names).toEqual(['alice.ts']);
    expect(problems).toEqual([
      'logging-channel-report.json: a report, which is no submission, is left out.',
      'report (1).json: a report, which is no submission, is left out.',
    ]);
    expect((await found('bob')).problems).toEqual(['report.json: a report, which is no submission, is left out.']);
  });

  onPosix('the path itself may be a symbolic link: the instructor typed it', async () => {
    folder.write({ 'alice/channel.ts': 'a', 'work.zip': await zipOf(['channel.ts']) });
    symlinkSync(folder.at('alice'), folder.at('link'));
    symlinkSync(folder.at('alice/channel.ts'), folder.at('link.ts'));
    symlinkSync(folder.at('work.zip'), folder.at('link.zip'));
    expect(await readAll(folder.at('link'))).toEqual({ link: { 'channel.ts': 'a' } });
    expect(await readAll(folder.at('link.ts'))).toEqual({ 'link.ts': { 'channel.ts': 'a' } });
    expect(await readAll(folder.at('link.zip'))).toEqual({ 'link.zip': { 'channel.ts': '// channel.ts' } });
  });
});

describe('zips', () => {
  test('one of a submission, and one of a folder with it', async () => {
    folder.write({
      'a.zip': await zipOf(['channel.ts', 'notes.md']),
      'b.zip': await zipOf(['work/channel.ts', '__MACOSX/work/._channel.ts']),
    });
    expect(await found('a.zip')).toEqual({ kind: 'one', layout: 'a zip of one submission', names: ['a.zip'], problems: [] });
    expect(await readAll(folder.at('a.zip'))).toEqual({ 'a.zip': { 'channel.ts': '// channel.ts' } });
    expect(await readAll(folder.at('b.zip'))).toEqual({ 'b.zip': { 'channel.ts': '// work/channel.ts' } });
  });

  test('one of a class, with a file, a folder and a zip of students', async () => {
    const carol = await zipOf(['channel.ts']);
    folder.write({ 'class.zip': await zipOf({ 'hw/alice.ts': 'a', 'hw/bob/channel.ts': 'b', 'hw/carol.zip': carol }) });
    const { layout, kind } = await found('class.zip');
    expect({ layout, kind }).toEqual({ layout: 'a folder of submissions, zipped', kind: 'class' });
    expect(await readAll(folder.at('class.zip'))).toEqual({
      'alice.ts': { 'channel.ts': 'a' },
      bob: { 'channel.ts': 'b' },
      'carol.zip': { 'channel.ts': '// channel.ts' },
    });
  });

  test('one for each student, in which a lone file counts whatever its name', async () => {
    folder.write({ 'alice.zip': await zipOf(['my channel.ts', 'notes.md']), 'bob.zip': await zipOf(['a.ts', 'b.ts']) });
    expect(await readAll(folder.path)).toEqual({
      'alice.zip': { 'channel.ts': '// my channel.ts' },
      'bob.zip': 'bob.zip: it lacks channel.ts. It holds a.ts, b.ts: rename the one that is meant.',
    });
  });

  test('one in a student’s folder', async () => {
    folder.write({ 'alice/work.zip': await zipOf(['lab/channel.ts']), 'bob/channel.ts': 'b', 'bob/work.zip': 'no zip at all' });
    expect(await readAll(folder.path)).toEqual({ alice: { 'channel.ts': '// lab/channel.ts' }, bob: { 'channel.ts': 'b' } });
  });

  test('an empty one', async () => {
    folder.write({ 'class/alice.zip': await zipOf([]) });
    await expect(findSubmissions([folder.at('class/alice.zip')], oneLab)).rejects.toThrow(/the zip holds no submission/);
    expect(await readAll(folder.at('class'))).toEqual({ 'alice.zip': undefined });
  });
});

describe('several paths', () => {
  test('files and folders together are one class; names that come twice get their path', async () => {
    folder.write(['a/x.ts', 'b/x.ts', 'c/alice/channel.ts', 'd/channel.ts']);
    const paths = ['a/x.ts', 'b/x.ts', 'c', 'd'].map((path) => folder.at(path));
    const all = await findSubmissions([...paths, folder.at('d/')], oneLab);
    expect(all.kind).toBe('class');
    expect(all.layout).toBe('a folder of submissions and a folder of one submission and a single file');
    expect(await outcomes(all)).toEqual({
      [folder.at('a/x.ts')]: { 'channel.ts': '// a/x.ts' },
      [folder.at('b/x.ts')]: { 'channel.ts': '// b/x.ts' },
      alice: { 'channel.ts': '// c/alice/channel.ts' },
      d: { 'channel.ts': '// d/channel.ts' },
    });
  });
});

describe('several labs', () => {
  test('a student’s folder holds all of them; what is not there was not handed in', async () => {
    folder.write(['alice/channel.ts', 'alice/gate.ts', 'bob/lab-3/failover.ts', 'carol/notes.md']);
    expect(await readAll(folder.path, allLabs, gate)).toMatchObject({
      alice: { 'gate.ts': '// alice/gate.ts' },
      bob: undefined,
      carol: 'carol: it lacks gate.ts.',
    });
    expect(await readAll(folder.path, allLabs, failover)).toMatchObject({
      alice: undefined,
      bob: { 'failover.ts': '// bob/lab-3/failover.ts' },
    });
  });

  test('a name that nearly is the lab’s is no zero', async () => {
    folder.write(['alice/channel.ts', 'alice/gaet.ts', 'bob/channel.ts', 'bob/helpers.ts']);
    expect(await readAll(folder.path, allLabs, gate)).toEqual({
      alice: 'alice: it lacks gate.ts. It holds gaet.ts: rename the one that is meant.',
      bob: undefined,
    });
  });

  test('one folder of all labs is one submission', async () => {
    folder.write(['alice/channel.ts', 'alice/gate.ts']);
    expect(await found('alice', allLabs)).toMatchObject({ kind: 'one', names: ['alice'] });
    expect(await readAll(folder.at('alice'), allLabs, gate)).toEqual({ alice: { 'gate.ts': '// alice/gate.ts' } });
  });

  test('a single file is for the lab that it is named after', async () => {
    folder.write(['gate.ts', 'work.ts']);
    expect(await readAll(folder.at('gate.ts'), allLabs, gate)).toEqual({ 'gate.ts': { 'gate.ts': '// gate.ts' } });
    expect(await readAll(folder.at('gate.ts'), allLabs, failover)).toEqual({ 'gate.ts': undefined });
    expect(await readAll(folder.at('work.ts'), allLabs, gate)).toEqual({
      'work.ts': 'work.ts: its name does not say which lab it is for. Call it channel.ts, gate.ts or failover.ts, or name one lab.',
    });
  });

  test('files named one by one, and files that name a student and a lab', async () => {
    folder.write([
      'me/channel.ts',
      'me/gate.ts',
      'class/alice-channel.ts',
      'class/alice-gate.ts',
      'class/bob_gate (2).ts',
      'class/carol.ts',
    ]);
    const mine = await findSubmissions([folder.at('me/gate.ts'), folder.at('me/channel.ts')], allLabs);
    expect(mine.kind).toBe('one');
    expect(Object.values(await outcomes(mine, gate))).toEqual([{ 'gate.ts': '// me/gate.ts' }]);
    expect(await readAll(folder.at('class'), allLabs, gate)).toEqual({
      alice: { 'gate.ts': '// class/alice-gate.ts' },
      bob: { 'gate.ts': '// class/bob_gate (2).ts' },
      'carol.ts': expect.stringMatching(/does not say which lab/),
    });
  });
});

describe('what cannot be graded', () => {
  test('a path that leads nowhere, and a folder with nothing in it', async () => {
    await expect(findSubmissions([folder.at('nobody.ts')], oneLab)).rejects.toThrow(/no such file or folder\. Check the path/);
    folder.write(['empty/.hidden']);
    await expect(findSubmissions([folder.at('empty')], oneLab)).rejects.toThrow(/holds no submission\. Put channel\.ts in it/);
  });

  test('a child without the lab’s file, with the names that could be meant', async () => {
    folder.write(['alice/chanel.ts', 'bob/notes.md', 'carol/.keep']);
    expect(await readAll(folder.path)).toEqual({
      alice: 'alice: it lacks channel.ts. It holds chanel.ts: rename the one that is meant.',
      bob: 'bob: it lacks channel.ts.',
      carol: undefined,
    });
  });

  test('a child that is no TypeScript is not passed over in silence', async () => {
    folder.write(['alice.tar.gz', 'bob.ts']);
    expect(await readAll(folder.path)).toMatchObject({ 'alice.tar.gz': expect.stringMatching(/unpack it or rename it/), 'bob.ts': {} });
  });

  onPosix('symbolic links inside are not followed', async () => {
    folder.write(['secret.ts', 'class/zoe/channel.ts']);
    mkdirSync(folder.at('class/bob'));
    symlinkSync(folder.at('secret.ts'), folder.at('class/alice.ts'));
    symlinkSync(folder.at('secret.ts'), folder.at('class/bob/channel.ts'));
    symlinkSync(folder.at('class/zoe'), folder.at('class/carol'));
    symlinkSync(folder.path, folder.at('class/dave.zip'));
    expect(await readAll(folder.at('class'))).toEqual({
      'alice.ts': expect.stringMatching(/^alice\.ts: it is a symbolic link/),
      bob: expect.stringMatching(/^bob\/channel\.ts: it is a symbolic link/),
      carol: expect.stringMatching(/^carol: it is a symbolic link/),
      'dave.zip': expect.stringMatching(/^dave\.zip: it is a symbolic link/),
      zoe: { 'channel.ts': '// class/zoe/channel.ts' },
    });
  });

  onPosix('a folder, or a named pipe, in the place of the file', async () => {
    folder.write(['alice/channel.ts/x.ts']);
    expect(await readAll(folder.at('alice'))).toEqual({ alice: 'alice/channel.ts: it is a folder, and should be a TypeScript file.' });
    mkdirSync(folder.at('bob'));
    execFileSync('mkfifo', [folder.at('bob/channel.ts')]);
    expect(await readAll(folder.at('bob'))).toEqual({ bob: 'bob/channel.ts: it is no plain file, and should be a TypeScript file.' });
  });

  test('bytes that are no UTF-8, and UTF-16 by name; a byte order mark of UTF-8 is left out', async () => {
    folder.write({
      'alice.ts': Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff),
      'bob.ts': Uint8Array.of(0xff, 0xfe, 0x61, 0x00),
      'carol.ts': Uint8Array.of(0xef, 0xbb, 0xbf, 0x61),
    });
    expect(await readAll(folder.path)).toEqual({
      'alice.ts': expect.stringMatching(/not UTF-8 text/),
      'bob.ts': expect.stringMatching(/UTF-16/),
      'carol.ts': { 'channel.ts': 'a' },
    });
  });

  test('a file of many megabytes is not read', async () => {
    folder.write({ 'huge.ts': new Uint8Array(5_000_000).fill(0x20) });
    expect(await readAll(folder.at('huge.ts'))).toEqual({ 'huge.ts': expect.stringMatching(/5000000 bytes/) });
  });

  onPosix('names in messages cannot act on a terminal', async () => {
    folder.write(['class/\x1b[2J\n::error::.txt']);
    const [message] = Object.values(await readAll(folder.at('class')));
    expect(message).toMatch(/^\\x1b\[2J\\x0a::error::\.txt: it is no TypeScript/);
  });
});

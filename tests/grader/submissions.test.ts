/** What on a disk is a submission, what is read of it, and what is refused with a message that says what to do. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CannotGrade, findSubmissions } from '../../grader/submissions.ts';
import { lab } from '../../src/labs/logging-channel/lab.ts';

/** Windows lets only administrators make links, and has no named pipes. */
const onPosix = test.skipIf(process.platform === 'win32');

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-submissions-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes a file below the test's folder, with the folders above it. */
function write(path: string, content: string | Uint8Array = `// ${path}`): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}

/** Every submission at `path`: its files, or the message of the refusal. */
async function readAll(path = ''): Promise<Record<string, unknown>> {
  const { submissions } = await findSubmissions(join(folder, path), lab);
  const entries = submissions.map(async ({ name, read }) => {
    const content = await read().catch((error: unknown) => {
      expect(error).toBeInstanceOf(CannotGrade);
      return (error as Error).message;
    });
    return [name, content] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

describe('what is a submission', () => {
  test('a file is one, whatever its name, and counts as the first file of the lab', async () => {
    write('student-01.ts');
    expect((await findSubmissions(join(folder, 'student-01.ts'), lab)).kind).toBe('one');
    expect(await readAll('student-01.ts')).toEqual({ 'student-01.ts': { 'channel.ts': '// student-01.ts' } });
  });

  test('a folder that holds the lab’s files is one, and nothing else in it is read', async () => {
    write('alice/channel.ts');
    write('alice/package.json');
    write('alice/checks.ts');
    expect((await findSubmissions(join(folder, 'alice'), lab)).kind).toBe('one');
    expect(await readAll('alice')).toEqual({ alice: { 'channel.ts': '// alice/channel.ts' } });
  });

  test('in any other folder each child is one, in the order of names; hidden ones and node_modules are none', async () => {
    for (const path of [
      'class/carol/channel.ts',
      'class/bob.ts',
      'class/alice.ts',
      'class/.git/config',
      'class/.DS_Store',
      'class/node_modules/x.ts',
    ])
      write(path);
    const found = await findSubmissions(join(folder, 'class'), lab);
    expect(found.kind).toBe('class');
    expect(found.submissions.map(({ name }) => name)).toEqual(['alice.ts', 'bob.ts', 'carol']);
    expect(await readAll('class')).toEqual({
      'alice.ts': { 'channel.ts': '// class/alice.ts' },
      'bob.ts': { 'channel.ts': '// class/bob.ts' },
      carol: { 'channel.ts': '// class/carol/channel.ts' },
    });
  });

  onPosix('the path itself may be a symbolic link: the instructor typed it', async () => {
    write('alice/channel.ts');
    symlinkSync(join(folder, 'alice'), join(folder, 'link'));
    expect(await readAll('link')).toEqual({ link: { 'channel.ts': '// alice/channel.ts' } });
  });
});

describe('what cannot be graded', () => {
  test('a path that leads nowhere, and a folder with nothing in it', async () => {
    await expect(findSubmissions(join(folder, 'nobody.ts'), lab)).rejects.toThrow(/no such file or folder\. Check the path/);
    write('empty/.hidden');
    await expect(findSubmissions(join(folder, 'empty'), lab)).rejects.toThrow(/holds no submission\. Put channel\.ts in it/);
  });

  test('a child without the lab’s file, with the names that could be meant', async () => {
    write('class/alice/chanel.ts');
    write('class/bob/notes.md');
    expect(await readAll('class')).toEqual({
      alice: 'alice: it lacks channel.ts. It holds chanel.ts: rename the one that is meant.',
      bob: 'bob: it lacks channel.ts.',
    });
  });

  test('a child that is no TypeScript is not passed over in silence', async () => {
    write('class/alice.zip');
    write('class/bob.ts');
    expect(await readAll('class')).toMatchObject({ 'alice.zip': expect.stringMatching(/unpack it or rename it/), 'bob.ts': {} });
  });

  onPosix('symbolic links inside are not followed', async () => {
    write('secret.ts');
    write('class/zoe/channel.ts');
    mkdirSync(join(folder, 'class/bob'));
    symlinkSync(join(folder, 'secret.ts'), join(folder, 'class/alice.ts'));
    symlinkSync(join(folder, 'secret.ts'), join(folder, 'class/bob/channel.ts'));
    symlinkSync(join(folder, 'class/zoe'), join(folder, 'class/carol'));
    expect(await readAll('class')).toMatchObject({
      'alice.ts': expect.stringMatching(/symbolic link/),
      bob: expect.stringMatching(/symbolic link/),
      carol: expect.stringMatching(/symbolic link/),
      zoe: { 'channel.ts': '// class/zoe/channel.ts' },
    });
  });

  onPosix('a folder, or a named pipe, in the place of the file', async () => {
    write('alice/channel.ts/x.ts');
    expect(await readAll('alice')).toEqual({ alice: 'alice/channel.ts: it is a folder, and should be a TypeScript file.' });
    mkdirSync(join(folder, 'bob'));
    execFileSync('mkfifo', [join(folder, 'bob/channel.ts')]);
    expect(await readAll('bob')).toEqual({ bob: 'bob/channel.ts: it is no plain file, and should be a TypeScript file.' });
  });

  test('bytes that are no UTF-8, and UTF-16 by name; a byte order mark of UTF-8 is left out', async () => {
    write('class/alice.ts', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0xff));
    write('class/bob.ts', Uint8Array.of(0xff, 0xfe, 0x61, 0x00));
    write('class/carol.ts', Uint8Array.of(0xef, 0xbb, 0xbf, 0x61));
    expect(await readAll('class')).toEqual({
      'alice.ts': expect.stringMatching(/not UTF-8 text/),
      'bob.ts': expect.stringMatching(/UTF-16/),
      'carol.ts': { 'channel.ts': 'a' },
    });
  });

  test('a file of many megabytes is not read', async () => {
    write('huge.ts', new Uint8Array(5_000_000).fill(0x20));
    expect(await readAll('huge.ts')).toEqual({ 'huge.ts': expect.stringMatching(/5000000 bytes/) });
  });

  onPosix('names in messages cannot act on a terminal', async () => {
    write('class/\x1b[2J\n::error::.txt');
    const [message] = Object.values(await readAll('class'));
    expect(message).toMatch(/^\\x1b\[2J\\x0a::error::\.txt: it is no TypeScript/);
  });
});

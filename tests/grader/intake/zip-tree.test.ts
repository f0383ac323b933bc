/** Zips that their author made to do harm, and broken ones: what becomes of them, and that nothing becomes of anybody else. */
import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import yauzl from 'yauzl';
import { typedPath } from '../../../grader/intake/disk-tree.ts';
import { findSubmissions } from '../../../grader/intake/find-submissions.ts';
import { Budget, type Entry, type FileEntry, type FolderEntry } from '../../../grader/intake/tree.ts';
import { pathSegments } from '../../../grader/intake/zip-names.ts';
import { zipFolder } from '../../../grader/intake/zip-tree.ts';
import { Folder, outcomes, rawZip, readAll, zipOf, type RawEntry } from './fixtures.ts';

let folder: Folder;
beforeEach(() => void (folder = new Folder()));
afterEach(() => folder.remove());

/** A class of one zip, made of `entries`, and an honest one beside it: what comes of the first. */
async function outcomeOf(entries: RawEntry[]): Promise<unknown> {
  folder.write({ 'class/alice.zip': rawZip(entries), 'class/bob.zip': await zipOf(['channel.ts']) });
  const all = await readAll(folder.at('class'));
  expect(all['bob.zip']).toEqual({ 'channel.ts': '// channel.ts' });
  expect(readdirSync(folder.path)).toEqual(['class']);
  expect(readdirSync(folder.at('class'))).toEqual(['alice.zip', 'bob.zip']);
  return all['alice.zip'];
}

const good: RawEntry = { name: 'channel.ts', content: '// good' };

/** The entries of a zip with the name `work.zip`. */
async function open(zip: Uint8Array): Promise<FolderEntry> {
  folder.write({ 'work.zip': zip });
  return ((await typedPath(folder.at('work.zip'))) as FileEntry).openZip(new Budget());
}

describe('names', () => {
  test('an entry by an honest name is read (control)', async () => {
    expect(await outcomeOf([good])).toEqual({ 'channel.ts': '// good' });
  });

  test.each([
    '../channel.ts',
    'src/../../../evil.ts',
    '/etc/passwd',
    '\\\\server\\share\\x.ts',
    'C:\\evil.ts',
    '..\\evil.ts',
    'c:evil.ts',
    '',
    'a\0b.ts',
  ])('a path that leads out of the zip refuses the whole submission: %j', async (name) => {
    const outcome = await outcomeOf([good, { name }]);
    expect(outcome).toMatch(/^alice\.zip.*: its path leads out of the zip, which no honest program writes\. Ask the student about it\.$/);
    expect(outcome).not.toMatch(/\p{Cc}/u);
  });

  test('in a class’s zip it refuses whose folder it would have left, and nobody else', async () => {
    const zip = rawZip([
      { name: 'alice/../../x.ts' },
      { name: 'alice/channel.ts', content: 'a' },
      { name: 'bob/channel.ts', content: 'b' },
    ]);
    folder.write({ 'class.zip': zip });
    expect(await readAll(folder.at('class.zip'))).toEqual({
      alice: expect.stringMatching(/leads out of the zip/),
      bob: { 'channel.ts': 'b' },
    });
  });

  test('at the top of a class’s zip it is refused by itself', async () => {
    folder.write({ 'class.zip': rawZip([{ name: '../evil.ts' }, { name: 'bob/channel.ts', content: 'b' }, { name: 'al/channel.ts' }]) });
    expect(await readAll(folder.at('class.zip'))).toEqual({
      '../evil.ts': expect.stringMatching(/leads out of the zip/),
      al: { 'channel.ts': '' },
      bob: { 'channel.ts': 'b' },
    });
  });

  test('in a download of Moodle’s, too', async () => {
    const jane = 'Jane Doe_1_assignsubmission_file_';
    const zip = rawZip([
      { name: `${jane}/../../x.ts` },
      { name: `${jane}/channel.ts` },
      { name: 'Bo_2_assignsubmission_file_/channel.ts' },
    ]);
    folder.write({ 'class.zip': zip });
    expect(await readAll(folder.at('class.zip'))).toEqual({ Bo_2: { 'channel.ts': '' }, 'Jane Doe_1': expect.stringMatching(/leads out/) });
  });

  test('backslashes part folders as slashes do', async () => {
    expect(await outcomeOf([{ name: 'src\\channel.ts', content: '// good' }])).toEqual({ 'channel.ts': '// good' });
  });

  test('a name that stands twice is nobody’s, and so is one that is a file and a folder', async () => {
    expect(await outcomeOf([good, good])).toMatch(/channel\.ts: it stands in the zip twice/);
    expect(await outcomeOf([good, { name: 'channel.ts/x.ts' }])).toMatch(/channel\.ts: it stands in the zip as a file and as a folder/);
    expect(await outcomeOf([{ name: 'channel.ts/x.ts' }, good])).toMatch(/channel\.ts: it stands in the zip twice/);
  });

  test('newlines and control characters cannot act on a terminal', async () => {
    const name = '\x1b[2J\n::error::x';
    const outcome = await outcomeOf([{ name: `${name}/a/channel.ts` }, { name: `${name}/b/channel.ts` }]);
    expect(outcome).toMatch(/^alice\.zip: it holds channel\.ts in 2 places: alice\.zip\/\\x1b\[2J\\x0a::error::x\/a\/channel\.ts and /);
  });

  test('names that say they are UTF-8 and are not, and names of an old code page, hurt no other', async () => {
    expect(await outcomeOf([good, { name: Uint8Array.of(0xff, 0xfe, 0x2e, 0x74, 0x73) }])).toEqual({ 'channel.ts': '// good' });
    const entries = await (
      await open(
        rawZip([
          { name: Uint8Array.of(0x81), flags: 0 },
          { name: 'é', flags: 0 },
        ]),
      )
    ).list();
    expect(entries.map(({ name }) => name)).toEqual(['é', 'ü']);
  });

  test('no path makes segments that lead anywhere but down', () => {
    const piece = fc.oneof(fc.constantFrom('..', '.', '', '/', '\\', 'C:', 'a', '\0', '...', '.. '), fc.string());
    const path = fc.array(piece, { maxLength: 8 }).chain((pieces) => fc.constantFrom('/', '\\', '').map((slash) => pieces.join(slash)));
    fc.assert(
      fc.property(path, (name) => {
        const segments = pathSegments(name);
        for (const segment of segments ?? []) {
          expect(['', '.', '..']).not.toContain(segment);
          expect(segment).not.toMatch(/[/\\\0]/);
        }
        if (segments) expect(name).not.toMatch(/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i);
      }),
      { numRuns: 2000 },
    );
  });

  test('any names at all give an outcome for each submission, and the honest one its file', async () => {
    const names = fc.array(fc.oneof(fc.uint8Array({ maxLength: 12 }), fc.string({ unit: 'grapheme', maxLength: 12 })), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(names, async (chosen) => {
        expect(['object', 'string', 'undefined']).toContain(typeof (await outcomeOf(chosen.map((name) => ({ name })))));
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is no plain file', () => {
  test('symbolic links and devices', async () => {
    expect(await outcomeOf([{ name: 'channel.ts', content: '/etc/passwd', mode: 0o120777 }])).toMatch(
      /symbolic link, which is not followed/,
    );
    expect(await outcomeOf([{ name: 'channel.ts', mode: 0o020666 }])).toMatch(/it is no plain file/);
  });

  test('encrypted ones, and ways of packing that are not read', async () => {
    expect(await outcomeOf([{ ...good, flags: 0x801 }])).toMatch(/alice\.zip\/channel\.ts: it is encrypted/);
    expect(await outcomeOf([{ ...good, method: 12 }])).toMatch(/\(method 12\)/);
  });
});

describe('broken ones', () => {
  test('what is no zip, and one cut short', async () => {
    folder.write({ 'class/alice.zip': 'no zip', 'class/bob.zip': (await zipOf(['channel.ts'])).subarray(0, 60), 'class/carol.ts': 'c' });
    expect(await readAll(folder.at('class'))).toEqual({
      'alice.zip': expect.stringMatching(
        /^alice\.zip: it is no zip file, or a broken one \(.*\)\. Ask for it again, or unpack it by hand\.$/,
      ),
      'bob.zip': expect.stringMatching(/^bob\.zip: it is no zip file, or a broken one/),
      'carol.ts': { 'channel.ts': 'c' },
    });
    await expect(findSubmissions([folder.at('class/alice.zip')], [])).rejects.toThrow(/no zip file/);
  });

  test('bytes that are not those that went in', async () => {
    expect(await outcomeOf([{ ...good, crc: 1 }])).toMatch(/channel\.ts: it is damaged/);
    expect(await outcomeOf([{ ...good, size: 3 }])).toMatch(/channel\.ts: it is damaged/);
  });

  test('any byte changed gives an outcome: the file, or a message', async () => {
    const zip = rawZip([good]);
    const change = fc.record({ at: fc.nat({ max: zip.length - 1 }), to: fc.nat({ max: 255 }) });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        const changed = Buffer.from(zip);
        changed[at] = to;
        folder.write({ 'class/alice.zip': changed });
        const { 'alice.zip': outcome } = await readAll(folder.at('class'));
        if (typeof outcome === 'object') expect(outcome).toEqual({ 'channel.ts': '// good' });
      }),
      { numRuns: 200 },
    );
  });
});

describe('zip bombs', () => {
  const bomb = new Uint8Array(50_000_000);
  const bytesMax = 1_000_000;

  async function readCounted(zip: Uint8Array, budget: Budget): Promise<string> {
    const [entry] = (await (await open(zip)).list()) as [Entry & FileEntry];
    return entry.read(bytesMax, budget).then(String, (error: Error) => error.message);
  }

  test('one that says its size is not inflated at all', async () => {
    const budget = new Budget();
    expect(await readCounted(rawZip([{ name: 'channel.ts', content: bomb }]), budget)).toMatch(/50000000 bytes/);
    expect(budget.bytes).toBe(0);
  });

  test('one that lies about its size is stopped at the first piece too many', async () => {
    const budget = new Budget();
    expect(await readCounted(rawZip([{ name: 'channel.ts', content: bomb, size: 10 }]), budget)).toMatch(/more than 1000000 bytes/);
    expect(budget.bytes).toBeLessThan(bytesMax + 100_000);
  });

  test('many that are each allowed are stopped together', async () => {
    const zip = rawZip(Array.from({ length: 9 }, (_, index) => ({ name: `${index}.ts`, content: bomb.subarray(0, bytesMax) })));
    const budget = new Budget(3_500_000);
    const entries = (await (await open(zip)).list()) as FileEntry[];
    const messages = [];
    for (const entry of entries)
      messages.push(
        await entry.read(bytesMax, budget).then(
          ({ length }) => length,
          (error: Error) => error.message,
        ),
      );
    expect(messages.slice(0, 3)).toEqual([bytesMax, bytesMax, bytesMax]);
    expect(messages[3]).toMatch(/hold more than 3500000 bytes/);
  });

  test('a zip in a zip is opened once, and no deeper', async () => {
    const inner = await zipOf(['channel.ts']);
    const middle = await zipOf({ 'inner.zip': inner });
    folder.write({ 'class/alice.zip': middle, 'class/bob.zip': await zipOf({ 'middle.zip': middle }) });
    expect(await readAll(folder.at('class'))).toEqual({
      'alice.zip': { 'channel.ts': '// channel.ts' },
      'bob.zip': expect.stringMatching(/bob\.zip\/middle\.zip\/inner\.zip: it is a zip in a zip in a zip, which is not opened/),
    });
  });

  test('more entries than any class has are not listed', async () => {
    const many = rawZip(Array.from({ length: 50_001 }, (_, index) => ({ name: String(index) })));
    const inMemory = () => yauzl.fromBufferPromise(many, { decodeStrings: false });
    const listing = zipFolder(inMemory, { name: 'many.zip', shown: 'many.zip', zipsInside: true });
    await expect(listing).rejects.toThrow('many.zip: it holds more than 50000 files. Unpack it by hand.');
  });

  test('more folders than any class has are not kept, though few files name them all', async () => {
    const nested = (files: number) =>
      zipFolder(
        () =>
          yauzl.fromBufferPromise(rawZip(Array.from({ length: files }, (_, index) => ({ name: `${index}/${'a/'.repeat(49)}f` }))), {
            decodeStrings: false,
          }),
        { name: 'deep.zip', shown: 'deep.zip', zipsInside: true },
      );
    await expect(nested(1001)).rejects.toThrow('deep.zip: it holds more than 50000 folders. Unpack it by hand.');
    expect(await (await nested(1000)).list()).toHaveLength(1000);
  });
});

describe('what is never read', () => {
  test('entries that nobody asks for: a bomb beside the file costs nothing', async () => {
    folder.write({ 'class/alice.zip': rawZip([good, { name: 'bomb.ts', content: new Uint8Array(90_000_000), size: 5 }]) });
    expect(await outcomes(await findSubmissions([folder.at('class')], []))).toEqual({ 'alice.zip': { 'channel.ts': '// good' } });
  });
});

/** Files that cannot be what they are given for are refused with a word on why, before they are read. */
import { expect, test } from 'vitest';
import { readDiskFile, readImageFile, type ReadableFile } from '../../../src/machine-room/files.ts';

const MIB = 2 ** 20;

/** A file of that size, which has a few bytes when it is read. */
function file(size: number, read: () => Promise<ArrayBuffer> = async () => Uint8Array.of(1, 2, 3).buffer): ReadableFile {
  return { name: 'thing', size, arrayBuffer: read };
}

const unread = (): Promise<ArrayBuffer> => {
  throw new Error('it was read all the same');
};

test('what has a possible size is read', async () => {
  expect(await readImageFile(file(3))).toEqual(Uint8Array.of(1, 2, 3));
  expect(await readDiskFile(file(3))).toEqual(Uint8Array.of(1, 2, 3));
});

test('what is too large is not read', async () => {
  await expect(readImageFile(file(300 * MIB, unread))).rejects.toThrow("thing has 300 MiB, and the machine's memory at most 64 MiB");
  await expect(readDiskFile(file(65 * MIB, unread))).rejects.toThrow('thing has 65 MiB, and a disk here at most 64 MiB');
});

test('an empty disk is none', async () => {
  await expect(readDiskFile(file(0, unread))).rejects.toThrow('a disk has at least one sector');
});

test("what cannot be read is named with the browser's reason", async () => {
  const fails = async (): Promise<ArrayBuffer> => Promise.reject(new Error('not found'));
  await expect(readImageFile(file(3, fails))).rejects.toThrow('thing cannot be read (not found)');
});

/**
 * Files that the reader gives and gets: images and disks, read into memory if they can be what they are given for. Nothing leaves the reader's
 * computer.
 */
import { RAM_SIZES } from './boot-options.ts';
import { sizeText } from './numbers.ts';

/** With debug information an ELF file can be several times as large as what it loads. */
const IMAGE_BYTES_MAX = 4 * RAM_SIZES.at(-1)!;

/** The disk is kept in memory, and its writes are too, for the way back. */
const DISK_BYTES_MAX = 64 * 2 ** 20;

/** What the reading needs of a `File`. */
export type ReadableFile = Pick<File, 'name' | 'size' | 'arrayBuffer'>;

/**
 * The bytes of an image.
 * @throws Error for a file that is too large or cannot be read, in words for the reader
 */
export async function readImageFile(file: ReadableFile): Promise<Uint8Array> {
  if (file.size > IMAGE_BYTES_MAX) {
    const most = sizeText(RAM_SIZES.at(-1)!);
    throw new Error(`${file.name} has ${sizeText(file.size)}, and the machine's memory at most ${most}: this is no image for it.`);
  }
  return readBytes(file);
}

/**
 * What is to be on the disk.
 * @throws Error for a file that is empty, too large, or cannot be read, in words for the reader
 */
export async function readDiskFile(file: ReadableFile): Promise<Uint8Array> {
  if (file.size === 0) throw new Error(`${file.name} is empty: a disk has at least one sector.`);
  if (file.size > DISK_BYTES_MAX) {
    throw new Error(`${file.name} has ${sizeText(file.size)}, and a disk here at most ${sizeText(DISK_BYTES_MAX)}: take a smaller one.`);
  }
  return readBytes(file);
}

async function readBytes(file: ReadableFile): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new Error(`${file.name} cannot be read (${error instanceof Error ? error.message : String(error)}). Is it a folder?`);
  }
}

/** Hands bytes to the browser as a file to save. */
export function downloadBytes(name: string, bytes: Uint8Array): void {
  const address = URL.createObjectURL(new Blob([bytes.slice()], { type: 'application/octet-stream' }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  URL.revokeObjectURL(address);
}

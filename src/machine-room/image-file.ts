/** A file that the reader drops or chooses, read into memory if there is any chance that it is an image. */
import { RAM_SIZES } from './boot-options.ts';
import { sizeText } from './numbers.ts';

/** With debug information an ELF file can be several times as large as what it loads. */
const FILE_BYTES_MAX = 4 * RAM_SIZES.at(-1)!;

/**
 * The file's bytes.
 * @throws Error for a file that is too large or cannot be read, in words for the reader
 */
export async function readImageFile(file: File): Promise<Uint8Array> {
  if (file.size > FILE_BYTES_MAX) {
    const most = sizeText(RAM_SIZES.at(-1)!);
    throw new Error(`${file.name} has ${sizeText(file.size)}, and the machine's memory at most ${most}: this is no image for it.`);
  }
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new Error(`${file.name} cannot be read (${error instanceof Error ? error.message : String(error)}). Is it a folder?`);
  }
}

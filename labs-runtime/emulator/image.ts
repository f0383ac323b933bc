/**
 * Loads a program image into RAM: an ELF executable for 32-bit RISC-V, or anything else as flat bytes from the start of RAM.
 * ELF specification, chapters on the ELF header and program loading; RISC-V ELF psABI for the machine number.
 */
import { RAM_START } from './ram.ts';

/** An image that cannot be loaded; the message says what is wrong with it and what to do. */
export class ImageError extends Error {
  override name = 'ImageError';
}

/** Part of an image with its place in RAM, which may be longer than its bytes: the rest is zero. */
export interface Segment {
  offset: number;
  bytes: Uint8Array;
}

export interface Program {
  segments: Segment[];
  /** Address of the first instruction, unsigned. */
  entry: number;
  /** Registers of every hart at boot that are not zero: x-number and value. */
  registers?: readonly (readonly [number: number, value: number])[];
}

const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const ELF_HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
const CLASS_32 = 1;
const LITTLE_ENDIAN = 1;
const TYPE_EXECUTABLE = 2;
const MACHINE_RISCV = 243;
const SEGMENT_LOAD = 1;
const SECTION_HEADER_BYTES = 40;
const SECTION_SYMBOLS = 2;
const SYMBOL_BYTES = 16;

/** Reads an image for a machine with `ramBytes` of RAM. Throws an ImageError if it does not fit or is not for this machine. */
export function readImage(image: Uint8Array, ramBytes: number): Program {
  if (ELF_MAGIC.every((byte, index) => image[index] === byte)) return readElf(image, ramBytes);
  if (image.length === 0) throw new ImageError('The image is empty: give an ELF file, or flat code for the start of RAM.');
  if (image.length > ramBytes) {
    throw new ImageError(`The flat image has ${image.length} bytes, RAM only ${ramBytes}: make the image smaller or ramBytes larger.`);
  }
  return { segments: [{ offset: 0, bytes: image.slice() }], entry: RAM_START };
}

/** Returns a program made elsewhere if it fits a machine with `ramBytes` of RAM. Throws an ImageError if it does not. */
export function checkProgram(program: Program, ramBytes: number): Program {
  program.segments.forEach(({ offset, bytes }, index) => {
    if (!Number.isInteger(offset) || offset < 0 || offset + bytes.length > ramBytes) {
      throw new ImageError(
        `Segment ${index} of the program has ${bytes.length} bytes at offset ${offset}, RAM has ${ramBytes}: move it or make ramBytes larger.`,
      );
    }
  });
  checkEntry(program.entry, ramBytes);
  for (const [number] of program.registers ?? []) {
    if (!Number.isInteger(number) || number < 1 || number > 31) {
      throw new ImageError(`The program sets x${number} at boot: only x1 to x31 can be set.`);
    }
  }
  return program;
}

function readElf(image: Uint8Array, ramBytes: number): Program {
  if (image.length < ELF_HEADER_BYTES) {
    throw new ImageError(`The ELF file is truncated: it ends at byte ${image.length}, inside its header of ${ELF_HEADER_BYTES}.`);
  }
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  checkKind(view);
  const entry = view.getUint32(24, true);
  const tableOffset = view.getUint32(28, true);
  const entryBytes = view.getUint16(42, true);
  const entryCount = view.getUint16(44, true);
  if (entryCount > 0 && entryBytes < PROGRAM_HEADER_BYTES) {
    throw new ImageError(`The ELF file's program headers have ${entryBytes} bytes each, not ${PROGRAM_HEADER_BYTES}: it is damaged.`);
  }
  if (tableOffset + entryCount * entryBytes > image.length) {
    throw new ImageError(`The ELF file is truncated: it ends at byte ${image.length}, before the end of its program headers.`);
  }
  const segments: Segment[] = [];
  for (let index = 0; index < entryCount; index++) {
    const segment = readSegment(image, view, tableOffset + index * entryBytes, index, ramBytes);
    if (segment !== undefined) segments.push(segment);
  }
  if (segments.length === 0) throw new ImageError('The ELF file has nothing to load: link an executable with a loadable segment.');
  checkEntry(entry, ramBytes);
  return { segments, entry };
}

function checkKind(view: DataView): void {
  if (view.getUint8(4) !== CLASS_32) {
    throw new ImageError(`The ELF file is not 32-bit (class ${view.getUint8(4)}, wanted ${CLASS_32}): compile for riscv32, not riscv64.`);
  }
  if (view.getUint8(5) !== LITTLE_ENDIAN) throw new ImageError('The ELF file is not little-endian: compile for riscv32.');
  const machine = view.getUint16(18, true);
  if (machine !== MACHINE_RISCV) {
    throw new ImageError(
      `The ELF file is for machine ${machine}, not RISC-V (${MACHINE_RISCV}): compile with --target=riscv32-unknown-elf.`,
    );
  }
  const type = view.getUint16(16, true);
  if (type !== TYPE_EXECUTABLE) {
    throw new ImageError(
      `The ELF file is not an executable (type ${type}, wanted ${TYPE_EXECUTABLE}): link it statically at a fixed address.`,
    );
  }
}

function readSegment(image: Uint8Array, view: DataView, header: number, index: number, ramBytes: number): Segment | undefined {
  const type = view.getUint32(header, true);
  const fileOffset = view.getUint32(header + 4, true);
  const address = view.getUint32(header + 12, true); // the physical address: there is no translation here
  const fileBytes = view.getUint32(header + 16, true);
  const memoryBytes = view.getUint32(header + 20, true);
  if (type !== SEGMENT_LOAD || memoryBytes === 0) return undefined;
  if (fileBytes > memoryBytes) {
    throw new ImageError(`Segment ${index} of the ELF file has more bytes in the file (${fileBytes}) than in memory (${memoryBytes}).`);
  }
  if (fileOffset + fileBytes > image.length) {
    throw new ImageError(
      `The ELF file is truncated: it ends at byte ${image.length}, but segment ${index} needs ${fileBytes} bytes from ${fileOffset}.`,
    );
  }
  if (memoryBytes > ramBytes) {
    throw new ImageError(`Segment ${index} of the ELF file needs ${memoryBytes} bytes, RAM has ${ramBytes}: make ramBytes larger.`);
  }
  const offset = address - RAM_START;
  if (offset < 0 || offset + memoryBytes > ramBytes) {
    throw new ImageError(
      `Segment ${index} of the ELF file lies at ${range(address, memoryBytes)}, outside RAM at ${range(RAM_START, ramBytes)}: ` +
        'change the linker script or ramBytes.',
    );
  }
  return { offset, bytes: image.slice(fileOffset, fileOffset + fileBytes) };
}

function checkEntry(entry: number, ramBytes: number): void {
  const offset = entry - RAM_START;
  if (!Number.isInteger(offset) || offset < 0 || offset + 4 > ramBytes || entry % 4 !== 0) {
    throw new ImageError(
      `The entry point ${hexadecimal(entry)} is not a multiple of 4 inside RAM at ${range(RAM_START, ramBytes)}: ` +
        'give the linker the right entry symbol.',
    );
  }
}

/**
 * The value of the symbol with that name in an ELF image's symbol table: its address, unsigned. Undefined where the image is not ELF, has no
 * table or no such symbol, or where the table is damaged: a symbol is a convenience, and no reason to refuse an image.
 */
export function findSymbol(image: Uint8Array, name: string): number | undefined {
  if (!ELF_MAGIC.every((byte, index) => image[index] === byte) || image.length < ELF_HEADER_BYTES) return undefined;
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const sections = readSections(view);
  for (const section of sections) {
    if (section.type !== SECTION_SYMBOLS) continue;
    const names = sections[section.link];
    const symbols = section.offset + section.sizeBytes <= image.length ? Math.floor(section.sizeBytes / SYMBOL_BYTES) : 0;
    for (let index = 0; index < symbols; index++) {
      const symbol = section.offset + index * SYMBOL_BYTES;
      if (names !== undefined && isNameAt(image, names.offset + view.getUint32(symbol, true), name))
        return view.getUint32(symbol + 4, true);
    }
  }
  return undefined;
}

interface Section {
  type: number;
  offset: number;
  sizeBytes: number;
  /** For a table of symbols, the index of the section with their names. */
  link: number;
}

function readSections(view: DataView): Section[] {
  const tableOffset = view.getUint32(32, true);
  const entryBytes = view.getUint16(46, true);
  const entryCount = view.getUint16(48, true);
  if (entryBytes < SECTION_HEADER_BYTES || tableOffset + entryBytes * entryCount > view.byteLength) return [];
  return Array.from({ length: entryCount }, (_, index) => {
    const header = tableOffset + index * entryBytes;
    const [type, offset, sizeBytes, link] = [4, 16, 20, 24].map((field) => view.getUint32(header + field, true));
    return { type: type!, offset: offset!, sizeBytes: sizeBytes!, link: link! };
  });
}

/** Whether `name`, in ASCII and with its terminating zero, stands at that offset. */
function isNameAt(image: Uint8Array, offset: number, name: string): boolean {
  for (let index = 0; index < name.length; index++) if (image[offset + index] !== name.charCodeAt(index)) return false;
  return image[offset + name.length] === 0;
}

function range(start: number, length: number): string {
  return `${hexadecimal(start)} to ${hexadecimal(start + length - 1)}`;
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}

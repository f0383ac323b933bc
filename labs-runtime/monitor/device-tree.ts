/**
 * Writes a flattened device tree: the binary description of a machine that a kernel gets at boot. It stands beside walk one, for kernels only:
 * the guests of the course know their machine by heart.
 * Devicetree Specification v0.4, chapter 2 (nodes and properties) and chapter 5 (the flattened format, version 17).
 */

/** `true` is a property without a value, numbers are 32-bit cells, several strings a list. */
export type PropertyValue = true | number | readonly number[] | string | readonly string[];

export interface DeviceTreeNode {
  /** With the unit address, e.g. `uart@10000000`; the root's name is empty. */
  name: string;
  properties: Readonly<Record<string, PropertyValue>>;
  children?: readonly DeviceTreeNode[];
}

const MAGIC = 0xd00dfeed;
const VERSION = 17;
/** The oldest version whose readers understand this one. */
const COMPATIBLE_VERSION = 16;
const HEADER_BYTES = 40;
/** One pair of 64-bit zeros: the end of the list of reserved memory, which is empty. */
const RESERVATION_BYTES = 16;

/** Tokens of the structure block. */
const BEGIN_NODE = 1;
const END_NODE = 2;
const PROPERTY = 3;
const END = 9;

/** The tree as bytes, to be placed at a multiple of 8. Throws a RangeError for text that is not ASCII and cells beyond 32 bits. */
export function encodeDeviceTree(root: DeviceTreeNode): Uint8Array {
  const names = new StringBlock();
  const structure: number[] = [];
  writeNode(structure, names, root);
  writeCell(structure, END);
  const structureOffset = HEADER_BYTES + RESERVATION_BYTES;
  const namesOffset = structureOffset + structure.length;
  const header: number[] = [];
  for (const field of [
    MAGIC,
    namesOffset + names.bytes.length,
    structureOffset,
    namesOffset,
    HEADER_BYTES,
    VERSION,
    COMPATIBLE_VERSION,
    0, // the hart that boots
    names.bytes.length,
    structure.length,
  ]) {
    writeCell(header, field);
  }
  return Uint8Array.from([...header, ...new Array<number>(RESERVATION_BYTES).fill(0), ...structure, ...names.bytes]);
}

/** Names of properties, each once: properties refer to them by offset. */
class StringBlock {
  readonly bytes: number[] = [];
  readonly #offsets = new Map<string, number>();

  offsetOf(name: string): number {
    const known = this.#offsets.get(name);
    if (known !== undefined) return known;
    const offset = this.bytes.length;
    this.bytes.push(...terminated(name));
    this.#offsets.set(name, offset);
    return offset;
  }
}

function writeNode(structure: number[], names: StringBlock, node: DeviceTreeNode): void {
  writeCell(structure, BEGIN_NODE);
  writePadded(structure, terminated(node.name));
  for (const [name, value] of Object.entries(node.properties)) {
    const bytes = valueBytes(value);
    writeCell(structure, PROPERTY);
    writeCell(structure, bytes.length);
    writeCell(structure, names.offsetOf(name));
    writePadded(structure, bytes);
  }
  for (const child of node.children ?? []) writeNode(structure, names, child);
  writeCell(structure, END_NODE);
}

function valueBytes(value: PropertyValue): number[] {
  if (value === true) return [];
  const bytes: number[] = [];
  for (const item of typeof value === 'object' ? value : [value]) {
    if (typeof item === 'string') bytes.push(...terminated(item));
    else writeCell(bytes, item);
  }
  return bytes;
}

/** 32 bits, big-endian as everything in a tree. */
function writeCell(bytes: number[], value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`A cell of a device tree has 32 bits, this is ${value}.`);
  bytes.push(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

/** The next token begins at a multiple of 4. */
function writePadded(bytes: number[], content: readonly number[]): void {
  bytes.push(...content);
  while (bytes.length % 4 !== 0) bytes.push(0);
}

function terminated(text: string): number[] {
  if (/[^\x20-\x7e]/.test(text)) throw new RangeError(`Text in a device tree is printable ASCII, this is ${JSON.stringify(text)}.`);
  return [...Array.from(text, (character) => character.charCodeAt(0)), 0];
}

/** Finds one commit in a pack of Git's: `gitformat-pack` (https://git-scm.com/docs/gitformat-pack), index version 2. */
import { inflateSync } from 'node:zlib';

export interface Pack {
  /** The file `.idx`. */
  index: Buffer;
  /** The file `.pack`. */
  data: Buffer;
}

const OBJECT_BYTES_MAX = 1024 * 1024;
const DELTAS_MAX = 60;
const COMMIT = 1;
const OFFSET_DELTA = 6;
const REFERENCE_DELTA = 7;

/** The text of the commit of this id; undefined where the pack does not hold it. Throws where the pack is broken. */
export function commitInPack(pack: Pack, id: string): string | undefined {
  const offset = offsetOf(pack.index, Buffer.from(id, 'hex'));
  if (offset === undefined) return undefined;
  const { type, content } = objectAt(pack, offset, DELTAS_MAX);
  return type === COMMIT ? content.toString('utf8') : undefined;
}

/** The index is a table of counts by first byte, then sorted ids, then checksums, then offsets. */
function offsetOf(index: Buffer, id: Buffer): number | undefined {
  if (index.readUInt32BE(0) !== 0xff744f63 || index.readUInt32BE(4) !== 2) return undefined;
  const countUpTo = (byte: number) => (byte < 0 ? 0 : index.readUInt32BE(8 + 4 * byte));
  const total = countUpTo(255);
  const ids = 8 + 4 * 256;
  for (let position = countUpTo(id[0]! - 1); position < countUpTo(id[0]!); position++) {
    const start = ids + 20 * position;
    if (!index.subarray(start, start + 20).equals(id)) continue;
    const offset = index.readUInt32BE(ids + 24 * total + 4 * position);
    // The highest bit says that the offset has 64 bits, in packs larger than are read here.
    return offset < 0x80000000 ? offset : undefined;
  }
  return undefined;
}

interface PackedObject {
  type: number;
  content: Buffer;
}

/** `deltasMax`: so many objects may lie between this one and one that stands for itself. */
function objectAt(pack: Pack, offset: number, deltasMax: number): PackedObject {
  if (deltasMax === 0) throw new Error('the deltas of this pack have no end');
  const { data } = pack;
  let position = offset;
  const type = (data.readUInt8(position) >> 4) & 7;
  while (data.readUInt8(position++) & 0x80);
  if (type === OFFSET_DELTA) {
    let byte = data.readUInt8(position++);
    let back = byte & 0x7f;
    while (byte & 0x80) {
      byte = data.readUInt8(position++);
      back = (back + 1) * 128 + (byte & 0x7f);
    }
    if (back === 0) throw new Error('a delta of this pack builds on itself');
    return rebuilt(objectAt(pack, offset - back, deltasMax - 1), inflated(data, position));
  }
  if (type === REFERENCE_DELTA) {
    const base = offsetOf(pack.index, data.subarray(position, position + 20));
    if (base === undefined) throw new Error('a delta builds on an object of another pack');
    return rebuilt(objectAt(pack, base, deltasMax - 1), inflated(data, position + 20));
  }
  return { type, content: inflated(data, position) };
}

function inflated(data: Buffer, position: number): Buffer {
  return inflateSync(data.subarray(position), { maxOutputLength: OBJECT_BYTES_MAX });
}

/** A delta is two sizes, then pieces: copied from the base (highest bit set; which bytes of offset and size follow), or given. */
function rebuilt(base: PackedObject, delta: Buffer): PackedObject {
  let position = 0;
  for (let size = 0; size < 2; size++) while (delta.readUInt8(position++) & 0x80);
  const pieces: Buffer[] = [];
  while (position < delta.length) {
    const instruction = delta.readUInt8(position++);
    if (instruction & 0x80) {
      const numbers = [0, 0];
      for (let bit = 0; bit < 7; bit++) {
        if (instruction & (1 << bit)) numbers[bit < 4 ? 0 : 1]! += delta.readUInt8(position++) * 256 ** (bit < 4 ? bit : bit - 4);
      }
      const [start, length] = numbers as [number, number];
      pieces.push(base.content.subarray(start, start + (length || 0x10000)));
    } else {
      pieces.push(delta.subarray(position, position + instruction));
      position += instruction;
    }
    if (pieces.reduce((sum, piece) => sum + piece.length, 0) > OBJECT_BYTES_MAX) throw new Error('too large an object');
  }
  return { type: base.type, content: Buffer.concat(pieces) };
}

/**
 * CRC-32 as Ethernet and zip use it (reflected polynomial 0xedb88320): tells a frame that arrived whole from one that was cut.
 * Used by the logging channel's frames. Four bytes are taken at a time, since every byte of the log goes through here, at both ends.
 */

/** What is left of a byte after its own division, and in the further tables with one to three zero bytes after it. */
const [table, table1, table2, table3] = createTables();

function createTables(): [Uint32Array, Uint32Array, Uint32Array, Uint32Array] {
  const first = Uint32Array.from({ length: 256 }, (_, index) => {
    let remainder = index;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    return remainder;
  });
  const withZero = (before: Uint32Array) => before.map((remainder) => (remainder >>> 8) ^ first[remainder & 0xff]!);
  const second = withZero(first);
  const third = withZero(second);
  return [first, second, third, withZero(third)];
}

/** CRC-32 of `bytes`, from the index `start` up to but not with `end`, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let remainder = 0xffffffff;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    remainder ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    remainder =
      table3[remainder & 0xff]! ^ table2[(remainder >>> 8) & 0xff]! ^ table1[(remainder >>> 16) & 0xff]! ^ table[remainder >>> 24]!;
  }
  for (; at < end; at++) remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[at]!) & 0xff]!;
  return (remainder ^ 0xffffffff) >>> 0;
}

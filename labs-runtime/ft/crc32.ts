/**
 * CRC-32 as Ethernet and zip use it (reflected polynomial 0xedb88320): tells a frame that arrived whole from one that was cut.
 * Used by the logging channel's frames. Eight bytes are taken at a time, since every byte of the log goes through here, at both ends.
 */

/** What is left of a byte after its own division, and in the further tables with one to seven zero bytes after it. Signed, since that is what `^` gives. */
const [table0, table1, table2, table3, table4, table5, table6, table7] = createTables();

type Tables = [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];

function createTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, index) => {
    let remainder = index;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    return remainder;
  });
  const tables = [first];
  for (let zeros = 1; zeros < 8; zeros++) tables.push(tables.at(-1)!.map((remainder) => (remainder >>> 8) ^ first[remainder & 0xff]!));
  return tables as Tables;
}

/** CRC-32 of `bytes`, from the index `start` up to but not with `end`, as an unsigned 32-bit number. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let remainder = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    remainder =
      table7[(remainder & 0xff) ^ bytes[at]!]! ^
      table6[((remainder >>> 8) & 0xff) ^ bytes[at + 1]!]! ^
      table5[((remainder >>> 16) & 0xff) ^ bytes[at + 2]!]! ^
      table4[(remainder >>> 24) ^ bytes[at + 3]!]! ^
      table3[bytes[at + 4]!]! ^
      table2[bytes[at + 5]!]! ^
      table1[bytes[at + 6]!]! ^
      table0[bytes[at + 7]!]!;
  }
  for (; at < end; at++) remainder = (remainder >>> 8) ^ table0[(remainder & 0xff) ^ bytes[at]!]!;
  return ~remainder >>> 0;
}

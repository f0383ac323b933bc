/** The checksum of the guests that compute (`guests/src/words.h`), told again. */

/** The checksum after one more word. */
export function mix(checksum: number, word: number): number {
  const mixed = Math.imul(checksum ^ word, 2654435761);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}

/** The line that a guest prints for a checksum. */
export function checksumLine(checksum: number): string {
  return `${checksum.toString(16).padStart(8, '0')}\n`;
}

/**
 * A 32-bit digest, chained from call to call: tells the judge whether its replay asked a part the same questions in the same order.
 * It finds mistakes, not forgers: whoever forges a transcript can only change effects, which are judged like any others.
 */

/** FNV-1a's offset basis: the digest of no bytes. */
export const DIGEST_START = 0x811c9dc5;

/** The digest of everything that `previous` covers, followed by `bytes`; an unsigned 32-bit integer. */
export function digestBytes(previous: number, bytes: Uint8Array): number {
  let digest = previous;
  for (let index = 0; index < bytes.length; index += 1) {
    digest = Math.imul(digest ^ bytes[index]!, 0x01000193);
  }
  return digest >>> 0;
}

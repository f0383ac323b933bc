/** Seeds of an instructor's own: schedules that no submission can have been fitted to. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** The checks' own seeds are small; others begin above them. */
const OFFSET_MIN = 1_000_000;
const OFFSET_BELOW = 2 ** 31;

/**
 * What to add to the seeds of a lab's checks: another number for each secret and lab, from which the secret cannot be found.
 * @param secret any text; blanks at its ends do not count, since editors add a line end
 */
export function seedOffsetOf(secret: string, labId: string): number {
  const digest = sha256(utf8ToBytes(`${labId}\n${secret.trim()}`));
  const number = new DataView(digest.buffer, digest.byteOffset).getUint32(0);
  return OFFSET_MIN + (number % (OFFSET_BELOW - OFFSET_MIN));
}

/** Seeds of an instructor's own: schedules that no submission can have been fitted to. */
import { sha256 } from './sha256.ts';

/** The checks' own seeds are small; others begin above them. */
const OFFSET_MIN = 1_000_000;
const OFFSET_BELOW = 2 ** 31;

/**
 * What to add to the seeds of a lab's checks: another number for each secret and lab, from which the secret cannot be found.
 * @param secret any text; blanks at its ends do not count, since editors add a line end
 */
export function seedOffsetOf(secret: string, labId: string): number {
  const number = Number.parseInt(sha256(`${labId}\n${secret.trim()}`).slice(0, 8), 16);
  return OFFSET_MIN + (number % (OFFSET_BELOW - OFFSET_MIN));
}

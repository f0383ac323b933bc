/** Finds what somebody meant to type, for messages that say "did you mean". */

/** Number of insertions, deletions and replacements of one character that turn `a` into `b` (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, previous[j]! + 1, row[j - 1]! + 1));
    }
    previous = row;
  }
  return previous[b.length]!;
}

/** The candidate nearest to `typed`, whole or cut short; undefined where none is near: more than half of the characters would have to change. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceTo(typed.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.min(typed.length, best.candidate.length) / 2 ? best.candidate : undefined;
}

/** To the candidate, or to as much of it as was typed, and one for what was not. */
function distanceTo(typed: string, candidate: string): number {
  return Math.min(editDistance(typed, candidate), 1 + editDistance(typed, candidate.slice(0, typed.length)));
}

/** ` Did you mean "x"?` with a space in front, or nothing. */
export function didYouMean(typed: string, candidates: readonly string[]): string {
  const meant = nearest(typed, candidates);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
}

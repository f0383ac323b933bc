/** Where two submissions match: stretches that begin at a common fingerprint and reach as far as their tokens are the same. */
import { STRETCH_TOKENS, type Fingerprinted } from './fingerprints.ts';

/** Lines of a file, from 1; both ends belong to it. */
export interface Passage {
  file: string;
  fromLine: number;
  toLine: number;
}

export interface MatchingRegion {
  left: Passage;
  right: Passage;
  /** How many tokens match. */
  tokens: number;
}

/** Places of one fingerprint that are tried for the longest match; a part that repeats itself thousands of times must not take hours. */
const PLACES_MAX = 64;

interface Match {
  left: number;
  right: number;
  length: number;
}

/** The regions in which two submissions match, from the left one's top; no token of the left is in two of them. */
export function matchingRegions(left: Fingerprinted, right: Fingerprinted): MatchingRegion[] {
  const places = placesByHash(right);
  const regions: MatchingRegion[] = [];
  let taken = 0;
  for (const { hash, start } of left.fingerprints) {
    if (start < taken) continue;
    const matches = (places.get(hash) ?? []).map((place) => extended(left, right, { start, place, from: taken }));
    const longest = matches.reduce<Match | undefined>((best, match) => (best && best.length >= match.length ? best : match), undefined);
    // Two stretches can have one hash and not be the same.
    if (longest === undefined || longest.length < STRETCH_TOKENS) continue;
    taken = longest.left + longest.length;
    regions.push({
      left: passage(left, longest.left, longest.length),
      right: passage(right, longest.right, longest.length),
      tokens: longest.length,
    });
  }
  return regions;
}

function placesByHash({ fingerprints }: Fingerprinted): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const { hash, start } of fingerprints) {
    const known = places.get(hash);
    if (known === undefined) places.set(hash, [start]);
    else if (known.length < PLACES_MAX) known.push(start);
  }
  return places;
}

/** The longest match through `start` on the left and `place` on the right that has nothing before `from` on the left. */
function extended(left: Fingerprinted, right: Fingerprinted, seed: { start: number; place: number; from: number }): Match {
  const { start, place, from } = seed;
  const [leftFile, rightFile] = [left.files[start], right.files[place]];
  const isSame = (offset: number) =>
    left.files[start + offset] === leftFile &&
    right.files[place + offset] === rightFile &&
    left.kinds[start + offset] === right.kinds[place + offset];
  let before = 0;
  while (start - before > from && isSame(-before - 1)) before += 1;
  let after = 0;
  while (isSame(after)) after += 1;
  return { left: start - before, right: place - before, length: before + after };
}

function passage({ files, lines }: Fingerprinted, start: number, length: number): Passage {
  return { file: files[start]!, fromLine: lines[start]!, toLine: lines[start + length - 1]! };
}

/**
 * Which submissions of a class look alike, beside walk two: a reason for an instructor to look, and never a part of a score. Renaming,
 * reordering, comments and formatting change nothing; what stands in the starter counts for nobody.
 */
import { fingerprinted, starterHashes, type Files } from './fingerprints.ts';
import { matchingRegions, type MatchingRegion } from './regions.ts';

export type { Files } from './fingerprints.ts';
export type { MatchingRegion, Passage } from './regions.ts';

/** What was handed in for one lab, by the submission's name, which is unique. */
export interface ToCompare {
  name: string;
  files: Files;
}

export interface SimilarPair {
  /** Names of submissions; the left one comes first in the order of names. */
  left: string;
  right: string;
  /** Share of the fingerprints of both, 0 to 1, that the other has too. */
  similarity: number;
  /** Tokens of the longest region. */
  longest: number;
  regions: MatchingRegion[];
}

export interface Similarity {
  /** How many were compared. */
  submissions: number;
  /** The most alike first; those that are equally so in the order of their names. */
  pairs: SimilarPair[];
  /** Pairs that are alike as well, but less than all of `pairs`. */
  pairsLeftOut: number;
  /** Names of submissions with a file that nests too deep to be compared. */
  unread: string[];
}

export interface SimilarityOptions {
  /** Pairs to name, at most. Default 100. */
  pairsMax?: number;
  /** Pairs that are less alike are not named. Default 0.25: different solutions of a lab of this course stay below 0.1. */
  similarityMin?: number;
}

/**
 * Compares each submission with each other: some ten seconds and 150 MB for 1,000 submissions of 1,000 tokens.
 * @param starter the lab's own files, by name
 */
export function similarityOf(submissions: ToCompare[], starter: Files, options: SimilarityOptions = {}): Similarity {
  const { pairsMax = 100, similarityMin = 0.25 } = options;
  const ignored = starterHashes(starter);
  const all = submissions.map((submission) => summaryOf(submission, ignored)).sort((one, other) => (one.name < other.name ? -1 : 1));
  const alike = alikePairs(all, similarityMin);
  const pairs = alike.slice(0, pairsMax).map(({ left, right, similarity }) => {
    const regions = matchingRegions(fingerprinted(left.files, ignored), fingerprinted(right.files, ignored));
    return { left: left.name, right: right.name, similarity, longest: Math.max(0, ...regions.map(({ tokens }) => tokens)), regions };
  });
  const unread = all.filter(({ isUnread }) => isUnread).map(({ name }) => name);
  return { submissions: all.length, pairs, pairsLeftOut: alike.length - pairs.length, unread };
}

/** What is kept of each submission while all are compared: without its tokens, so that a class fits in memory. */
interface Summary extends ToCompare {
  /** How often it has each fingerprint. */
  counts: Map<number, number>;
  /** How many it has. */
  total: number;
  isUnread: boolean;
}

function summaryOf({ name, files }: ToCompare, ignored: ReadonlySet<number>): Summary {
  const { fingerprints, isUnread } = fingerprinted(files, ignored);
  const counts = new Map<number, number>();
  for (const { hash } of fingerprints) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return { name, files, counts, total: fingerprints.length, isUnread };
}

interface Alike {
  left: Summary;
  right: Summary;
  similarity: number;
}

/** All pairs that are at least so much alike, the most alike first. */
function alikePairs(all: Summary[], similarityMin: number): Alike[] {
  const owners = ownersOf(all);
  const pairs: Alike[] = [];
  for (const [index, left] of all.entries()) {
    const common = commonWithLater(index, all, owners);
    for (let other = index + 1; other < all.length; other += 1) {
      const right = all[other]!;
      const similarity = common[other]! / (left.total + right.total);
      if (common[other]! > 0 && similarity >= similarityMin) pairs.push({ left, right, similarity });
    }
  }
  // The sort is stable, and the pairs are in the order of their names.
  return pairs.sort((one, other) => other.similarity - one.similarity);
}

/** Who has each fingerprint, by index. */
function ownersOf(all: Summary[]): Map<number, number[]> {
  const owners = new Map<number, number[]>();
  for (const [index, { counts }] of all.entries()) {
    for (const hash of counts.keys()) {
      const known = owners.get(hash);
      if (known === undefined) owners.set(hash, [index]);
      else known.push(index);
    }
  }
  return owners;
}

/** How many fingerprints of one submission and of each later one are in both, counted on both sides. */
function commonWithLater(index: number, all: Summary[], owners: Map<number, number[]>): Uint32Array {
  const common = new Uint32Array(all.length);
  for (const [hash, count] of all[index]!.counts) {
    for (const other of owners.get(hash)!) if (other > index) common[other]! += count + all[other]!.counts.get(hash)!;
  }
  return common;
}

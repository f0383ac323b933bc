/**
 * Fingerprints of a submission by winnowing (Schleimer, Wilkerson and Aiken, 2003): hashes of stretches of tokens, few, and chosen so that two
 * submissions that share `SHARED_TOKENS_MIN` tokens in a row share a fingerprint.
 */
import { WinnowFilter } from '@dodona/dolos-core';
import { tokensOf } from './tokens.ts';

/** Tokens under one fingerprint: about a line and a half. */
export const STRETCH_TOKENS = 12;

/** Stretches of which at least one has its fingerprint taken. */
const WINDOW = 8;

/** What is common to two submissions and at least so long is found for certain. */
export const SHARED_TOKENS_MIN = STRETCH_TOKENS + WINDOW - 1;

/** The files of a submission, text by name. */
export type Files = Readonly<Record<string, string>>;

export interface Fingerprint {
  hash: number;
  /** Index of its first token. */
  start: number;
}

/** A submission's files one after the other, as tokens. */
export interface Fingerprinted {
  kinds: string[];
  /** File and line of each token. */
  files: string[];
  lines: number[];
  /** In the order of `start`, without those of the starter. */
  fingerprints: Fingerprint[];
  /** Whether a file nests too deep to be read; it has no tokens then. */
  isUnread: boolean;
}

/** The hashes of all stretches of the starter, however a window would choose among them. */
export function starterHashes(starter: Files): ReadonlySet<number> {
  const all = new WinnowFilter(STRETCH_TOKENS, 1);
  return new Set(Object.values(starter).flatMap((source) => all.fingerprints(tokensOf(source)?.kinds ?? []).map(({ hash }) => hash)));
}

/** The tokens and fingerprints of a submission. @param ignored hashes that are nobody's own */
export function fingerprinted(files: Files, ignored: ReadonlySet<number>): Fingerprinted {
  const filter = new WinnowFilter(STRETCH_TOKENS, WINDOW);
  const result: Fingerprinted = { kinds: [], files: [], lines: [], fingerprints: [], isUnread: false };
  for (const file of Object.keys(files).sort()) {
    const tokens = tokensOf(files[file]!);
    if (tokens === undefined) {
      result.isUnread = true;
      continue;
    }
    const before = result.kinds.length;
    const found = filter.fingerprints(tokens.kinds).map(({ hash, start }) => ({ hash, start: before + start }));
    // A run of one fingerprint, as a long table of numbers makes it, counts once.
    const own = found.filter(({ hash }, index) => !ignored.has(hash) && hash !== found[index - 1]?.hash);
    for (const fingerprint of own) result.fingerprints.push(fingerprint);
    for (const [index, kind] of tokens.kinds.entries()) append(result, kind, file, tokens.lines[index]!);
  }
  return result;
}

function append(result: Fingerprinted, kind: string, file: string, line: number): void {
  result.kinds.push(kind);
  result.files.push(file);
  result.lines.push(line);
}

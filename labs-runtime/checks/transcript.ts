/**
 * The transcript of a part: every call, by digest, and every answer. Made where the part runs, judged where it cannot reach.
 * Walk two, "who judges": grading is replay from a log, as the lecture teaches. A reader of a transcript trusts nothing in it.
 */
import type { PartFailureKind, StateHandle } from '../ft/part.ts';
import { decodePlainData, encodePlainData } from './plain-data-codec.ts';
import { DIGEST_START, digestBytes } from './digest.ts';
import type { Site } from './fuel.ts';
import type { Lab } from './lab.ts';

/** One call of a part. */
export interface CallRecord {
  kind: 'start' | 'step';
  /** Digest of this call and all before it in the check: which end, and the options or input. */
  digest: number;
  /** Steps this call took. */
  steps: number;
  /** Number of the site of the last step; -1 before the first. */
  site: number;
  /** Size of the state after the call, as `plainDataBytes` measures it. */
  stateBytes: number;
  /** The effects, encoded; an array. */
  effects: Uint8Array;
  failure?: { kind: PartFailureKind; explanation: string };
}

export interface CheckTranscript {
  title: string;
  calls: CallRecord[];
  /** True where the process that ran this check died for want of memory, and left no calls. */
  outOfMemory: boolean;
}

export interface Transcript {
  checks: CheckTranscript[];
  /** What engines said about crashes; stands beside a report, never in it. */
  details: CrashDetail[];
}

/** What a crash said, in the engine's words or the part's own. */
export interface CrashDetail {
  /** Title of the check it happened in. */
  check: string;
  text: string;
}

/** A transcript that no honest run can have left. */
export class TranscriptError extends Error {
  constructor(explanation: string) {
    super(explanation);
    this.name = 'TranscriptError';
  }
}

/** One transcript of those of single checks, in the order of the lab. */
export function joinTranscripts(transcripts: Transcript[]): Transcript {
  return { checks: transcripts.flatMap(({ checks }) => checks), details: transcripts.flatMap(({ details }) => details) };
}

/** The transcript of one check whose process died for want of memory. */
export function outOfMemoryTranscript(title: string): Transcript {
  return { checks: [{ title, calls: [], outOfMemory: true }], details: [] };
}

/** The effects of a call. Throws a `TranscriptError` (or the codec's `CodecError`) where there is no list of them. */
export function effectsOf(call: CallRecord): unknown[] {
  return list(decodePlainData(call.effects));
}

/** The running digest of one check's calls. Ends are numbered in the order they are started. */
export class CallDigest {
  private readonly numbers = new Map<StateHandle, number>();
  private digest = DIGEST_START;

  /** The digest after this call; `given` is the encoding of its options or its input. */
  next(kind: CallRecord['kind'], handle: StateHandle, given: Uint8Array): number {
    if (kind === 'start') this.numbers.set(handle, this.numbers.size);
    const number = this.numbers.get(handle) ?? -1;
    const head = Uint8Array.of(kind === 'start' ? 0 : 1, number & 0xff, (number >> 8) & 0xff, (number >> 16) & 0xff);
    this.digest = digestBytes(digestBytes(this.digest, head), given);
    return this.digest;
  }
}

const failureKinds: readonly string[] = ['crash', 'step budget', 'refused', 'malformed', 'hidden state'];

/** Characters of one text: the longest explanation of ours, with a long property name in it. */
const TEXT_LENGTH_MAX = 2000;

/** Crashes that are told in the engine's words; those after it are like those before. */
const DETAILS_MAX = 100;

/** A transcript as bytes. Each call is an array, for it is most of them. */
export function encodeTranscript({ checks, details }: Transcript): Uint8Array {
  return encodePlainData([
    checks.map(({ title, calls, outOfMemory }) => [title, calls.map(callFields), outOfMemory]),
    details.slice(0, DETAILS_MAX).map(({ check, text }) => [check, text]),
  ]);
}

function callFields(call: CallRecord): unknown[] {
  const { digest, steps, site, stateBytes, effects, failure } = call;
  return [call.kind === 'start', digest, steps, site, stateBytes, effects, failure?.kind, failure?.explanation];
}

/**
 * Reads a transcript of a submission. Throws a `TranscriptError` (or the codec's `CodecError`) for anything out of shape or range.
 * @param sites of the program that was run
 */
export function decodeTranscript(bytes: Uint8Array, lab: Lab, sites: Site[]): Transcript {
  const [listOfChecks, listOfDetails] = list(decodePlainData(bytes));
  const checks = list(listOfChecks).map((item) => {
    const [title, calls, outOfMemory] = list(item);
    return { title: text(title), calls: list(calls).map((call) => readCall(list(call), lab, sites)), outOfMemory: outOfMemory === true };
  });
  const details = list(listOfDetails).map((item) => {
    const [check, detail] = list(item);
    return { check: text(check), text: text(detail) };
  });
  if (details.length > DETAILS_MAX) throw new TranscriptError('there are too many details');
  for (const check of checks) {
    const steps = check.calls.reduce((sum, call) => sum + call.steps, 0);
    if (steps > lab.limits.stepsMax) throw new TranscriptError('a check took more steps than it had');
  }
  return { checks, details };
}

function readCall(fields: unknown[], lab: Lab, sites: Site[]): CallRecord {
  if (fields.length !== 8) throw new TranscriptError('a call has too few or too many fields');
  const [isStart, digest, steps, site, stateBytes, effects, kind, explanation] = fields;
  if (typeof isStart !== 'boolean') throw new TranscriptError('a call is neither a start nor a step');
  if (kind !== undefined && !failureKinds.includes(kind as string)) throw new TranscriptError('a failure is of no known kind');
  return {
    kind: isStart ? 'start' : 'step',
    digest: integer(digest, 0, 0xffffffff),
    steps: integer(steps, 0, lab.limits.stepsMax),
    site: integer(site, -1, sites.length - 1),
    stateBytes: integer(stateBytes, 0, Number.MAX_SAFE_INTEGER),
    effects: bytesOf(effects),
    ...(kind !== undefined && { failure: { kind: kind as PartFailureKind, explanation: text(explanation) } }),
  };
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TranscriptError('there is no list where one is needed');
  return value;
}

function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TranscriptError('there are no bytes where they are needed');
  return value;
}

function integer(value: unknown, min: number, max: number): number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) throw new TranscriptError('a number is out of range');
  return value as number;
}

function text(value: unknown): string {
  if (typeof value !== 'string' || value.length > TEXT_LENGTH_MAX) throw new TranscriptError('a text is missing or too long');
  return value;
}

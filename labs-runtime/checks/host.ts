/**
 * The check pipeline, one implementation for every host. Walk two from end to end.
 * A page prepares in one worker and observes in another. The command prepares in the parent, records in a child without rights, and
 * judges in the parent, from the transcript alone.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { bundleChecks, bundleSubmission } from './bundle.ts';
import type { Esbuild, SubmissionFiles } from './bundle.ts';
import { canonicalJson, hex } from './canonical-json.ts';
import { RefusedSyntax, meterProgram } from './fuel.ts';
import type { MeteredProgram } from './fuel.ts';
import type { Lab } from './lab.ts';
import { LivePart } from './live-part.ts';
import type { CheckReport, Problem, Report } from './report.ts';
import { checkReports, problemReport, reportOf } from './make-report.ts';
import { ReplayedPart } from './replayed-part.ts';
import { runChecks } from './run-checks.ts';
import { hardenedRealm } from './sandbox.ts';
import { decodeTranscript, encodeTranscript, joinTranscripts, outOfMemoryTranscript, TranscriptError } from './transcript.ts';
import type { CrashDetail, Transcript } from './transcript.ts';
import { CodecError } from './plain-data-codec.ts';

/** What a host hands in to have a submission graded. */
export interface Submission {
  lab: Lab;
  /** The text of the lab's `checks.ts`. */
  checksSource: string;
  files: SubmissionFiles;
  /** SHA-256 of the runtime bundle, hex. */
  runtimeHash: string;
  /** What is added to each first seed of the checks, an integer of 31 bits; 0, their own seeds, if absent. */
  seedOffset?: number;
}

/** A submission ready to run: plain data, so that it can be sent to a worker or a child. */
export interface Prepared {
  lab: Lab;
  labHash: string;
  runtimeHash: string;
  program: MeteredProgram;
  checksCode: string;
  seedOffset: number;
}

/** Either a submission ready to run, or the report on one that cannot be. */
export type Preparation = { prepared: Prepared; report?: undefined } | { prepared?: undefined; report: Report };

/** The report on a submission, and beside it what engines said about crashes. */
export interface Graded {
  report: Report;
  details: CrashDetail[];
}

/** Bundles and instruments a submission. Mistakes of the student's become a report; mistakes in the checks are thrown. */
export async function prepare(esbuild: Esbuild, submission: Submission): Promise<Preparation> {
  const { lab, checksSource, files, runtimeHash, seedOffset = 0 } = submission;
  // Checks with other seeds are other checks; how other, the hash does not say.
  const labHash = hex(sha256(utf8ToBytes(canonicalJson({ lab, checksSource, ...(seedOffset !== 0 && { seedOffset }) }))));
  const identity = { lab, labHash, runtimeHash };
  const problem = problemOfFiles(lab, files);
  if (problem !== undefined) return { report: problemReport(identity, problem) };
  const bundle = await bundleSubmission(esbuild, lab, files);
  if ('message' in bundle) return { report: problemReport(identity, bundle) };
  try {
    const program = meterProgram(bundle.code, bundle.map);
    return { prepared: { ...identity, program, checksCode: await bundleChecks(esbuild, lab, checksSource), seedOffset } };
  } catch (error) {
    if (!(error instanceof RefusedSyntax)) throw error;
    return { report: problemReport(identity, { message: error.message, position: error.position }) };
  }
}

function problemOfFiles(lab: Lab, files: SubmissionFiles): Problem | undefined {
  for (const name of lab.files) {
    if (!Object.hasOwn(files, name)) return { message: `${name} is missing: this lab needs ${lab.files.join(', ')}.` };
    if (files[name]!.trim() === '')
      return { message: `${name} is empty: start from the lab's starter.`, position: { file: name, line: 1, column: 1 } };
  }
  const bytes = Object.values(files).reduce((sum, text) => sum + utf8ToBytes(text).length, 0);
  if (bytes <= lab.limits.sourceBytesMax) return undefined;
  return { message: `The files have ${bytes} bytes together; ${lab.limits.sourceBytesMax} are allowed. Leave out what is not the part.` };
}

/** Hardens the realm ahead of the first `observe`, which then starts at once. Nothing else may run in this realm afterwards. */
export async function hardenAhead(): Promise<void> {
  await hardenedRealm();
}

/** The reports of some checks, and what engines said about crashes in them. */
export interface Observed {
  checks: CheckReport[];
  details: CrashDetail[];
}

/**
 * Runs the part in the checks of these titles, in a realm that it hardens, and reports what came of them. For a worker, which a reader trusts, and
 * there as often as wanted: checks do not share anything, so several workers can share a run. Throws a `GradingError` where the checks are at fault.
 */
export async function observe(prepared: Prepared, titles: string[]): Promise<Observed> {
  const part = new LivePart(await hardenedRealm(), prepared.lab, prepared.program);
  const outcomes = await runChecks(prepared, part, titles);
  return { checks: checkReports(prepared.lab, outcomes, titles), details: part.transcript.details };
}

/**
 * Runs the part and returns the transcript, of which `judge` makes a report. For a child, which nobody trusts.
 * @param only titles of the checks to run; all of them if absent
 */
export async function record(prepared: Prepared, only?: string[]): Promise<Uint8Array> {
  const part = new LivePart(await hardenedRealm(), prepared.lab, prepared.program);
  await runChecks(prepared, part, only);
  return encodeTranscript(part.transcript);
}

/** What came of recording one check in a process of its own. */
export interface CheckRecording {
  title: string;
  transcript: Uint8Array | 'out of memory';
}

/** One transcript of the recordings of single checks; for a submission whose part took the process's memory when all ran in one. */
export function joinRecordings(prepared: Prepared, recordings: CheckRecording[]): Uint8Array {
  const transcripts = recordings.map(({ title, transcript }) =>
    transcript === 'out of memory' ? outOfMemoryTranscript(title) : readTranscript(prepared, transcript),
  );
  return encodeTranscript(joinTranscripts(transcripts));
}

/**
 * Runs the checks against a transcript in the part's place. Its report is the one that counts.
 * @param transcript what `record` returned, or anything at all
 */
export async function judge(prepared: Prepared, transcript: Uint8Array): Promise<Graded> {
  const read = readTranscript(prepared, transcript);
  const part = new ReplayedPart(read, prepared.program.sites);
  const report = reportOf(prepared, await runChecks(prepared, part));
  return { report, details: read.details };
}

/** A transcript out of shape is as good as none: every check then finds its first call unrecorded. */
function readTranscript(prepared: Prepared, transcript: Uint8Array): Transcript {
  try {
    return decodeTranscript(transcript, prepared.lab, prepared.program.sites);
  } catch (error) {
    if (error instanceof TranscriptError || error instanceof CodecError) return { checks: [], details: [] };
    throw error;
  }
}

/**
 * A transcript in a part's place: answers each call as the part did, provided that it is the same call. Walk two, "who judges".
 * The judge runs the checks against this, so that a part can forge effects, which are judged like any others, but never a verdict.
 */
import { PartFailure, StateHandle } from '../ft/part.ts';
import type { Site } from './fuel.ts';
import { GradingError } from './part-driver.ts';
import type { PartDriver, PartUse } from './part-driver.ts';
import { CodecError, encodeBriefly } from './plain-data-codec.ts';
import { CallDigest, effectsOf, TranscriptError } from './transcript.ts';
import type { CallRecord, CheckTranscript, Transcript } from './transcript.ts';

/** Answers calls from a transcript. Precondition: `transcript` comes from `decodeTranscript`. */
export class ReplayedPart implements PartDriver {
  private readonly transcript: Transcript;
  private readonly sites: Site[];
  private checksBegun = 0;
  private check: CheckTranscript | undefined;
  private callsMade = 0;
  private steps = 0;
  private site = -1;
  private digest = new CallDigest();
  private failure: PartFailure | undefined;

  constructor(transcript: Transcript, sites: Site[]) {
    this.transcript = transcript;
    this.sites = sites;
  }

  beginCheck(title: string): void {
    const found = this.transcript.checks[this.checksBegun];
    this.checksBegun += 1;
    this.check = { title, calls: found?.calls ?? [], outOfMemory: found?.outOfMemory === true };
    this.callsMade = 0;
    this.steps = 0;
    this.site = -1;
    this.digest = new CallDigest();
    this.failure = found?.title === title ? undefined : this.forged();
  }

  endCheck(): PartUse {
    if (this.check !== undefined && this.callsMade < this.check.calls.length) this.failure = this.forged();
    this.check = undefined;
    return { steps: this.steps, position: this.sites[this.site], failure: this.failure };
  }

  start(options: unknown): StateHandle {
    const handle = new StateHandle();
    this.call('start', handle, encodeBriefly(options));
    return handle;
  }

  step(handle: StateHandle, input: unknown): unknown[] {
    const record = this.call('step', handle, encodeBriefly(input));
    try {
      return effectsOf(record);
    } catch (error) {
      if (!(error instanceof TranscriptError || error instanceof CodecError)) throw error;
      this.failure = this.forged();
      throw this.failure;
    }
  }

  private call(kind: CallRecord['kind'], handle: StateHandle, given: Uint8Array): CallRecord {
    if (this.check === undefined) throw new GradingError(`A check called ${kind}() outside of its test.`);
    if (this.failure?.kind === 'forged transcript') throw this.failure;
    if (this.check.outOfMemory) {
      this.failure = new PartFailure('refused', 'It took more memory than a part may have');
      throw this.failure;
    }
    const digest = this.digest.next(kind, handle, given);
    const record = this.check.calls[this.callsMade];
    if (record === undefined || record.kind !== kind || record.digest !== digest) {
      this.failure = this.forged();
      throw this.failure;
    }
    this.callsMade += 1;
    this.steps += record.steps;
    this.site = record.site;
    handle.bytes = record.stateBytes;
    if (record.failure !== undefined) {
      const failure = new PartFailure(record.failure.kind, record.failure.explanation, this.sites[record.site]);
      this.failure ??= failure;
      throw failure;
    }
    return record;
  }

  private forged(): PartFailure {
    return new PartFailure('forged transcript', 'The record of its calls is not one of these checks');
  }
}

/**
 * A simulated pair: a primary and a backup, each a real machine with a real guest, and the channel under test between them over
 * a link that breaks. Events of a schedule drive it; it watches every effect and keeps a record of each rule broken.
 * VMware FT, sections 2.2 and 3.2. Time is a count of milliseconds that only events move.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions, Role } from '../ft/channel-api.ts';
import { MalformedEntry } from '../ft/log-codec.ts';
import { ReplayDivergence } from '../ft/replayer.ts';
import { Backup } from './pair-backup.ts';
import type { ChannelEnd, ChannelPart } from './channel-end.ts';
import { ByteStream } from './link.ts';
import { Primary } from './pair-primary.ts';
import { fatalRules } from './pair-rules.ts';
import type { PairRule, Violation } from './pair-rules.ts';
import type { PairEvent } from './pair-schedule.ts';
import { createPrng } from './prng.ts';
import { PairTrace } from './pair-trace.ts';

export interface PairOptions {
  part: ChannelPart;
  image: Uint8Array;
  ramBytes: number;
  channel: Omit<ChannelOptions, 'role'>;
  /** Largest piece in which the link delivers bytes while the pair settles. */
  pieceBytesMax: number;
  /** Whether the backup replays entries as soon as they are handed over, or waits for `replay` events. */
  promptReplay: boolean;
  /** Decides the values that the guest reads from the clock. */
  seed: number;
  /** The largest state an end may have, in bytes; Infinity leaves it unmeasured. */
  stateBytesMax: number;
  /**
   * Who says whether the right entries were handed over: `bytes` compares each with what was appended, `machines` replays whatever comes
   * and lets the states of the two machines tell.
   */
  judge: 'bytes' | 'machines';
}

/** Rounds of carrying, replaying and waiting, after which a channel that still owes entries makes no progress. */
const SETTLE_ROUNDS_MAX = 40;

export class Pair {
  readonly primary: Primary;
  readonly backup: Backup;
  readonly violations: Violation[] = [];
  readonly trace = new PairTrace();
  readonly #options: PairOptions;
  readonly #toBackup = new ByteStream();
  readonly #toPrimary = new ByteStream();
  #nowMs = 0;
  #event = 0;
  #linkUp = true;

  constructor(options: PairOptions) {
    this.#options = options;
    const { part, image, ramBytes, channel } = options;
    const random = createPrng(options.seed);
    let ticks = 0n;
    this.primary = new Primary({
      part,
      image,
      ramBytes,
      channel: { ...channel, role: 'primary' },
      hashOutputs: options.judge === 'machines',
      clock: () => (ticks += BigInt(1 + random.int(1000))),
      appended: (entry) => this.#append(entry),
    });
    this.backup = new Backup({
      part,
      image,
      ramBytes,
      channel: { ...channel, role: 'backup' },
      replayedOutput: (output) => this.#compareStates(output),
    });
  }

  /** Whether a rule was broken after which the pair cannot go on. */
  get ended(): boolean {
    return this.violations.some((violation) => fatalRules.has(violation.rule));
  }

  /** Lets one event of a schedule happen; does nothing once the pair has ended. */
  apply(event: PairEvent): void {
    if (this.ended) return;
    this.#event += 1;
    this.#nowMs += event.kind === 'wait' ? event.forMs : 1;
    this.trace.begin(this.#event, this.#nowMs);
    this.#perform(event);
  }

  /**
   * Ends a schedule fairly: the link is whole, everything arrives, the backup replays, time passes, until nothing is owed. What is still
   * owed after `SETTLE_ROUNDS_MAX` rounds breaks the rule of progress.
   */
  settle(): void {
    if (!this.#linkUp) this.apply({ kind: 'heal' });
    for (let round = 0; round < SETTLE_ROUNDS_MAX && !this.ended && this.#owes(); round++) {
      this.#carryAll('backup', this.#toBackup);
      this.apply({ kind: 'replay', entriesMax: Number.MAX_SAFE_INTEGER });
      this.#carryAll('primary', this.#toPrimary);
      this.apply({ kind: 'wait', forMs: this.#options.channel.resendAfterMs });
    }
    if (!this.ended && this.#owes()) this.#report('progress', ...this.#debt());
    else if (!this.ended && !this.primary.crashed && this.#options.judge === 'machines') this.#compareEnds();
  }

  /** What is in flight now arrives; what is sent in answer waits for the next round. */
  #carryAll(to: Role, stream: ByteStream): void {
    const pieces = Math.ceil(stream.bytesInFlight / this.#options.pieceBytesMax);
    for (let piece = 0; piece < pieces; piece++) this.apply({ kind: 'carry', to, bytesMax: this.#options.pieceBytesMax });
  }

  /** With every entry replayed, nothing but instructions lies between the backup and the primary's position. */
  #compareEnds(): void {
    const { machine } = this.primary;
    this.backup.runTo(machine.position);
    const [expected, observed] = [machine.stateHash(), this.backup.machine.stateHash()];
    if (expected === observed) return;
    this.#report('same state', `state ${expected} at position ${machine.position}, as on the primary`, `state ${observed} on the backup`);
  }

  #perform(event: PairEvent): void {
    switch (event.kind) {
      case 'run':
        return this.primary.run(event.attempts);
      case 'console':
        return this.primary.console(event.byte);
      case 'interrupt':
        return this.primary.interrupt(event.line);
      case 'carry':
        return this.#carry(event.to, event.bytesMax);
      case 'replay':
        return this.#replay(event.entriesMax);
      case 'break':
        return this.#setLink(false, event.lateToBackup, event.lateToPrimary);
      case 'heal':
        return this.#setLink(true);
      case 'wait':
        return this.#tell({ kind: 'time', nowMs: this.#nowMs });
      case 'crash':
        this.trace.note('primary', 'crashes');
        this.primary.crashed = true;
    }
  }

  #append(entry: Uint8Array): void {
    this.trace.appended(this.primary.entries.length);
    this.#step(this.primary.end, { kind: 'append', entry: entry.slice() });
    const { held } = this.primary;
    const { bufferEntriesMax } = this.#options.channel;
    if (held > bufferEntriesMax) {
      this.#report(
        'primary bound',
        `'stall' by the time ${bufferEntriesMax} entries wait for an acknowledgement`,
        `${held} wait, and the guest still runs`,
      );
    }
  }

  #carry(to: Role, bytesMax: number): void {
    const stream = to === 'backup' ? this.#toBackup : this.#toPrimary;
    const bytes = stream.carry(bytesMax);
    if (bytes.length === 0 || (to === 'primary' && this.primary.crashed)) return;
    this.trace.arrived(to, bytes.length);
    this.#step(to === 'backup' ? this.backup.end : this.primary.end, { kind: 'bytes', bytes });
    if (to === 'backup' && this.#options.promptReplay) this.#replay(Infinity);
  }

  #replay(entriesMax: number): void {
    if (this.ended) return;
    const before = this.backup.consumedSeq;
    try {
      this.backup.replay(entriesMax);
    } catch (error) {
      if (!(error instanceof ReplayDivergence)) throw error;
      return this.#report('same state', 'a log that the backup can replay', error.message);
    }
    if (this.backup.consumedSeq === before) return;
    this.trace.consumed(before + 1, this.backup.consumedSeq);
    this.#step(this.backup.end, { kind: 'consumed', seq: this.backup.consumedSeq });
  }

  #setLink(up: boolean, lateToBackup = 0, lateToPrimary = 0): void {
    if (up === this.#linkUp) return;
    this.#linkUp = up;
    const lost = this.#toBackup.bytesInFlight + this.#toPrimary.bytesInFlight;
    for (const [stream, lateBytes] of [
      [this.#toBackup, lateToBackup],
      [this.#toPrimary, lateToPrimary],
    ] as const) {
      if (up) stream.heal();
      else stream.break(lateBytes);
    }
    const late = this.#toBackup.bytesInFlight + this.#toPrimary.bytesInFlight;
    this.trace.note('link', up ? 'is whole again' : `breaks: ${lost - late} bytes lost, ${late} will come late`);
    this.#tell({ kind: 'link', up });
  }

  /** Tells both ends. */
  #tell(input: ChannelInput): void {
    if (!this.primary.crashed) this.#step(this.primary.end, input);
    this.#step(this.backup.end, input);
  }

  #step(end: ChannelEnd, input: ChannelInput): void {
    if (this.ended) return;
    for (const effect of end.step(input, `at event ${this.#event} of the run with seed ${this.#options.seed}`)) this.#carryOut(end, effect);
    if (this.#options.stateBytesMax < Infinity && end.stateBytes > this.#options.stateBytesMax) {
      const expected = `a state of at most ${this.#options.stateBytesMax} bytes: what is acknowledged or consumed need not be kept`;
      this.#report('state size', expected, `the ${end.role}'s end keeps ${end.stateBytes} bytes`);
    }
  }

  #carryOut(end: ChannelEnd, effect: ChannelEffect): void {
    this.trace.effect(end.role, effect);
    switch (effect.kind) {
      case 'send':
        return (end.role === 'primary' ? this.#toBackup : this.#toPrimary).send(effect.bytes);
      case 'deliver':
        return this.#deliver(effect.seq, effect.entry);
      case 'acknowledged':
        return this.#acknowledged(effect.seq);
      case 'stall':
        return this.primary.stall();
      case 'resume':
        return this.primary.resume();
    }
  }

  #deliver(seq: number, entry: Uint8Array): void {
    if (this.ended) return;
    const due = this.backup.deliveredSeq + 1;
    if (this.#options.judge === 'machines') return this.#take(due, entry);
    const appended = this.primary.entries[seq - 1];
    if (seq < due) return this.#report('once', `entry ${due} next`, `entry ${seq} again`);
    if (seq > due) return this.#report('order', `entry ${due} next`, `entry ${seq}`);
    if (appended === undefined) return this.#report('content', `nothing: the primary appended ${seq - 1} entries`, `entry ${seq}`);
    if (!equalBytes(entry, appended)) {
      return this.#report('content', `entry ${seq} as ${hexOf(appended)}`, `entry ${seq} as ${hexOf(entry)}`);
    }
    this.#take(seq, entry);
  }

  #take(seq: number, entry: Uint8Array): void {
    try {
      this.backup.take(seq, entry);
    } catch (error) {
      if (!(error instanceof MalformedEntry)) throw error;
      return this.#report('same state', 'a log that the backup can read', `entry ${seq} is damaged: ${hexOf(entry)}`);
    }
    const { bufferEntriesMax } = this.#options.channel;
    if (this.backup.held > bufferEntriesMax) {
      this.#report(
        'backup bound',
        `at most ${bufferEntriesMax} entries handed over and not consumed`,
        `${this.backup.held} with entry ${seq}`,
      );
    }
  }

  #acknowledged(seq: number): void {
    const { deliveredSeq } = this.backup;
    if (seq > deliveredSeq) {
      this.#report(
        'acknowledged',
        `at most entry ${deliveredSeq}, the last that the backup was handed`,
        `entry ${seq} reported as acknowledged`,
      );
    }
    this.primary.acknowledgedSeq = Math.max(this.primary.acknowledgedSeq, Math.min(seq, this.primary.entries.length));
  }

  #compareStates(output: number): void {
    if (this.#options.judge === 'bytes') return;
    const expected = this.primary.stateHashes[output];
    const stateHash = this.backup.machine.stateHash();
    if (stateHash === expected) return;
    this.#report('same state', `state ${expected} after output ${output}, as on the primary`, `state ${stateHash} on the backup`);
  }

  /** Whether the channel still owes something. After a crash of the primary, only what is in flight and held can still be done. */
  #owes(): boolean {
    if (this.backup.held > 0) return true;
    if (this.primary.crashed) return this.#toBackup.bytesInFlight > 0;
    const appended = this.primary.entries.length;
    return this.primary.stalled || this.primary.acknowledgedSeq < appended || this.backup.deliveredSeq < appended;
  }

  #debt(): [expected: string, observed: string] {
    const appended = this.primary.entries.length;
    const { deliveredSeq } = this.backup;
    const patience = `after ${SETTLE_ROUNDS_MAX} rounds on a whole link`;
    if (this.primary.crashed) return ['an end of the stream to the backup', `bytes still arrive ${patience}`];
    const all = appended === 1 ? 'the one entry' : `all ${appended} entries`;
    if (deliveredSeq < appended) return [`${all} handed over`, `${deliveredSeq} of them ${patience}; entry ${deliveredSeq + 1} is missing`];
    const { acknowledgedSeq } = this.primary;
    if (acknowledgedSeq < appended)
      return [`${all} acknowledged`, `${acknowledgedSeq} of them ${patience}, though the backup was handed all`];
    return [`'resume', since nothing waits for an acknowledgement`, `the guest is still stalled ${patience}`];
  }

  #report(rule: PairRule, expected: string, observed: string): void {
    this.violations.push({ rule, expected, observed, event: this.#event, atMs: this.#nowMs });
  }
}

function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Bytes in hex, cut after 40 of them. */
function hexOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes.subarray(0, 40), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return bytes.length > 40 ? `${hex}… (${bytes.length} bytes)` : hex || 'no bytes';
}

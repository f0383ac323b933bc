/**
 * The logging channel in the world: the two ends of the part, the link below them, and what each hands to its machine. It watches every
 * effect and reports each rule of the channel that is broken. VMware FT, sections 2.2 and 3.2.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions, Role } from '../ft/channel-api.ts';
import { MalformedEntry } from '../ft/log-codec.ts';
import { ReplayDivergence } from '../ft/replayer.ts';
import { channelShapes } from './effect-shapes.ts';
import { ByteStream } from './link.ts';
import { PartEnd } from './part-end.ts';
import type { ChannelPart } from './part-end.ts';
import type { Recording } from './recording.ts';
import type { Replaying } from './replaying.ts';
import type { RunRecord } from './run-record.ts';

export interface LoggingPathOptions {
  run: RunRecord;
  part: ChannelPart;
  channel: Omit<ChannelOptions, 'role'>;
  recording: Recording;
  replaying: Replaying;
  stateBytesMax: number;
  /**
   * Who says whether the right entries were handed over: `bytes` compares each with what was appended, `machines` replays whatever comes
   * and lets the states of the two machines tell.
   */
  judge: 'bytes' | 'machines';
  /** Whether the backup replays entries as soon as they are handed over, or waits to be told. */
  promptReplay: boolean;
  /** The primary learned that the backup holds every entry up to this one. */
  acknowledged: (seq: number) => void;
  /** Bytes arrived on this side. */
  heard: (side: Role) => void;
}

type ChannelEnd = PartEnd<ChannelOptions, ChannelInput, ChannelEffect>;

export class LoggingPath {
  acknowledgedSeq = 0;
  readonly #options: LoggingPathOptions;
  readonly #ends: Record<Role, ChannelEnd>;
  readonly #streams: Record<Role, ByteStream> = { primary: new ByteStream(), backup: new ByteStream() };
  /** Sides that take part: a side leaves when its machine fails, goes on alone, or takes nothing more. */
  readonly #open: Record<Role, boolean> = { primary: true, backup: true };
  #linkUp = true;

  constructor(options: LoggingPathOptions) {
    this.#options = options;
    const { run, part, channel, stateBytesMax } = options;
    const endOf = (role: Role): ChannelEnd =>
      new PartEnd({ part, options: { ...channel, role }, role, name: 'channel', shapes: channelShapes, run, stateBytesMax });
    this.#ends = { primary: endOf('primary'), backup: endOf('backup') };
  }

  get linkUp(): boolean {
    return this.#linkUp;
  }

  /** Whether the side still takes part. */
  isOpen(side: Role): boolean {
    return this.#open[side];
  }

  /** The side takes part no more: it is told nothing, and what it had sent may still arrive. */
  close(side: Role): void {
    this.#open[side] = false;
  }

  /** The side has failed: of what it had sent, so many bytes still arrive. Returns how many do not. */
  cut(side: Role, lateBytes: number): number {
    this.close(side);
    const stream = this.#streams[side === 'primary' ? 'backup' : 'primary'];
    const before = stream.bytesInFlight;
    stream.keep(lateBytes);
    return before - stream.bytesInFlight;
  }

  /** The recorder made an entry. */
  append(entry: Uint8Array): void {
    const { run, recording, channel } = this.#options;
    if (!this.#open.primary) return;
    run.trace.appended(recording.entries.length);
    this.#tell('primary', { kind: 'append', entry: entry.slice() });
    const held = recording.entries.length - this.acknowledgedSeq;
    if (held <= channel.bufferEntriesMax) return;
    const expected = `'stall' by the time ${channel.bufferEntriesMax} entries wait for an acknowledgement`;
    run.report('primary bound', 'primary', expected, `${held} wait, and the guest still runs`);
  }

  /** The link delivers the next piece to one side. */
  carry(to: Role, bytesMax: number): void {
    const bytes = this.#streams[to].carry(bytesMax);
    if (bytes.length === 0 || !this.#open[to]) return;
    this.#options.run.trace.arrived(to, bytes.length);
    this.#options.heard(to);
    this.#tell(to, { kind: 'bytes', bytes });
    if (to === 'backup' && this.#options.promptReplay) this.replay(Infinity);
  }

  /** Everything that is in flight to one side now arrives, in pieces of at most so many bytes. */
  carryAll(to: Role, pieceBytesMax: number): void {
    const pieces = Math.ceil(this.bytesInFlight(to) / pieceBytesMax);
    for (let piece = 0; piece < pieces; piece++) this.carry(to, pieceBytesMax);
  }

  /** Bytes on their way to one side. */
  bytesInFlight(to: Role): number {
    return this.#streams[to].bytesInFlight;
  }

  /** The backup replays up to so many of the entries it holds. */
  replay(entriesMax: number): void {
    const { run, replaying } = this.#options;
    if (this.#options.run.ended) return;
    const before = replaying.consumedSeq;
    try {
      replaying.replay(entriesMax);
    } catch (error) {
      if (!(error instanceof ReplayDivergence)) throw error;
      return run.report('same state', 'backup', 'a log that the backup can replay', error.message);
    }
    if (replaying.consumedSeq === before) return;
    run.trace.consumed(before + 1, replaying.consumedSeq);
    this.#tell('backup', { kind: 'consumed', seq: replaying.consumedSeq });
  }

  /** The link breaks, after which so many of the bytes in flight to each side still arrive, late; or it is whole again. */
  setLink(up: boolean, late: Record<Role, number> = { primary: 0, backup: 0 }): void {
    if (up === this.#linkUp) return;
    this.#linkUp = up;
    const inFlight = (): number => this.#streams.primary.bytesInFlight + this.#streams.backup.bytesInFlight;
    const before = inFlight();
    for (const side of ['backup', 'primary'] as const) {
      if (up) this.#streams[side].heal();
      else this.#streams[side].break(late[side]);
    }
    const left = inFlight();
    const words = up ? 'is whole again' : `breaks: ${before - left} bytes lost, ${left} will come late`;
    this.#options.run.trace.mark('link', words, up ? {} : { tone: 'fault' });
    this.#tellBoth({ kind: 'link', up });
  }

  time(nowMs: number): void {
    this.#tellBoth({ kind: 'time', nowMs });
  }

  /** Whether the channel still owes something. Without a primary, only what is in flight and held can still be done. */
  get owes(): boolean {
    const { recording, replaying } = this.#options;
    if (!this.#open.backup) return false;
    if (replaying.held > 0) return true;
    if (!this.#open.primary) return this.#streams.backup.bytesInFlight > 0;
    const appended = recording.entries.length;
    return recording.stalled || this.acknowledgedSeq < appended || replaying.deliveredSeq < appended;
  }

  /** What is owed, in the words of a violation of progress. */
  debt(rounds: number): [expected: string, observed: string] {
    const { recording, replaying } = this.#options;
    const appended = recording.entries.length;
    const { deliveredSeq } = replaying;
    const patience = `after ${rounds} rounds on a whole link`;
    if (!this.#open.primary) return ['an end of the stream to the backup', `bytes still arrive ${patience}`];
    const all = appended === 1 ? 'the one entry' : `all ${appended} entries`;
    if (deliveredSeq < appended) return [`${all} handed over`, `${deliveredSeq} of them ${patience}; entry ${deliveredSeq + 1} is missing`];
    if (this.acknowledgedSeq < appended)
      return [`${all} acknowledged`, `${this.acknowledgedSeq} of them ${patience}, though the backup was handed all`];
    return [`'resume', since nothing waits for an acknowledgement`, `the guest is still stalled ${patience}`];
  }

  #tellBoth(input: ChannelInput): void {
    this.#tell('primary', input);
    this.#tell('backup', input);
  }

  #tell(side: Role, input: ChannelInput): void {
    if (this.#options.run.ended || !this.#open[side]) return;
    for (const effect of this.#ends[side].step(input)) this.#carryOut(side, effect);
  }

  #carryOut(side: Role, effect: ChannelEffect): void {
    const { run, recording } = this.#options;
    run.trace.effect(side, effect);
    switch (effect.kind) {
      case 'send':
        return this.#streams[side === 'primary' ? 'backup' : 'primary'].send(effect.bytes);
      case 'deliver':
        return this.#deliver(effect.seq, effect.entry);
      case 'acknowledged':
        return this.#acknowledge(effect.seq);
      case 'stall':
        return recording.stall('channel');
      case 'resume':
        return recording.resume('channel');
    }
  }

  #deliver(seq: number, entry: Uint8Array): void {
    const { run, judge, recording, replaying } = this.#options;
    if (this.#options.run.ended) return;
    const due = replaying.deliveredSeq + 1;
    if (judge === 'machines') return this.#take(due, entry);
    const appended = recording.entries[seq - 1];
    if (seq < due) return run.report('once', 'backup', `entry ${due} next`, `entry ${seq} again`);
    if (seq > due) return run.report('order', 'backup', `entry ${due} next`, `entry ${seq}`);
    if (appended === undefined) return run.report('content', 'backup', `nothing: the primary appended ${seq - 1} entries`, `entry ${seq}`);
    if (!equalBytes(entry, appended))
      return run.report('content', 'backup', `entry ${seq} as ${hexOf(appended)}`, `entry ${seq} as ${hexOf(entry)}`);
    this.#take(seq, entry);
  }

  #take(seq: number, entry: Uint8Array): void {
    const { run, replaying, channel } = this.#options;
    try {
      replaying.take(seq, entry);
    } catch (error) {
      if (!(error instanceof MalformedEntry)) throw error;
      return run.report('same state', 'backup', 'a log that the backup can read', `entry ${seq} is damaged: ${hexOf(entry)}`);
    }
    if (replaying.held <= channel.bufferEntriesMax) return;
    const expected = `at most ${channel.bufferEntriesMax} entries handed over and not consumed`;
    run.report('backup bound', 'backup', expected, `${replaying.held} with entry ${seq}`);
  }

  #acknowledge(seq: number): void {
    const { run, recording, replaying, acknowledged } = this.#options;
    const { deliveredSeq } = replaying;
    if (seq > deliveredSeq) {
      const expected = `at most entry ${deliveredSeq}, the last that the backup was handed`;
      run.report('acknowledged', 'primary', expected, `entry ${seq} reported as acknowledged`);
    }
    this.acknowledgedSeq = Math.max(this.acknowledgedSeq, Math.min(seq, recording.entries.length));
    acknowledged(this.acknowledgedSeq);
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

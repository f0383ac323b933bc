/**
 * Logic of the live figure of the logging channel (VMware FT, section 3.2): two machines, the reference channel between them, and a link that breaks in
 * the middle of a frame. The link and the machines are those of the simulated world; what is counted passes by on its way through the channel.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions, Role } from '../../../labs-runtime/ft/channel-api.ts';
import * as reference from '../../../labs-runtime/ft/channel.ts';
import { takeFrames } from '../../../labs-runtime/ft/frame.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { Machines } from '../../../labs-runtime/sim/machines.ts';
import type { ChannelPart } from '../../../labs-runtime/sim/part-end.ts';
import type { TraceEvent } from '../../../labs-runtime/sim/trace-event.ts';
import { ROUND_MS, World } from '../../../labs-runtime/sim/world.ts';
import type { WorldEvent } from '../../../labs-runtime/sim/world-event.ts';
import { worldDefaults } from '../../../labs-runtime/sim/world-options.ts';

export interface BreakSettings {
  /** Largest piece in which the link delivers. */
  pieceBytesMax: number;
  /** How much of what is on its way to the backup at the break still arrives, late: from 0, nothing, to 1, all of it. */
  lateShare: number;
  /** Whether the buffers hold far more than the run makes, or three entries, with a backup that replays two in each round. */
  hasRoom: boolean;
}

/** What the channel has done so far. */
export interface ChannelCounts {
  appended: number;
  /** Numbers of the entries that the backup's end handed over, in the order in which it did. */
  handedOver: number[];
  /** Every entry up to this one was reported as acknowledged. */
  acknowledged: number;
  /** Bytes that the primary sent, for entries that it had not sent before, and for those that it had. */
  firstBytes: number;
  againBytes: number;
  /** What the break took: bytes of entries on their way to the backup, and of acknowledgements on their way back. */
  lostBytes: number;
  lostAnswerBytes: number;
  /** Pieces in which the bytes reached the backup. */
  pieces: number;
  /** How long the guest was stalled, in stalls that are over. */
  stalledMs: number;
  /** The longest frame sent. */
  frameBytesMax: number;
  /** Bytes that the backup's end keeps because no frame ends in them yet, and the most that it ever kept. */
  keptBytes: number;
  keptBytesMax: number;
}

export interface BreakFrame {
  rows: TraceEvent[];
  counts: ChannelCounts;
  /** Names of the rules that the channel has broken. */
  brokenRules: string[];
}

/** Entries that fit each buffer where there is little room, and how many the backup then replays in a round. */
const SMALL_BUFFER_ENTRIES = 3;
const SLOW_REPLAY_ENTRIES = 2;

/** Of the first bytes at least so many arrive before the break: one entry whole, and a part of the next. */
const ARRIVED_BYTES_MIN = 24;

/** Rounds after which a channel that still owes entries will not hand them over any more. */
const ROUNDS_MAX = 40;

/** The image that every run needs. */
export function loadGuest(): Promise<Uint8Array> {
  return guests.counter.load();
}

/** Plays the script; a frame after each event. */
export function* playBreak(settings: BreakSettings, image: Uint8Array): Generator<BreakFrame> {
  const counts = nothingCounted();
  const world = worldOf(settings, image, counts);
  world.apply({ kind: 'run', attempts: 6000 });
  const firstEvent = world.run.event + 1;
  for (const event of script(world, settings)) {
    const before = inFlight(world);
    world.apply(event);
    if (event.kind === 'break') {
      const left = inFlight(world);
      counts.lostBytes = before.backup - left.backup;
      counts.lostAnswerBytes = before.primary - left.primary;
    }
    const rows = world.run.trace.rows({ firstEvent, lastEvent: world.run.event, sumsUpLog: false, rowsMax: Infinity });
    yield { rows, counts: structuredClone(counts), brokenRules: world.run.violations.map(({ rule }) => rule) };
  }
}

/** Bytes on their way to each side. */
function inFlight({ path }: World): Record<Role, number> {
  return { primary: path.bytesInFlight('primary'), backup: path.bytesInFlight('backup') };
}

/** What the run came to. */
export function describe({ counts, brokenRules }: BreakFrame): string {
  const { appended, handedOver, acknowledged, stalledMs, frameBytesMax, keptBytesMax } = counts;
  const isWhole = handedOver.length === appended && handedOver.every((seq, index) => seq === index + 1) && acknowledged === appended;
  if (!isWhole || brokenRules.length > 0)
    return `Broken: ${handedOver.length} of ${appended} entries were handed over and ${acknowledged} acknowledged. ${brokenRules.join(', ')}`;
  const sentences = [`All ${appended} entries were handed over once and in order.`, costInWords(counts)];
  if (stalledMs > 0) sentences.push(`The guest stood still for ${stalledMs} ms, since its log had no room.`);
  if (keptBytesMax > frameBytesMax)
    sentences.push(
      `The cut went through the length in a frame’s head: the backup took the other half from what came next, and kept ${keptBytesMax} bytes before it knew better.`,
    );
  return sentences.join(' ');
}

function costInWords({ firstBytes, againBytes, lostBytes, lostAnswerBytes }: ChannelCounts): string {
  const taken = `the break took ${lostBytes || 'none'} of them, and ${lostAnswerBytes} of acknowledgements`;
  return `${firstBytes + againBytes} bytes were sent for ${firstBytes} bytes of frames: ${taken}; ${againBytes} were sent again.`;
}

function nothingCounted(): ChannelCounts {
  const bytes = { firstBytes: 0, againBytes: 0, lostBytes: 0, lostAnswerBytes: 0, frameBytesMax: 0, keptBytes: 0, keptBytesMax: 0 };
  return { ...bytes, appended: 0, handedOver: [], acknowledged: 0, pieces: 0, stalledMs: 0 };
}

/** One event after another. What a piece or the late bytes come to depends on what is on its way then, so each is asked of the world. */
function* script(world: World, { pieceBytesMax, lateShare }: BreakSettings): Generator<WorldEvent> {
  yield { kind: 'console', byte: 'a'.charCodeAt(0) };
  yield { kind: 'run', attempts: 4000 };
  for (let bytes = 0; bytes < ARRIVED_BYTES_MIN; bytes += pieceBytesMax) yield { kind: 'carry', to: 'backup', bytesMax: pieceBytesMax };

  yield { kind: 'break', lateToBackup: Math.floor(inFlight(world).backup * lateShare), lateToPrimary: 0 };
  const late = inFlight(world).backup;
  yield { kind: 'heal' };
  for (let left = late; left > 0; left -= pieceBytesMax) yield { kind: 'carry', to: 'backup', bytesMax: Math.min(left, pieceBytesMax) };

  for (let round = 0; round < ROUNDS_MAX && world.path.owes; round++) {
    // The guest has a turn of its own, so that what it does is not on one row with the acknowledgements that come after it.
    yield { kind: 'run', attempts: 4000 };
    yield { kind: 'pass', forMs: ROUND_MS };
  }
}

function worldOf({ pieceBytesMax, hasRoom }: BreakSettings, image: Uint8Array, counts: ChannelCounts): World {
  const { channel } = worldDefaults;
  const room = hasRoom
    ? { promptReplay: true }
    : { promptReplay: false, replayEntriesPerRound: SLOW_REPLAY_ENTRIES, channel: { ...channel, bufferEntriesMax: SMALL_BUFFER_ENTRIES } };
  const world: World = new World({
    ...worldDefaults,
    seed: 1,
    machines: new Machines(image, guests.counter.ramBytes),
    channelPart: counted(counts, () => world.run.nowMs),
    clients: 0,
    pieceBytesMax,
    ...room,
  });
  return world;
}

/** An end of the channel, and which of the two it is. */
interface CountedEnd {
  role: Role;
  state: reference.ChannelState;
}

/** The reference channel, with a count of what goes through it. */
function counted(counts: ChannelCounts, now: () => number): ChannelPart {
  let [sentSeq, stalledAtMs] = [0, 0];
  const countSent = (bytes: Uint8Array): void => {
    counts.frameBytesMax = Math.max(counts.frameBytesMax, bytes.length);
    const [frame] = takeFrames(bytes, worldDefaults.channel.entryBytesMax).frames;
    if (frame!.seq > sentSeq) counts.firstBytes += bytes.length;
    else counts.againBytes += bytes.length;
    sentSeq = Math.max(sentSeq, frame!.seq);
  };
  const countEffect = (role: Role, effect: ChannelEffect): void => {
    if (effect.kind === 'deliver') counts.handedOver.push(effect.seq);
    else if (effect.kind === 'acknowledged') counts.acknowledged = effect.seq;
    else if (effect.kind === 'stall') stalledAtMs = now();
    else if (effect.kind === 'resume') counts.stalledMs += now() - stalledAtMs;
    else if (role === 'primary') countSent(effect.bytes);
  };
  const part = {
    start: (options: ChannelOptions): CountedEnd => ({ role: options.role, state: reference.start(options) }),
    step: ({ role, state }: CountedEnd, input: ChannelInput): ChannelEffect[] => {
      if (input.kind === 'append') counts.appended += 1;
      if (input.kind === 'bytes' && role === 'backup') counts.pieces += 1;
      const effects = reference.step(state, input);
      for (const effect of effects) countEffect(role, effect);
      if (role === 'backup') counts.keptBytes = state.received.length;
      counts.keptBytesMax = Math.max(counts.keptBytesMax, counts.keptBytes);
      return effects;
    },
  };
  return part as ChannelPart;
}

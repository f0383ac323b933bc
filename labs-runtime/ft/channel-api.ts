/**
 * The logging channel's interface: what its two ends are told, and what they ask to be done.
 * The primary's end takes log entries and gets them across a link that breaks; the backup's end hands them over in order.
 * VMware FT, section 2.2 (the protocol) and section 3.2 (managing the logging channel).
 */

/** Which machine this end of the channel belongs to. Both ends run the same code. */
export type Role = 'primary' | 'backup';

/** What an end is started with. */
export interface ChannelOptions {
  role: Role;
  /** The most entries an end may hold: sent but not acknowledged on the primary, handed over but not consumed on the backup. */
  bufferEntriesMax: number;
  /** The most bytes one entry can have. */
  entryBytesMax: number;
  /** Time after which an entry that nobody acknowledged should be sent again, in milliseconds of virtual time. */
  resendAfterMs: number;
  /**
   * The most entries that share a frame, the same at both ends. Absent or 1, each entry goes out at once, in a frame of its own. With
   * more, entries wait until so many are there, until the buffer is full, or until the next `time`, whichever comes first.
   */
  batchEntriesMax?: number;
}

/** What an end is told, one thing at a step. */
export type ChannelInput =
  /** Primary only: the recorder made a log entry. Numbers start at 1 and go up by 1 in the order of these inputs. */
  | { kind: 'append'; entry: Uint8Array }
  /** The link delivered the next bytes of the stream, in pieces of any size: a piece may hold half a frame, or three. */
  | { kind: 'bytes'; bytes: Uint8Array }
  /**
   * The link broke (`up: false`) or is whole again (`up: true`). A break loses an unknown end of what was sent. What was sent while the
   * link was down is lost. After `up: true`, bytes sent before the break may still arrive, cut anywhere, before any new ones.
   */
  | { kind: 'link'; up: boolean }
  /** Backup only: the replayer is done with every entry up to and including `seq`, so that they no longer count as held. */
  | { kind: 'consumed'; seq: number }
  /** Virtual time, in milliseconds since the start; never goes back, and may be the same as before. */
  | { kind: 'time'; nowMs: number };

/** What an end asks to be done. The order of the returned array is the order in which it happens. */
export type ChannelEffect =
  /** Write these bytes to the link. */
  | { kind: 'send'; bytes: Uint8Array }
  /** Backup only: hand entry number `seq` to the replayer. Once handed over it counts as held until it is consumed. */
  | { kind: 'deliver'; seq: number; entry: Uint8Array }
  /** Primary only: the backup holds every entry up to and including `seq`. Outputs may be released on the strength of it. */
  | { kind: 'acknowledged'; seq: number }
  /** Primary only: the buffer is full, do not run the guest. */
  | { kind: 'stall' }
  /** Primary only: there is room again, let the guest go on. */
  | { kind: 'resume' };

/**
 * What a simulated world is made of: one options object, in which each part of the protocol can be the reference's, a student's, or left out.
 */
import type { ChannelOptions } from '../ft/channel-api.ts';
import type { FailoverOptions } from '../ft/failover-api.ts';
import type { Machines } from './machines.ts';
import type { ChannelPart, FailoverPart, OutputGatePart } from './part-end.ts';

export interface WorldOptions {
  /** Decides the values that the guest reads from the clock. */
  seed: number;
  /** With the guest; those of an earlier world may be taken if it is done with. */
  machines: Machines;
  /** The parts of the protocol. Without a gate outputs leave at once; without failover nobody watches. */
  channelPart: ChannelPart;
  outputGatePart?: OutputGatePart | undefined;
  failoverPart?: FailoverPart | undefined;
  channel: Omit<ChannelOptions, 'role'>;
  failover: Omit<FailoverOptions, 'role'>;
  /** Whether the storage gives the flag to one machine only. */
  flag: boolean;
  /** How many clients there are, numbered from 0. */
  clients: number;
  /** Largest piece in which the link delivers bytes while everything works. */
  pieceBytesMax: number;
  /** Whether the backup replays entries as soon as they are handed over, or waits for `replay` events. */
  promptReplay: boolean;
  /** How many entries the backup replays in one round of time that passes. */
  replayEntriesPerRound: number;
  /** The largest state a part may have, in bytes; Infinity leaves it unmeasured. */
  stateBytesMax: number;
  /**
   * Who says whether the right entries were handed over: `bytes` compares each with what was appended, `machines` replays whatever comes
   * and lets the states of the two machines tell.
   */
  judge: 'bytes' | 'machines';
}

/** The times are a tenth of the paper's few seconds (section 2.3), so that a schedule of a second has room for a failover. */
export const worldDefaults = {
  channel: { bufferEntriesMax: 64, entryBytesMax: 256, resendAfterMs: 50 },
  failover: { heartbeatEveryMs: 50, silenceMaxMs: 250, retryAfterMs: 100 },
  flag: true,
  clients: 2,
  pieceBytesMax: 4000,
  promptReplay: true,
  replayEntriesPerRound: Infinity,
  stateBytesMax: Infinity,
  judge: 'bytes',
} as const satisfies Partial<WorldOptions>;

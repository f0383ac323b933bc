/**
 * What a timed run assumes about the world: how fast processors, links and disks are, and how the protocol is set. One object, so that every table of
 * measurements can print what it rests on. VMware FT, section 5, says the same of its machines in a paragraph.
 */
import type { FailoverOptions } from '../../ft/failover-api.ts';
import type { LagOptions } from '../../ft/lag.ts';
import { lagDefaults } from '../../ft/lag.ts';
import type { MigrateOptions } from '../../ft/migrate.ts';
import { migrateDefaults } from '../../ft/migrate.ts';

/** A way for bytes: they follow each other at a rate, and each then needs the latency. */
export interface LinkOptions {
  mbitPerSecond: number;
  latencyUs: number;
  /** What each packet costs besides its own bytes, and how much of a message a packet carries at most. */
  overheadBytes: number;
  packetBytesMax: number;
}

export interface TimedOptions {
  /** Speed of a processor: instruction attempts in a microsecond. Recording and replaying cost it nothing. */
  attemptsPerUs: number;
  /** Between each two servers, each way: the log, its acknowledgements, and state transfer. */
  serverLink: LinkOptions;
  /** Between all clients and the guest, each way. */
  clientLink: LinkOptions;
  heartbeatLatencyUs: number;
  disk: LinkOptions;
  /** From a test-and-set to its answer. */
  storageLatencyUs: number;
  /** Frames for the guest that its host keeps while the guest has no buffer for them, at most. What comes then is lost. */
  hostFramesMax: number;
  /** Entries of the log that each end of the channel holds, at most, and that share a frame. */
  bufferEntriesMax: number;
  batchEntriesMax: number;
  failover: Omit<FailoverOptions, 'role'>;
  lag: LagOptions;
  migrate: MigrateOptions;
}

/** Preamble 8, header 14, checksum 4 and gap 12 bytes around each Ethernet frame; IPv4 and TCP have 20 each. */
const ETHERNET_BYTES = 38;
const ETHERNET_AROUND_FRAME_BYTES = 24;
const TCP_BYTES = 40;
const ETHERNET_PAYLOAD_BYTES_MAX = 1500;

/**
 * A server that runs an instruction in a nanosecond, in a room with switched Ethernet of 1 Gbit/s. The disk is an array of
 * disks with a cache.
 */
export const timedDefaults: TimedOptions = {
  attemptsPerUs: 1000,
  serverLink: {
    mbitPerSecond: 1000,
    latencyUs: 20,
    overheadBytes: ETHERNET_BYTES + TCP_BYTES,
    packetBytesMax: ETHERNET_PAYLOAD_BYTES_MAX - TCP_BYTES,
  },
  clientLink: { mbitPerSecond: 1000, latencyUs: 100, overheadBytes: ETHERNET_AROUND_FRAME_BYTES, packetBytesMax: Infinity },
  heartbeatLatencyUs: 20,
  disk: { mbitPerSecond: 800, latencyUs: 1000, overheadBytes: 0, packetBytesMax: Infinity },
  storageLatencyUs: 1000,
  hostFramesMax: 512,
  bufferEntriesMax: 512,
  batchEntriesMax: 16,
  failover: { heartbeatEveryMs: 10, silenceMaxMs: 100, retryAfterMs: 50 },
  lag: lagDefaults,
  migrate: migrateDefaults,
};

/** The assumptions in words, a line each. */
export function describeTimedOptions(options: TimedOptions): string[] {
  const { serverLink, clientLink, disk, failover, lag } = options;
  return [
    `processor: ${options.attemptsPerUs} instructions a microsecond; recording and replaying cost it nothing (see the cost of recording below)`,
    `between servers: ${linkInWords(serverLink)}; heartbeats ${options.heartbeatLatencyUs} us`,
    `to the clients: ${linkInWords(clientLink)}; the host keeps at most ${options.hostFramesMax} frames for a guest that has no room`,
    `shared disk: ${linkInWords(disk)}; test-and-set on shared storage ${options.storageLatencyUs} us`,
    `channel: ${options.bufferEntriesMax} entries at each end, at most ${options.batchEntriesMax} in a frame; an output's entry goes out at once`,
    `failover: heartbeat each ${failover.heartbeatEveryMs} ms, failed after ${failover.silenceMaxMs} ms of silence; lag control past ${lag.lagMsMax} ms`,
  ];
}

function linkInWords({ mbitPerSecond, latencyUs, overheadBytes }: LinkOptions): string {
  return `${mbitPerSecond} Mbit/s, ${latencyUs} us${overheadBytes === 0 ? '' : `, ${overheadBytes} bytes around each packet`}`;
}

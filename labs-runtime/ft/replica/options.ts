/**
 * What a replica is made of: one options object in which each mechanism of the protocol can be replaced by one's own, or left out. This is how a
 * student's part takes its place, and how a figure or a search shows what goes wrong without one. VMware FT, sections 2 and 3.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions } from '../channel-api.ts';
import * as channel from '../channel.ts';
import type { CheckpointEffect, CheckpointInput, CheckpointOptions } from '../checkpoint.ts';
import * as checkpoint from '../checkpoint.ts';
import { checkpointDefaults } from '../checkpoint.ts';
import type { DiskQueueEffect, DiskQueueInput, DiskQueueOptions } from '../disk-queue.ts';
import * as diskQueue from '../disk-queue.ts';
import { diskQueueDefaults } from '../disk-queue.ts';
import type { FailoverEffect, FailoverInput, FailoverOptions } from '../failover-api.ts';
import * as failover from '../failover.ts';
import type { LagEffect, LagInput, LagOptions } from '../lag.ts';
import * as lag from '../lag.ts';
import { lagDefaults } from '../lag.ts';
import { ENTRY_BYTES_MAX } from '../log-codec.ts';
import type { MigrateEffect, MigrateInput, MigrateOptions } from '../migrate.ts';
import * as migrate from '../migrate.ts';
import { migrateDefaults } from '../migrate.ts';
import type { OutputGateEffect, OutputGateInput, OutputGateOptions } from '../output-gate-api.ts';
import * as outputGate from '../output-gate.ts';
import type { Part } from '../part.ts';

/** The parts of the protocol: what each is started with, is told, and asks for. */
export interface PartTypes {
  /** Section 3.2. */
  channel: { options: ChannelOptions; input: ChannelInput; effect: ChannelEffect };
  /** Section 2.2. */
  outputGate: { options: OutputGateOptions; input: OutputGateInput; effect: OutputGateEffect };
  /** Section 2.3. */
  failover: { options: FailoverOptions; input: FailoverInput; effect: FailoverEffect };
  /** Section 3.2: how a primary is slowed. */
  lag: { options: LagOptions; input: LagInput; effect: LagEffect };
  /** Section 3.1. */
  migrate: { options: MigrateOptions; input: MigrateInput; effect: MigrateEffect };
  /** In place of a log, for guests with several harts. */
  checkpoint: { options: CheckpointOptions; input: CheckpointInput; effect: CheckpointEffect };
  /** Section 3.4. */
  diskQueue: { options: DiskQueueOptions; input: DiskQueueInput; effect: DiskQueueEffect };
}

export type PartName = keyof PartTypes;

export type ReplicaParts = {
  [Name in PartName]: Part<PartTypes[Name]['options'], PartTypes[Name]['input'], PartTypes[Name]['effect']>;
};

/** What the hosts do around the parts; each can be turned off. */
export interface Mechanisms {
  /** An output waits until its own log entry is acknowledged, or its epoch held (2.2). */
  holdsOutputs: boolean;
  /** A power-off ends the pair only when everything that the guest made is outside (2.2). */
  finishesOutputs: boolean;
  /** An idle guest's log says from time to time that the primary lives (2.3: silence of the log counts as failure). */
  keepsLogAlive: boolean;
  /** A backup that goes live makes again the outputs of which it does not know that they left (2.2). */
  remakesOutputs: boolean;
  /** It asks the disk again for what was pending there (3.4). */
  reissuesDisk: boolean;
  /** It tells the network where the guest is now (2.3). */
  announces: boolean;
  /** Its guest never reads an earlier time than before. */
  continuesClock: boolean;
  /** It runs what it holds of the log before it goes live (2.3). */
  replaysToEnd: boolean;
  /** What a disk read brings reaches the guest's memory only at its completion, whose place is logged (3.4). */
  bouncesDisk: boolean;
  /** A machine that serves alone looks for a new backup (3.1). */
  restoresRedundancy: boolean;
  /** A primary whose backup falls behind gets less of its processor (3.2). */
  controlsLag: boolean;
  /** At the switch of a migration nothing of the guest's is with the disk (3.3). */
  quiesces: boolean;
  /** What arrives for another generation of the pair is dropped. */
  checksGeneration: boolean;
  /** The backup asks the disk for the reads itself, and the log does not carry what they got (4.2). Off in the paper's product. */
  backupReadsDisk: boolean;
  /** Then a write waits until the backup has done the reads of the same place that came before it (4.2). */
  writesAwaitBackupReads: boolean;
}

export interface ReplicaOptions {
  parts: ReplicaParts;
  mechanisms: Mechanisms;
  channel: Omit<ChannelOptions, 'role'>;
  failover: Omit<FailoverOptions, 'role'>;
  lag: LagOptions;
  /** Speed of a guest that has the whole processor: how lag control turns attempts into time. */
  attemptsPerMs: number;
  migrate: MigrateOptions;
  checkpoint: CheckpointOptions;
  /** How long an epoch lasts. */
  epochMs: number;
  diskQueue: DiskQueueOptions;
  /** How a backup follows: by the log of inputs, or by checkpoints of state, which is all that works for several harts. */
  follows: 'log' | 'checkpoints';
  /**
   * One disk for both machines, whose writes are outputs; or one for each, whose writes are part of the machine's own state, on the primary as on the
   * backup (4.1).
   */
  disk: 'shared' | 'local';
}

export const referenceParts: ReplicaParts = {
  channel: channel as ReplicaParts['channel'],
  outputGate: outputGate as ReplicaParts['outputGate'],
  failover: failover as ReplicaParts['failover'],
  lag: lag as ReplicaParts['lag'],
  migrate: migrate as ReplicaParts['migrate'],
  checkpoint: checkpoint as ReplicaParts['checkpoint'],
  diskQueue: diskQueue as ReplicaParts['diskQueue'],
};

export const referenceMechanisms: Mechanisms = {
  holdsOutputs: true,
  finishesOutputs: true,
  keepsLogAlive: true,
  remakesOutputs: true,
  reissuesDisk: true,
  announces: true,
  continuesClock: true,
  replaysToEnd: true,
  bouncesDisk: true,
  restoresRedundancy: true,
  controlsLag: true,
  quiesces: true,
  checksGeneration: true,
  backupReadsDisk: false,
  writesAwaitBackupReads: true,
};

/** The times are a tenth of the paper's few seconds (2.3). */
export const replicaDefaults: ReplicaOptions = {
  parts: referenceParts,
  mechanisms: referenceMechanisms,
  channel: { bufferEntriesMax: 64, entryBytesMax: ENTRY_BYTES_MAX, resendAfterMs: 50 },
  failover: { heartbeatEveryMs: 50, silenceMaxMs: 250, retryAfterMs: 100 },
  lag: lagDefaults,
  attemptsPerMs: 10_000,
  migrate: migrateDefaults,
  checkpoint: checkpointDefaults,
  epochMs: 25,
  diskQueue: diskQueueDefaults,
  follows: 'log',
  disk: 'shared',
};

/**
 * How a backup follows by checkpoints, where replay could not: state is sent an epoch at a time, and outputs wait for it. In place of walk one's
 * steps 2 to 4; see `ft/checkpoint.ts`.
 */
import type { CheckpointEffect } from '../checkpoint.ts';
import { assembled, pagesChangedSince, restOf, takeRest } from './guest-image.ts';
import type { Host } from './host.ts';
import type { TransferMessage } from './messages.ts';
import { releaseOutput } from './outputs.ts';
import { noteFinished, finishIfHeld } from './power-off.ts';

type CheckpointMessage = Extract<TransferMessage, { kind: 'checkpoint' }>;

/** An epoch that has lasted long enough ends. */
export function endEpoch(host: Host): void {
  const { state, options } = host;
  if (state.checkpoint === null || state.isSwitching || state.nowMs - state.epochAtMs < options.epochMs) return;
  state.epochAtMs = state.nowMs;
  host.tell('checkpoint', { kind: 'epoch end' });
}

export function carryOutCheckpoint(host: Host, effect: CheckpointEffect): void {
  if (effect.kind === 'release') return releaseOutput(host, effect.operation);
  const { state } = host;
  noteFinished(host, effect.epoch);
  const pages = pagesChangedSince(host);
  const message: CheckpointMessage = { kind: 'checkpoint', generation: state.generation, epoch: effect.epoch, pages, rest: restOf(host) };
  host.emit({ kind: 'transfer', to: state.peer, message });
}

/** The backup takes a checkpoint: whole, or not at all. */
export function takeCheckpoint(host: Host, { epoch, pages, rest, generation }: CheckpointMessage): void {
  const { state } = host;
  host.tell('failover', { kind: 'log traffic' });
  // Once it has declared a failure, its state is the last that it held.
  if (state.isAtEnd) return;
  host.adopt(host.slot.load(assembled(host, pages, rest)));
  takeRest(host, rest);
  state.epoch = epoch;
  host.emit({ kind: 'transfer', to: state.peer, message: { kind: 'checkpoint held', generation, epoch } });
  if (!rest.isFinished) return;
  state.finishedSeq = epoch;
  host.tell('failover', { kind: 'power-off' });
}

/** The primary hears that the backup holds an epoch. */
export function takeCheckpointHeld(host: Host, epoch: number): void {
  host.tell('failover', { kind: 'log traffic' });
  host.tell('checkpoint', { kind: 'held', epoch });
  finishIfHeld(host, epoch);
}

/**
 * Checkpoints in place of replay, the primary's side, for a machine of several harts. Beside walk one: it does the output gate's work where
 * there is no log. The way of Remus (Cully and others, 2008), to which VMware FT, section 4, compares itself.
 *
 * Harts that run at once race for memory, and no log of inputs says who won. So the state itself is sent, an epoch at a time, and an output
 * waits until the backup holds the state at the end of its epoch. A backup that goes live starts from the last state it holds: what the
 * primary did after it is lost, and nobody outside has seen any of it.
 */

/** What the primary's side is started with. Precondition: the pair's machines are equal, as a migration leaves them (section 3.1). */
export interface CheckpointOptions {
  /** The most epochs that are captured and that the backup does not hold yet; at least 1. It bounds the memory that captured pages take. */
  unheldMax: number;
}

/** One checkpoint on its way while the guest runs the next epoch. */
export const checkpointDefaults: CheckpointOptions = { unheldMax: 1 };

/** What the primary's side is told, one thing at a step. */
export type CheckpointInput =
  /** The guest made an output, in the present epoch: a frame, a console byte, a write to a shared disk. Told in the order they are made. */
  | { kind: 'output'; operation: number }
  /** It is time for a checkpoint. */
  | { kind: 'epoch end' }
  /** The backup holds the checkpoint of this epoch and all before it: it is made of changes only. May come twice, or for an older one. */
  | { kind: 'held'; epoch: number }
  /** This machine goes on alone. */
  | { kind: 'peer lost' };

/** What it asks to be done, in the order of the returned array. */
export type CheckpointEffect =
  /**
   * Between two attempts of the guest, read the pages changed since the last capture and everything that is not RAM; send them as this
   * epoch's checkpoint. The guest goes on at once, in the next epoch.
   */
  | { kind: 'capture'; epoch: number }
  /** Let the output happen now. */
  | { kind: 'release'; operation: number };

/** An output that waits, with the epoch in which it was made. */
interface HeldOutput {
  operation: number;
  epoch: number;
}

export interface CheckpointState {
  unheldMax: number;
  /** Whether there is no backup to wait for. */
  isAlone: boolean;
  /** The epoch that the guest is in, from 1. */
  epoch: number;
  /** The backup holds the checkpoints up to this one. Invariant: `epoch - 1 - heldEpoch` is 0 to `unheldMax`. */
  heldEpoch: number;
  /** Invariant: in the order they were made, of epochs after `heldEpoch`; none while alone. */
  held: HeldOutput[];
}

/** The first epoch, with nothing captured and nothing held. */
export function start({ unheldMax }: CheckpointOptions): CheckpointState {
  return { unheldMax, isAlone: false, epoch: 1, heldEpoch: 0, held: [] };
}

/** Tells the primary's side one thing; returns what is to be done, in order. Changes `state` in place. */
export function step(state: CheckpointState, input: CheckpointInput): CheckpointEffect[] {
  switch (input.kind) {
    case 'output':
      if (state.isAlone) return [release(input)];
      state.held.push({ operation: input.operation, epoch: state.epoch });
      return [];
    case 'epoch end':
      return endEpoch(state);
    case 'held':
      return hold(state, input.epoch);
    case 'peer lost':
      state.isAlone = true;
      return state.held.splice(0).map(release);
  }
}

/** While as many checkpoints as may be are on their way, the epoch goes on: its outputs wait longer, the guest does not. */
function endEpoch(state: CheckpointState): CheckpointEffect[] {
  const unheld = state.epoch - 1 - state.heldEpoch;
  if (state.isAlone || unheld >= state.unheldMax) return [];
  return [{ kind: 'capture', epoch: state.epoch++ }];
}

/** An epoch that was never captured cannot be held: the message is not of this pair, and nothing may leave on the strength of it. */
function hold(state: CheckpointState, epoch: number): CheckpointEffect[] {
  const isNew = epoch > state.heldEpoch && epoch < state.epoch;
  if (!isNew) return [];
  state.heldEpoch = epoch;
  const due = state.held.filter((output) => output.epoch <= epoch);
  state.held = state.held.filter((output) => output.epoch > epoch);
  return due.map(release);
}

function release({ operation }: { operation: number }): CheckpointEffect {
  return { kind: 'release', operation };
}

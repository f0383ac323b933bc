/**
 * How a machine gets a backup without being shut down: live pre-copy, the source's side. Beside walk one: it makes the pair that the walk
 * starts with. VMware FT, section 3.1 (FT VMotion), where the source stays, as the primary, and the copy becomes its backup.
 *
 * The first round sends all of RAM while the guest runs on; each further round sends what the guest has changed since the last was read.
 * Once little is left, or a guest that changes memory faster than it can be sent has had its rounds, the guest stops for the rest.
 */

/** What a migration is started with. */
export interface MigrateOptions {
  /** The most rounds in which the guest runs on, counting the first; at least 1. It bounds the work for a guest that never calms down. */
  roundsMax: number;
  /** The guest is stopped as soon as no more than this many pages are left. It bounds the pause, unless the rounds ran out. */
  stopPagesMax: number;
}

/** Sizes for machines of a few hundred pages: the pause is that of sending 4 of them. */
export const migrateDefaults: MigrateOptions = { roundsMax: 8, stopPagesMax: 4 };

/** What the source is told, one thing at a step. Only of its present destination: what an abandoned one still says is not passed on. */
export type MigrateInput =
  /** Somebody wants a backup, and a destination is there. `pages` are all pages of RAM, by number. */
  | { kind: 'begin'; pages: number[] }
  /**
   * The destination has the last round whole. `dirty` are the pages that the guest has changed since that round was read; it makes
   * no further attempt before the effects are carried out. Told once a round.
   */
  | { kind: 'round held'; dirty: number[] }
  /** The destination has everything and runs as the backup. It says so again whenever the link is whole again. */
  | { kind: 'ready' }
  /** The destination or the link to it is gone. */
  | { kind: 'peer lost' };

/** What the source asks to be done, in the order of the returned array. */
export type MigrateEffect =
  /** Read these pages now and send them as round number `round`, counted from 1. The guest runs on. */
  | { kind: 'copy'; round: number; pages: number[] }
  /** Stop the guest. */
  | { kind: 'stop' }
  /**
   * Once the disk is quiet (3.3), read these pages and what the disk has changed since, everything that is not RAM, and where the log will start; send
   * them. They are the last.
   */
  | { kind: 'finish'; pages: number[] }
  /** Let the guest go on, as the primary of the new pair. Its log starts at the position at which it was stopped. */
  | { kind: 'resume' }
  /** Forget the destination. The guest never stopped, and a new `begin` may come. */
  | { kind: 'abandon' };

/**
 * - `idle`: no destination;
 * - `copying`: a round is on its way, the guest runs;
 * - `switching`: the guest is stopped, the destination gets the rest;
 * - `done`: the guest runs as the primary of a pair. The next migration starts with a new state.
 */
export type MigratePhase = 'idle' | 'copying' | 'switching' | 'done';

export interface MigrateState {
  roundsMax: number;
  stopPagesMax: number;
  phase: MigratePhase;
  /** Number of the last round; 0 while there was none. Invariant: at most `roundsMax`. */
  round: number;
}

/** A source that nobody has asked for a backup yet. */
export function start({ roundsMax, stopPagesMax }: MigrateOptions): MigrateState {
  return { roundsMax, stopPagesMax, phase: 'idle', round: 0 };
}

/** Tells the source one thing; returns what is to be done, in order. Changes `state` in place. What does not fit the phase is ignored. */
export function step(state: MigrateState, input: MigrateInput): MigrateEffect[] {
  switch (input.kind) {
    case 'begin':
      return state.phase === 'idle' ? copy(state, input.pages) : [];
    case 'round held':
      return state.phase === 'copying' ? goOn(state, input.dirty) : [];
    case 'ready':
      return state.phase === 'switching' ? resume(state) : [];
    case 'peer lost':
      return losePeer(state);
  }
}

function goOn(state: MigrateState, dirty: number[]): MigrateEffect[] {
  const isLittle = dirty.length <= state.stopPagesMax;
  return isLittle || state.round >= state.roundsMax ? finish(state, dirty) : copy(state, dirty);
}

function copy(state: MigrateState, pages: number[]): MigrateEffect[] {
  state.phase = 'copying';
  state.round += 1;
  return [{ kind: 'copy', round: state.round, pages }];
}

function finish(state: MigrateState, pages: number[]): MigrateEffect[] {
  state.phase = 'switching';
  return [{ kind: 'stop' }, { kind: 'finish', pages }];
}

function resume(state: MigrateState): MigrateEffect[] {
  state.phase = 'done';
  return [{ kind: 'resume' }];
}

/**
 * After `finish` the source cannot know how far the destination got: it may be a backup already, may hear nothing of a primary and go live.
 * So the guest stays stopped until the destination is heard again, or until the test-and-set of failover says which of the two goes on (section
 * 2.3); a destination that never got everything asks for no flag, and the source wins it. To go on at a late `ready` is safe even if the destination
 * has gone live since: the guest is a primary then, and none of its outputs leaves without an acknowledgement.
 */
function losePeer(state: MigrateState): MigrateEffect[] {
  if (state.phase !== 'copying') return [];
  state.phase = 'idle';
  state.round = 0;
  return [{ kind: 'abandon' }];
}

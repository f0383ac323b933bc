/**
 * Lag control: keeps the backup from falling too far behind, by giving the primary's machine a smaller share of the processor, and gives the share back
 * when the backup is close again. VMware FT, section 3.2: the further behind a backup is, the longer it takes to go live after a failure.
 *
 * A lag is measured in work: the time that the primary, with its full share, takes from the backup's place in the log to its own. So, while the
 * backup is busy, the lag grows by exactly as many percent of the time that passes as the primary's share is above the backup's speed, and a
 * change of the share shows in the very next lags. (The age of what the backup runs now shows it only when the backup gets there, and a loop
 * that is told this age goes on lowering the share for a whole lag too long.)
 *
 * The loop takes one step at most in each `adjustEveryMs`, by the growth of the lag since it last looked:
 * - past `lagMsMax` it lowers the share until the lag shrinks by at least half of `stepPercent`, so that any lag is worked off in the end;
 * - below `lagMsCalm` it raises the share until the lag grows;
 * - in between it leaves the share alone, however the lag moves.
 *
 * Where it settles, against a backup of constant speed, in percent of a primary with its full share: it lowers only from above
 * `speed - stepPercent / 2` and raises only from `speed` or below, so the share stays between `speed - 1.5 * stepPercent` and
 * `speed + stepPercent` (and between `sharePercentMin` and 100). It swings no further because each look at the growth is at the present share's
 * alone, and within the band it moves one or two steps each time that the lag has crossed from one bound to the other, which takes many seconds
 * at such shares. Lags told late or unevenly widen the band: by one step each way if a lag is told up to `adjustEveryMs` late, and by
 * `100 * d / adjustEveryMs` each way if the backup's place is known with a delay that varies by up to d.
 *
 * How far the backup falls behind: say that w is the longest time between two looks, in milliseconds (`adjustEveryMs` and at most one interval between
 * two lags told). If the lag is below the bound, and the backup's speed becomes g percent less than the share, the lag grows to at most
 * `lagMsMax + w * (g + stepPercent) ** 2 / (200 * stepPercent)`, and once settled to at most `lagMsMax + w * stepPercent / 100`. This needs a
 * speed of at least `sharePercentMin + stepPercent / 2`. Against a slower backup the share stays at its least, and the full buffers of the
 * logging channel stall the primary.
 */

export interface LagOptions {
  /** A lag longer than this lowers the share, in milliseconds. */
  lagMsMax: number;
  /** A lag shorter than this raises it again. */
  lagMsCalm: number;
  /** The least time between two steps of the share, above 0. */
  adjustEveryMs: number;
  /** By how much of a whole processor one step changes the share. */
  stepPercent: number;
  /** The least share. */
  sharePercentMin: number;
}

/** The bound is the paper's, and so is that each step is a few percent. */
export const lagDefaults: LagOptions = { lagMsMax: 1000, lagMsCalm: 500, adjustEveryMs: 100, stepPercent: 5, sharePercentMin: 20 };

/** What lag control is told, one thing at a step. */
export type LagInput =
  /** How far behind the backup is now, in milliseconds of the primary's work; 0 or more. */
  | { kind: 'lag'; lagMs: number }
  /** Virtual time, in milliseconds since the start; never goes back. */
  | { kind: 'time'; nowMs: number }
  /** This machine goes on alone: nobody can fall behind any more. */
  | { kind: 'peer lost' };

/** What lag control asks to be done. */
export type LagEffect =
  /** From now on the guest gets this share of the processor. It is 100 until the first such effect; the same share is never asked for twice in a row. */
  { kind: 'share'; percent: number };

export interface LagState {
  options: LagOptions;
  nowMs: number;
  sharePercent: number;
  /** The lag when the loop last looked, and when that was. At the start, both machines are at the same place. */
  comparedLagMs: number;
  comparedMs: number;
  /** Whether there is no backup to wait for. */
  alone: boolean;
}

/** A primary with the whole of its processor, and a backup that is level with it. */
export function start(options: LagOptions): LagState {
  return { options, nowMs: 0, sharePercent: 100, comparedLagMs: 0, comparedMs: 0, alone: false };
}

/** Tells lag control one thing; returns what is to be done. Changes `state` in place. */
export function step(state: LagState, input: LagInput): LagEffect[] {
  switch (input.kind) {
    case 'lag':
      return hearLag(state, input.lagMs);
    case 'time':
      state.nowMs = input.nowMs;
      return [];
    case 'peer lost':
      state.alone = true;
      return setShare(state, 100);
  }
}

function hearLag(state: LagState, lagMs: number): LagEffect[] {
  const passedMs = state.nowMs - state.comparedMs;
  if (state.alone || passedMs < state.options.adjustEveryMs) return [];
  const growthPercent = (100 * (lagMs - state.comparedLagMs)) / passedMs;
  state.comparedLagMs = lagMs;
  state.comparedMs = state.nowMs;
  return setShare(state, nextShare(state, lagMs, growthPercent));
}

function nextShare({ options, sharePercent }: LagState, lagMs: number, growthPercent: number): number {
  const { lagMsMax, lagMsCalm, stepPercent, sharePercentMin } = options;
  if (lagMs > lagMsMax && growthPercent > -stepPercent / 2) return Math.max(sharePercentMin, sharePercent - stepPercent);
  if (lagMs < lagMsCalm && growthPercent <= 0) return Math.min(100, sharePercent + stepPercent);
  return sharePercent;
}

function setShare(state: LagState, percent: number): LagEffect[] {
  if (percent === state.sharePercent) return [];
  state.sharePercent = percent;
  return [{ kind: 'share', percent }];
}

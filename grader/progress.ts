/** How far a class is, in one line: a bar, a count, a rate and what is left. Time is an argument. */

/** Seconds as people say them: `40 s`, `3 min 20 s`, `2 h 5 min`. */
function inWords(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const BAR_MAX = 30;

export interface Progress {
  done: number;
  /** Of these, how many were known from an earlier run: they say nothing about the rate. */
  known: number;
  total: number;
  elapsedMs: number;
}

/** E.g. `██████░░░░ 312 of 1000, 85 a minute, 8 min 6 s left`, in so many characters at most. */
export function progressLine({ done, known, total, elapsedMs }: Progress, width: number): string {
  const perMinute = ((done - known) / elapsedMs) * 60_000;
  const pace =
    done > known && done < total && elapsedMs > 0
      ? `, ${perMinute.toFixed(perMinute < 10 ? 1 : 0)} a minute, ${inWords(((total - done) / perMinute) * 60)} left`
      : '';
  const words = `${done} of ${total}${pace}`;
  const bar = Math.min(BAR_MAX, width - words.length - 1);
  if (bar < 5) return words.slice(0, width);
  const filled = Math.floor((bar * done) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(bar - filled)} ${words}`;
}

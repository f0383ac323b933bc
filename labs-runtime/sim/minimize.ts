/**
 * Makes a failing list of events short: delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
 * input", 2002), as far as the allowance of runs reaches. Last step of a search, before a trace is shown.
 */

/**
 * The shortest list found, of which `fails` still says true; if the runs sufficed, no single event can be left out of it.
 * `fails` must be deterministic and true for `events`. At most `runsMax` calls of it are made.
 */
export function minimize<Event>(events: Event[], fails: (events: Event[]) => boolean, runsMax: number): Event[] {
  let shortest = events;
  let runs = 0;
  let size = Math.ceil(events.length / 2);
  while (size >= 1) {
    let removed = false;
    // From the end: what happened after the failure goes first, and most of a schedule with it.
    for (let at = shortest.length - size; at > -size; at -= size) {
      if (runs++ >= runsMax) return shortest;
      const from = Math.max(at, 0);
      const candidate = [...shortest.slice(0, from), ...shortest.slice(at + size)];
      if (candidate.length === shortest.length || !fails(candidate)) continue;
      shortest = candidate;
      removed = true;
    }
    if (!removed || size > 1) {
      if (size === 1) break;
      size = Math.floor(size / 2);
    }
  }
  return shortest;
}

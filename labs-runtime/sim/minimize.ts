/**
 * Makes a failing list of events short: delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing
 * input", 2002), as far as the allowance of runs reaches. Last step of a search, before a trace is shown.
 */

/** Asks about one list after the other, each to be answered with whether it fails too; returns the shortest that does. */
export type Shortening<Event> = Generator<Event[], Event[], boolean>;

/**
 * The shortest list found, of which `fails` still says true; if the runs sufficed, no single event can be left out of it.
 * `fails` must be deterministic and true for `events`. At most `runsMax` calls of it are made.
 */
export function minimize<Event>(events: Event[], fails: (events: Event[]) => boolean, runsMax: number): Event[] {
  let shortest = events;
  const shortening = leaveOut(events);
  let next = shortening.next();
  for (let runs = 0; !next.done && runs < runsMax; runs++) {
    const candidate = next.value;
    const isFailing = fails(candidate);
    if (isFailing) shortest = candidate;
    next = shortening.next(isFailing);
  }
  return shortest;
}

/** Leaves out more and more, in ever smaller pieces. In the end it has asked, for each event that is left, about the list without it. */
export function* leaveOut<Event>(events: Event[]): Shortening<Event> {
  let shortest = events;
  let size = Math.ceil(events.length / 2);
  while (size >= 1) {
    let removed = false;
    // From the end: what happened after the failure goes first, and most of a schedule with it.
    for (let at = shortest.length - size; at > -size; at -= size) {
      const candidate = [...shortest.slice(0, Math.max(at, 0)), ...shortest.slice(at + size)];
      if (!(yield candidate)) continue;
      shortest = candidate;
      removed = true;
    }
    // The last size goes round until nothing more can be left out.
    if (size > 1) size = Math.floor(size / 2);
    else if (!removed) break;
  }
  return shortest;
}

/**
 * The browser's side of `progress.ts`: localStorage, the other tabs, and the elements of this page. Where the browser refuses to store, or
 * its storage is full, progress lives as long as the page does, and whoever changed it is told that it was not kept.
 */
import { BEST_KEY_PREFIX, parseProgress, parseScore, PROGRESS_KEY, type Progress, type Score } from './progress.ts';

/** Tells the elements of this page that progress has changed. */
const changes = new EventTarget();

/** What could not be written, so that this page still shows it. */
let unsaved: Progress | undefined;

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Progress as of now, with what other tabs have written. */
export function currentProgress(): Progress {
  return unsaved ?? parseProgress(read(PROGRESS_KEY));
}

/** The best score of a lab, if it was ever run. */
export function bestScore(labId: string): Score | undefined {
  return parseScore(read(BEST_KEY_PREFIX + labId));
}

/** Changes progress. What is stored is read in the same breath, so that no other tab's marks get lost. Returns whether it was kept. */
export function updateProgress(change: (progress: Progress) => Progress): boolean {
  const before = currentProgress();
  const after = change(before);
  if (after === before) return unsaved === undefined;
  try {
    localStorage.setItem(PROGRESS_KEY, JSON.stringify(after));
    unsaved = undefined;
  } catch {
    unsaved = after;
  }
  changes.dispatchEvent(new Event('change'));
  return unsaved === undefined;
}

/** Calls `listener` whenever progress or a score changes, in this page or another tab, and when an old page comes back from the cache. */
export function onProgressChange(listener: () => void): void {
  changes.addEventListener('change', listener);
  addEventListener('storage', ({ key }) => {
    if (key === null || key === PROGRESS_KEY || key.startsWith(BEST_KEY_PREFIX)) listener();
  });
  addEventListener('pageshow', ({ persisted }) => persisted && listener());
}

/** Forgets everything read and every best score. Returns what undoes it. Texts written in labs are not touched. */
export function clearProgress(labIds: string[]): () => void {
  const keys = [PROGRESS_KEY, ...labIds.map((id) => BEST_KEY_PREFIX + id)];
  const kept = keys.map((key) => [key, read(key)] as const);
  const keptUnsaved = unsaved;
  unsaved = undefined;
  for (const key of keys) tryTo(() => localStorage.removeItem(key));
  changes.dispatchEvent(new Event('change'));
  return () => {
    unsaved = keptUnsaved;
    for (const [key, value] of kept) if (value !== null) tryTo(() => localStorage.setItem(key, value));
    changes.dispatchEvent(new Event('change'));
  };
}

function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // Refused or full: there was nothing to clear, or there is no room to put it back.
  }
}

/** Keeps the best score of a lab in this browser. The sidebar and the home page show it; nothing else depends on it. */
import { BEST_KEY_PREFIX, parseScore, type Score } from '../components/progress/progress.ts';
import type { KeyValueStore } from './storage.ts';

/** Keeps a run's score if no earlier one was as good. A store that refuses changes nothing else. */
export function keepBestScore(store: KeyValueStore, labId: string, { points, pointsMax }: Score): void {
  const key = BEST_KEY_PREFIX + labId;
  try {
    const best = parseScore(store.get(key) ?? null);
    if (best === undefined || points / pointsMax > best.points / best.pointsMax) store.set(key, JSON.stringify({ points, pointsMax }));
  } catch {
    // Refused or full: the score is in the report, and the next run may be kept.
  }
}

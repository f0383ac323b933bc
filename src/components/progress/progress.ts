/**
 * What a reader has read, and where they were: plain data, and the rules by which it changes. It is kept in localStorage under one key
 * (`browser-progress.ts`); the elements beside this file show it. Labs keep their own best score, which is only read here.
 */
import type { PageId } from '../course.ts';

/** The one key of reading progress. Its value is a `Progress` as JSON. */
export const PROGRESS_KEY = 'lockstep:progress';

/** A lab's best score is kept by the workspace under this and the lab's id, as JSON `{ points, pointsMax }`. */
export const BEST_KEY_PREFIX = 'lockstep:best:';

/** A place in the course: a page, and the heading that was on screen when it was left. */
export interface Place {
  page: PageId;
  /** The heading's id; missing for the top of the page. */
  heading?: string;
}

export interface Progress {
  /** Chapters that are read (true), and those that the reader has unticked (false): their end on screen does not tick them again. */
  read: Record<PageId, boolean>;
  /** Where the reader was last, in a chapter or a lab. */
  last?: Place;
}

export interface Score {
  points: number;
  pointsMax: number;
}

function parseObject(json: string | null): Record<string, unknown> {
  try {
    const value: unknown = json === null ? null : JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Progress as stored. What is missing, or was written there by something else, counts as nothing read. */
export function parseProgress(json: string | null): Progress {
  const { read, last } = parseObject(json);
  const marks = Object.entries(read ?? {}).filter((mark): mark is [PageId, boolean] => typeof mark[1] === 'boolean');
  const progress: Progress = { read: Object.fromEntries(marks) };
  const { page, heading } = (last ?? {}) as Partial<Record<keyof Place, unknown>>;
  if (typeof page === 'string') progress.last = typeof heading === 'string' ? { page, heading } : { page };
  return progress;
}

/** A lab's best score as stored; undefined for none, and for what is no score. */
export function parseScore(json: string | null): Score | undefined {
  const { points, pointsMax } = parseObject(json);
  const isScore = typeof points === 'number' && typeof pointsMax === 'number' && points >= 0 && points <= pointsMax && pointsMax > 0;
  return isScore ? { points, pointsMax } : undefined;
}

export function isRead({ read }: Progress, page: PageId): boolean {
  return read[page] === true;
}

/** The reader ticked the page, or unticked it. */
export function withTick(progress: Progress, page: PageId, isTicked: boolean): Progress {
  return progress.read[page] === isTicked ? progress : { ...progress, read: { ...progress.read, [page]: isTicked } };
}

/** The page's end has been on screen. It counts as read, unless the reader has said otherwise. */
export function withEndSeen(progress: Progress, page: PageId): Progress {
  return page in progress.read ? progress : withTick(progress, page, true);
}

/** The reader is at this place now. A page that is opened again keeps the heading at which it was left. */
export function withVisit(progress: Progress, page: PageId): Progress {
  return progress.last?.page === page ? progress : { ...progress, last: { page } };
}

/** The reader leaves a page at this heading, unless another page was opened since: then that one is where they are. */
export function withLeft(progress: Progress, place: Place): Progress {
  return progress.last?.page === place.page ? { ...progress, last: place } : progress;
}

/**
 * Where to go on: where the reader was; but after a chapter that is read, the next one that is not. Undefined for a reader who has just
 * come, and for one who has read everything.
 */
export function placeToContinue(progress: Progress, chapters: PageId[]): Place | undefined {
  const { last } = progress;
  if (last === undefined || !isRead(progress, last.page)) return last;
  const at = chapters.indexOf(last.page);
  const inOrder = [...chapters.slice(at + 1), ...chapters.slice(0, at + 1)];
  const page = inOrder.find((each) => !isRead(progress, each));
  return page === undefined ? undefined : { page };
}

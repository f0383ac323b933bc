/**
 * A student's text, kept so that nothing gets lost: not by a reset, a reload, a hang, or a second tab on the same lab.
 * Pure logic over a key-value store that the host passes in (localStorage in the page, a map in tests). The workspace calls `change`
 * at each keystroke, `flush` after a pause and when the page goes away, and `catchUp` when another tab has written.
 *
 * Each save names the save it was based on. A save that is not based on the latest one overwrites somebody's text, so that text is
 * first put into the list of versions, each under a key of its own: two tabs that write at one moment can't erase each other's.
 */

/** What `localStorage` offers, with its keys as a list. Any call may throw: storage can be full, or refused. */
export interface KeyValueStore {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  keys(): string[];
}

/** Why a text was put into the list of versions. */
export type VersionReason = 'reset' | 'restore' | 'other tab';

/** An earlier text of a file. */
export interface Version {
  key: string;
  text: string;
  reason: VersionReason;
  keptAtMs: number;
}

/** The latest save of a file, as stored. `based` is the `id` of the save it replaced. */
interface Saved {
  id: string;
  based: string;
  text: string;
}

export interface DraftOptions {
  store: KeyValueStore;
  /** Lab and file, e.g. `logging-channel/channel.ts`. */
  name: string;
  /** The text that the file starts with, and returns to on reset. */
  starter: string;
  /** A name for this tab that no other open tab has. */
  tab: string;
  nowMs: () => number;
}

export interface SaveResult {
  saved: boolean;
  /** Set when another tab's text was overwritten, and kept. */
  kept?: Version;
}

export interface CatchUpResult {
  /** The text is another than before: show it. */
  changed: boolean;
  /** Set when this tab's text had to give way, or replaced another's: it is in the list of versions. */
  kept?: Version;
  /** False when text of this tab could not be written. */
  saved: boolean;
}

const prefix = 'lockstep/v1/';

/** One file of a lab in one tab. */
export class Draft {
  readonly #options: DraftOptions;
  /** The save that this tab's text continues; empty for the starter. */
  #base = '';
  #savedText: string | undefined;
  #text: string;
  #count = 0;

  constructor(options: DraftOptions) {
    this.#options = options;
    this.#text = this.#savedText = options.starter;
    this.#adopt(this.#tryRead());
  }

  get text(): string {
    return this.#text;
  }

  /** Whether there is text that is not in the store yet. */
  get dirty(): boolean {
    return this.#text !== this.#savedText;
  }

  /** The student typed: `text` is the whole file now. Nothing is written before `flush`. */
  change(text: string): void {
    this.#text = text;
  }

  /** Writes what is not written yet. Text of another tab that this overwrites is kept as a version; if it can't be kept, nothing is overwritten. */
  flush(): SaveResult {
    if (!this.dirty) return { saved: true };
    try {
      const kept = this.#keepIfForeign(this.#read());
      this.#write();
      return { saved: true, kept };
    } catch {
      return { saved: false };
    }
  }

  /** Call when another tab may have written: on a storage event, and when the page is shown again. */
  catchUp(): CatchUpResult {
    const latest = this.#tryRead();
    const isOurs = latest === undefined ? this.#base === '' : latest.id === this.#base;
    if (isOurs && !this.dirty) return { changed: false, saved: true };
    if (latest === undefined || this.dirty) {
      // Also when somebody emptied the store while the text is still on this screen: it is written again.
      this.#savedText = undefined;
      const { saved, kept } = this.flush();
      return { changed: false, saved, kept };
    }
    // The other tab did not know our last save: both wrote at once. Ours gives way, and stays as a version.
    const lost = latest.based !== this.#base && this.#base.startsWith(`${this.#options.tab}.`) && latest.text !== this.#text;
    const kept = lost ? this.#tryKeep(this.#text, 'other tab') : undefined;
    const changed = latest.text !== this.#text;
    this.#adopt(latest);
    return { changed, kept, saved: true };
  }

  /**
   * Replaces the text, by the starter or by an earlier version. The present text goes to the list of versions first; undefined, and nothing
   * changed, when that was not possible.
   */
  replace(text: string, reason: VersionReason): Version | undefined {
    const kept = this.#tryKeep(this.#text, reason);
    if (!kept) return undefined;
    this.#text = text;
    this.flush();
    return kept;
  }

  /** Earlier texts, the latest first. */
  versions(): Version[] {
    const { store } = this.#options;
    try {
      return store
        .keys()
        .filter((key) => key.startsWith(this.#versionPrefix))
        .map((key) => parseVersion(key, store.get(key)))
        .filter((version) => version !== undefined)
        .sort((one, other) => other.keptAtMs - one.keptAtMs || (other.key < one.key ? -1 : 1));
    } catch {
      return [];
    }
  }

  get #key(): string {
    return `${prefix}${this.#options.name}`;
  }

  get #versionPrefix(): string {
    return `${this.#key}#`;
  }

  #read(): Saved | undefined {
    return parseSaved(this.#options.store.get(this.#key));
  }

  #tryRead(): Saved | undefined {
    try {
      return this.#read();
    } catch {
      return undefined;
    }
  }

  #adopt(saved: Saved | undefined): void {
    if (!saved) return;
    this.#base = saved.id;
    this.#text = this.#savedText = saved.text;
  }

  #keepIfForeign(latest: Saved | undefined): Version | undefined {
    const isForeign = latest !== undefined && latest.id !== this.#base && latest.text !== this.#text;
    return isForeign ? this.#keep(latest.text, 'other tab') : undefined;
  }

  #keep(text: string, reason: VersionReason): Version {
    // A text that is there already moves to the top.
    const same = this.versions().find((version) => version.text === text);
    const key = same?.key ?? `${this.#versionPrefix}${this.#nextId()}`;
    const version = { text, reason, keptAtMs: this.#options.nowMs() };
    this.#options.store.set(key, JSON.stringify(version));
    return { key, ...version };
  }

  #tryKeep(text: string, reason: VersionReason): Version | undefined {
    try {
      return this.#keep(text, reason);
    } catch {
      return undefined;
    }
  }

  #write(): void {
    const saved: Saved = { id: this.#nextId(), based: this.#base, text: this.#text };
    this.#options.store.set(this.#key, JSON.stringify(saved));
    this.#adopt(saved);
  }

  /** Different in each tab and for each save, also across reloads of one tab. */
  #nextId(): string {
    this.#count += 1;
    return `${this.#options.tab}.${this.#options.nowMs()}.${this.#count}`;
  }
}

function parseObject(json: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = json === undefined ? undefined : JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What is stored under a file's key; undefined for nothing, and for what something else wrote there. */
function parseSaved(json: string | undefined): Saved | undefined {
  const { id, based, text } = parseObject(json) ?? {};
  return typeof id === 'string' && typeof based === 'string' && typeof text === 'string' ? { id, based, text } : undefined;
}

function parseVersion(key: string, json: string | undefined): Version | undefined {
  const { text, reason, keptAtMs } = parseObject(json) ?? {};
  const isReason = reason === 'reset' || reason === 'restore' || reason === 'other tab';
  return typeof text === 'string' && isReason && typeof keptAtMs === 'number' ? { key, text, reason, keptAtMs } : undefined;
}

/**
 * All files of a lab in this tab: when to save them, and when to look whether another tab did. Wires `storage.ts` to the page's events;
 * the workspace shows what this says.
 */
import { Draft, type KeyValueStore, type Version, type VersionReason } from './storage.ts';

/** How long after the last keystroke a text is saved. */
const saveAfterMs = 400;

export interface DraftsOptions {
  labId: string;
  /** Text of each file's starter, by the file's name. */
  starters: Record<string, string>;
  store: KeyValueStore;
  tab: string;
  /** Whether all that was typed is saved; called after each attempt and each keystroke. */
  onStatus: (status: SaveStatus) => void;
  /** Another tab's text of a file is to be shown here. */
  onAdopt: (file: string, text: string) => void;
  /** A text had to give way to another tab's, and went to the list of versions. */
  onKept: (file: string, version: Version) => void;
}

export type SaveStatus = 'saved' | 'saving' | 'not saved';

export class Drafts {
  readonly #options: DraftsOptions;
  readonly #drafts: Map<string, Draft>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DraftsOptions) {
    this.#options = options;
    const { labId, store, tab } = options;
    const nowMs = () => Date.now();
    this.#drafts = new Map(
      Object.entries(options.starters).map(([file, starter]) => [
        file,
        new Draft({ store, name: `${labId}/${file}`, starter, tab, nowMs }),
      ]),
    );
  }

  text(file: string): string {
    return this.#draft(file).text;
  }

  versions(file: string): Version[] {
    return this.#draft(file).versions();
  }

  change(file: string, text: string): void {
    this.#draft(file).change(text);
    if (!this.#draft(file).dirty) return;
    this.#options.onStatus('saving');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), saveAfterMs);
  }

  /** Saves at once what is not saved yet. */
  flush(): void {
    clearTimeout(this.#timer);
    for (const [file, draft] of this.#drafts) {
      const { kept } = draft.flush();
      if (kept) this.#options.onKept(file, kept);
    }
    this.#reportStatus();
  }

  /** As `Draft.replace`. */
  replace(file: string, text: string, reason: VersionReason): Version | undefined {
    const kept = this.#draft(file).replace(text, reason);
    this.#reportStatus();
    return kept;
  }

  /** Listens to the page's events until the returned function is called. */
  listen(): () => void {
    const stop = new AbortController();
    const options = { signal: stop.signal };
    const flush = () => this.flush();
    const catchUp = () => this.#catchUp();
    addEventListener('pagehide', flush, options);
    addEventListener('pageshow', catchUp, options);
    addEventListener('storage', catchUp, options);
    document.addEventListener('visibilitychange', () => (document.visibilityState === 'hidden' ? flush() : catchUp()), options);
    addEventListener('beforeunload', (event) => this.#warnIfUnsaved(event), options);
    return () => {
      this.flush();
      stop.abort();
    };
  }

  #draft(file: string): Draft {
    const draft = this.#drafts.get(file);
    if (!draft) throw new Error(`the lab has no file ${file}`);
    return draft;
  }

  #catchUp(): void {
    for (const [file, draft] of this.#drafts) {
      const { changed, kept } = draft.catchUp();
      if (changed) this.#options.onAdopt(file, draft.text);
      if (kept) this.#options.onKept(file, kept);
    }
    this.#reportStatus();
  }

  #reportStatus(): void {
    const dirty = [...this.#drafts.values()].some((draft) => draft.dirty);
    this.#options.onStatus(dirty ? 'not saved' : 'saved');
  }

  /** The last resort, when the store refuses: the browser asks before it closes the tab. */
  #warnIfUnsaved(event: BeforeUnloadEvent): void {
    this.flush();
    if ([...this.#drafts.values()].some((draft) => draft.dirty)) event.preventDefault();
  }
}

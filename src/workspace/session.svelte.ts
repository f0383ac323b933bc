/**
 * One visit to a lab: the student's texts, the editor, the last report, and what the page says about them. The views only draw this
 * and call its methods. Monaco and the pipeline come in by `open`, after the page is there.
 */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';
import type { SourcePosition } from '../../labs-runtime/ft/part.ts';
import { keepBestScore } from './best-score.ts';
import { browserStore, storeWorks, tabName } from './browser-store.ts';
import { downloadText } from './download.ts';
import { Drafts, type SaveStatus } from './drafts.ts';
import type { CodeEditor } from './editor/code-editor.ts';
import { apiSources, checksPath, checksSource, runtimeSources, studentPath } from './lab-files.ts';
import type { RuntimeAddress } from './run/messages.ts';
import { replayNotice, type Replay } from './replay.ts';
import { Runner, type Progress } from './run/runner.ts';
import type { Version, VersionReason } from './storage.ts';

export interface SessionOptions {
  lab: Lab;
  /** Text of each file's starter, by the file's name. */
  starters: Record<string, string>;
  runtime: RuntimeAddress;
}

export interface NoticeText {
  text: string;
  action?: { label: string; run: () => void };
}

/** The name under which the tab of `checks.ts` is known among the student's files. */
export const checksFile = 'checks.ts';

export class Session {
  readonly lab: Lab;
  readonly #options: SessionOptions;
  #drafts: Drafts | undefined;
  #editor: CodeEditor | undefined;
  #onRun: () => void = () => undefined;
  #runner: Runner | undefined;

  /** The file shown in the editor: one of the student's, or `checks.ts`. */
  file = $state('');
  editorReady = $state(false);
  saveStatus = $state<SaveStatus>('saved');
  progress = $state<Progress>({ kind: 'idle' });
  report = $state.raw<Report | undefined>(undefined);
  /** Id of the check that a link asked for, in the run that it started. */
  asked = $state<string | undefined>(undefined);
  /** The browser's own words on crashes of the last run, by the check's title. */
  crashes = $state.raw(new Map<string, string>());
  /** The report's canonical JSON, byte for byte what the command prints. */
  reportJson = $state('');
  /** The texts were changed after the run that made the report. */
  stale = $state(false);
  notice = $state.raw<NoticeText | undefined>(undefined);
  versions = $state.raw<Version[] | undefined>(undefined);

  constructor(options: SessionOptions) {
    this.#options = options;
    this.lab = options.lab;
    this.file = options.lab.files[0];
  }

  get running(): boolean {
    return this.progress.kind === 'preparing' || this.progress.kind === 'running';
  }

  /** Loads the student's texts and then the editor into `element`, where Control Enter calls `onRun`. Returns what ends the visit. */
  open(element: HTMLElement, onRun: () => void): () => void {
    this.#onRun = onRun;
    const store = browserStore();
    const { lab, starters, runtime } = this.#options;
    const drafts = new Drafts({
      labId: lab.id,
      starters,
      store,
      tab: tabName(),
      onStatus: (status) => (this.saveStatus = status),
      onAdopt: (file, text) => this.#editor?.replace(studentPath(lab.id, file), text),
      onKept: (file, version) => this.#sayKept(file, version),
    });
    this.#drafts = drafts;
    if (!storeWorks(store)) this.saveStatus = 'not saved';
    const stopListening = drafts.listen();
    const runner = new Runner({
      lab,
      runtime,
      starters,
      checksSource: () => checksSource(lab.id),
      onProgress: (progress) => (this.progress = progress),
    });
    this.#runner = runner;
    void this.#openEditor(element).catch((error: unknown) =>
      this.#say(`The editor could not be loaded (${String(error)}). Reload the page to try again.`),
    );
    return () => {
      stopListening();
      runner.dispose();
      this.#editor?.dispose();
    };
  }

  async show(file: string): Promise<void> {
    const editor = this.#editor;
    if (!editor) return;
    if (file === checksFile) await this.#loadChecks(editor);
    this.file = file;
    editor.show(this.#path(file));
  }

  /** Runs the checks on what is in the editor now. `asked` is the id of the check to look at first. */
  async run(asked?: string): Promise<void> {
    if (!this.#drafts || !this.#runner || this.running) return;
    const drafts = this.#drafts;
    this.asked = asked;
    drafts.flush();
    const files = Object.fromEntries(this.lab.files.map((file) => [file, drafts.text(file)]));
    this.stale = false;
    const outcome = await this.#runner.run(files);
    if (outcome.kind !== 'report') return;
    this.report = outcome.report;
    this.reportJson = outcome.json;
    this.crashes = new Map(outcome.crashes.map(({ check, text }) => [check, text]));
    keepBestScore(browserStore(), this.lab.id, outcome.report);
    this.#mark(outcome.report);
  }

  /** Runs the checks because a link asks for one of them, and says so where something else comes of it. */
  async replay(replay: Replay): Promise<void> {
    if (this.lab.checks.some(({ id }) => id === replay.check)) await this.run(replay.check);
    const notice = replayNotice(this.lab, replay, this.report);
    if (notice !== undefined) this.#say(notice);
  }

  stop(): void {
    this.#runner?.stop();
  }

  reveal(position: SourcePosition): void {
    if (!this.lab.files.includes(position.file)) return;
    void this.show(position.file);
    this.#editor?.reveal(this.#path(position.file), position);
  }

  /** Back to the starter; the present text is kept, and one click brings it back. */
  reset(): void {
    const starter = this.#options.starters[this.#studentFile]!;
    if (this.#drafts?.text(this.#studentFile) === starter) this.#say('The file is as it was at the start.');
    else this.#replace(starter, 'reset', `${this.#studentFile} is back to its start.`);
  }

  restore(version: Version): void {
    this.versions = undefined;
    this.#replace(version.text, 'restore', `An earlier text of ${this.#studentFile} is back.`);
  }

  listVersions(): void {
    this.#drafts?.flush();
    this.versions = this.#drafts?.versions(this.#studentFile) ?? [];
  }

  /** Shows in an element what has changed since an earlier text. Returns what takes that away. */
  compare(element: HTMLElement, version: Version): () => void {
    return this.#editor?.compare(element, this.#path(this.#studentFile), version.text) ?? (() => undefined);
  }

  downloadFile(text = this.#drafts?.text(this.#studentFile) ?? ''): void {
    downloadText(this.#studentFile, text);
  }

  downloadReport(): void {
    downloadText(`${this.lab.id}-report.json`, this.reportJson, 'application/json');
  }

  /** The student's file that the buttons act on: the one shown, or the first while `checks.ts` is. */
  get #studentFile(): string {
    return this.file === checksFile ? this.lab.files[0] : this.file;
  }

  #path(file: string): string {
    return file === checksFile ? checksPath(this.lab.id) : studentPath(this.lab.id, file);
  }

  async #openEditor(element: HTMLElement): Promise<void> {
    // Never on the server: the condition keeps Monaco out of the bundle that renders pages.
    if (import.meta.env.SSR) return;
    const { CodeEditor } = await import('./editor/code-editor.ts');
    const byPath = new Map([...this.lab.files, checksFile].map((file) => [this.#path(file), file]));
    const editor = new CodeEditor({
      element,
      libraries: apiSources(),
      onChange: (path, text) => this.#changed(byPath.get(path)!, text),
      onRun: this.#onRun,
      onOpen: (path) => (this.file = byPath.get(path) ?? this.file),
    });
    this.#editor = editor;
    for (const file of this.lab.files) editor.add(this.#path(file), this.#drafts!.text(file));
    editor.show(this.#path(this.file));
    this.editorReady = true;
    this.#runner?.loadWhenIdle();
  }

  async #loadChecks(editor: CodeEditor): Promise<void> {
    if (editor.has(checksPath(this.lab.id))) return;
    const text = await checksSource(this.lab.id);
    editor.add(checksPath(this.lab.id), text, true);
    const [sources, { vitestTypes }] = await Promise.all([runtimeSources(), import('./editor/vitest-types.ts')]);
    editor.addLibraries([...sources, { path: 'vitest.d.ts', text: vitestTypes }]);
  }

  #changed(file: string, text: string): void {
    this.stale = true;
    this.#drafts?.change(file, text);
  }

  #replace(text: string, reason: VersionReason, done: string): void {
    const file = this.#studentFile;
    const kept = this.#drafts?.replace(file, text, reason);
    if (!kept) {
      this.#say(`Nothing was changed: the browser would not keep your present text. Download it first.`, 'Download', () =>
        this.downloadFile(),
      );
      return;
    }
    this.#editor?.replace(this.#path(file), text);
    this.#say(done, 'Undo', () => {
      this.notice = undefined;
      this.#drafts?.replace(file, kept.text, 'restore');
      this.#editor?.replace(this.#path(file), kept.text);
    });
  }

  #mark(report: Report): void {
    const failing = report.checks.filter((check) => check.verdict !== 'pass' && check.position);
    const marks = failing.map((check) => ({
      position: check.position!,
      message: `${check.title}: ${check.failure?.rule ?? check.verdict}`,
    }));
    if (report.problem?.position) marks.push({ position: report.problem.position, message: report.problem.message });
    const ofStudent = marks.filter(({ position }) => this.lab.files.includes(position.file));
    this.#editor?.mark(ofStudent.map((mark) => ({ ...mark, path: this.#path(mark.position.file) })));
  }

  #sayKept(file: string, version: Version): void {
    const show = () => {
      this.notice = undefined;
      this.listVersions();
    };
    if (version.reason === 'other tab')
      this.#say(`Two tabs wrote to ${file}. Both texts are kept; the other is under Earlier texts.`, 'Show', show);
  }

  #say(text: string, label?: string, run?: () => void): void {
    this.notice = label && run ? { text, action: { label, run } } : { text };
  }
}

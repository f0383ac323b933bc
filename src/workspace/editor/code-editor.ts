/**
 * The editor of the workspace: one Monaco view, a model a file, and what the rest of the page asks of it (open, replace, mark, reveal).
 * Each file keeps its own cursor, scroll position and undo history while others are shown.
 */
import type { SourcePosition } from '../../../labs-runtime/ft/part.ts';
import { keys } from '../keys.ts';
import type { SourceFile } from '../lab-files.ts';
import { addSources, configureTypeScript, monaco, sourceUri } from './monaco.ts';
import { followPageTheme } from './theme.ts';

const markerOwner = 'lockstep';

/** How text looks in every view. */
const looks = {
  automaticLayout: true,
  fontSize: 13.5,
  lineHeight: 21,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  smoothScrolling: false,
  wordWrap: 'on',
  overviewRulerBorder: false,
  stickyScroll: { enabled: false },
} satisfies monaco.editor.IEditorOptions & { automaticLayout: boolean };

export interface CodeEditorOptions {
  element: HTMLElement;
  /** What IntelliSense knows besides the open files. */
  libraries: SourceFile[];
  /** The text of an editable file changed, by typing or by `replace`. */
  onChange: (path: string, text: string) => void;
  onRun: () => void;
  /** The student went to the definition of something in a file that is open here. */
  onOpen: (path: string) => void;
}

/** A note at a place in a file, drawn under the code and in the margin. */
export interface Mark {
  path: string;
  position: SourcePosition;
  message: string;
}

export class CodeEditor {
  readonly #options: CodeEditorOptions;
  readonly #view: monaco.editor.IStandaloneCodeEditor;
  readonly #viewStates = new Map<string, monaco.editor.ICodeEditorViewState | null>();
  readonly #readOnly = new Set<string>();
  readonly #disposals: (() => void)[] = [];
  #shown: string | undefined;

  constructor(options: CodeEditorOptions) {
    this.#options = options;
    configureTypeScript();
    addSources(options.libraries);
    this.#disposals.push(followPageTheme());
    this.#view = monaco.editor.create(options.element, {
      ...looks,
      model: null,
      ariaLabel: `Code editor. Press ${keys.leave} to let Tab leave it.`,
      fontFamily: getComputedStyle(options.element).fontFamily,
      padding: { top: 12, bottom: 12 },
      renderFinalNewline: 'on',
      tabSize: 2,
      wrappingIndent: 'indent',
      fixedOverflowWidgets: true,
      renderLineHighlight: 'line',
      bracketPairColorization: { enabled: false },
      guides: { indentation: true },
    });
    this.#view.addAction({
      id: 'lockstep.run',
      label: 'Run the checks',
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter],
      run: () => options.onRun(),
    });
    const opener = monaco.editor.registerEditorOpener({ openCodeEditor: (_source, uri, at) => this.#openFrom(uri, at) });
    this.#disposals.push(() => opener.dispose());
  }

  /** Adds a file without showing it. A file that is there already stays as it is. */
  add(path: string, text: string, readOnly = false): void {
    if (this.has(path)) return;
    const model = monaco.editor.createModel(text, 'typescript', sourceUri(path));
    // One line ending on every system: what is saved, compiled and hashed must not depend on where it was typed.
    model.setEOL(monaco.editor.EndOfLineSequence.LF);
    if (readOnly) this.#readOnly.add(path);
    else model.onDidChangeContent(() => this.#options.onChange(path, this.text(path)));
  }

  has(path: string): boolean {
    return monaco.editor.getModel(sourceUri(path)) !== null;
  }

  show(path: string): void {
    if (path === this.#shown) return;
    if (this.#shown !== undefined) this.#viewStates.set(this.#shown, this.#view.saveViewState());
    const readOnly = this.#readOnly.has(path);
    this.#view.setModel(this.#model(path));
    this.#view.updateOptions({ readOnly, readOnlyMessage: { value: 'This file is the lab’s. Yours is in the other tab.' } });
    this.#view.restoreViewState(this.#viewStates.get(path) ?? null);
    this.#shown = path;
  }

  text(path: string): string {
    return this.#model(path).getValue(monaco.editor.EndOfLinePreference.LF);
  }

  /** Replaces a whole file as one edit, which the editor's own undo takes back. */
  replace(path: string, text: string): void {
    const model = this.#model(path);
    if (this.text(path) === text) return;
    model.pushStackElement();
    model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
    model.pushStackElement();
  }

  /** Shows in an element what has changed in a file since it had an earlier text. Returns what takes that away. */
  compare(element: HTMLElement, path: string, earlier: string): () => void {
    const original = monaco.editor.createModel(earlier, 'typescript');
    const view = monaco.editor.createDiffEditor(element, {
      ...looks,
      fontFamily: getComputedStyle(this.#options.element).fontFamily,
      readOnly: true,
      tabFocusMode: true,
      renderSideBySide: false,
      renderOverviewRuler: false,
      renderGutterMenu: false,
      hideUnchangedRegions: { enabled: true },
      originalAriaLabel: 'Earlier text',
      modifiedAriaLabel: 'Present text, with what has changed since',
    });
    view.setModel({ original, modified: this.#model(path) });
    return () => {
      view.dispose();
      original.dispose();
    };
  }

  /** Shows these marks and no others. */
  mark(marks: Mark[]): void {
    monaco.editor.removeAllMarkers(markerOwner);
    for (const path of new Set(marks.map((mark) => mark.path))) {
      const model = this.#model(path);
      const ofPath = marks.filter((mark) => mark.path === path);
      const severity = monaco.MarkerSeverity.Warning;
      const markers = ofPath.map(({ position, message }) => ({ ...markedRange(model, position), message, severity, source: 'checks' }));
      monaco.editor.setModelMarkers(model, markerOwner, markers);
    }
  }

  /** Shows a place and puts the cursor there. */
  reveal(path: string, { line, column }: Pick<SourcePosition, 'line' | 'column'>): void {
    this.show(path);
    this.#view.revealLineInCenterIfOutsideViewport(line);
    this.#view.setPosition({ lineNumber: line, column });
    this.#view.focus();
  }

  /** Makes more files known to IntelliSense. */
  addLibraries(files: SourceFile[]): void {
    addSources(files.filter(({ path }) => !this.has(path)));
  }

  focus(): void {
    this.#view.focus();
  }

  dispose(): void {
    this.#disposals.forEach((dispose) => dispose());
    this.#view.dispose();
    monaco.editor.getModels().forEach((model) => model.dispose());
  }

  #model(path: string): monaco.editor.ITextModel {
    const model = monaco.editor.getModel(sourceUri(path));
    if (!model) throw new Error(`no file ${path} is open in the editor`);
    return model;
  }

  /** Goes to a definition in another file: known sources open read-only. */
  #openFrom(uri: monaco.Uri, at: monaco.IRange | monaco.IPosition | undefined): boolean {
    const path = uri.path.slice(1);
    if (!this.has(path)) return false;
    this.#options.onOpen(path);
    this.show(path);
    if (at)
      this.reveal(
        path,
        'lineNumber' in at ? { line: at.lineNumber, column: at.column } : { line: at.startLineNumber, column: at.startColumn },
      );
    return true;
  }
}

/** From the position to the end of the word there, or of the line. */
function markedRange(model: monaco.editor.ITextModel, { line, column }: SourcePosition): monaco.IRange {
  const lineNumber = Math.min(line, model.getLineCount());
  const word = model.getWordAtPosition({ lineNumber, column });
  const endColumn = word && word.endColumn > column ? word.endColumn : model.getLineMaxColumn(lineNumber);
  return { startLineNumber: lineNumber, startColumn: column, endLineNumber: lineNumber, endColumn: Math.max(endColumn, column + 1) };
}

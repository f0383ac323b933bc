/**
 * Monaco with TypeScript and nothing else: the one place that imports it. Loaded by lab pages only, and lazily there.
 * Its two workers are named here, because Vite can't bundle the ones that Monaco would start by itself.
 */
import * as monaco from 'monaco-editor/editor';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import 'monaco-editor/features/register.all';
import 'monaco-editor/languages/definitions/typescript/register';
import { ModuleKind, ModuleResolutionKind, ScriptTarget, typescriptDefaults } from 'monaco-editor/languages/features/typescript/register';
import TypeScriptWorker from 'monaco-editor/languages/features/typescript/ts.worker?worker';
import type { SourceFile } from '../lab-files.ts';

export { monaco };

self.MonacoEnvironment = {
  getWorker: (_module, label) => (label === 'typescript' ? new TypeScriptWorker() : new EditorWorker()),
};

/** Set up once for the page: the same strictness as the repository's own tsconfig, within TypeScript 5.9 that Monaco brings. */
export function configureTypeScript(): void {
  typescriptDefaults.setCompilerOptions({
    target: ScriptTarget.ESNext,
    lib: ['es2023'],
    module: ModuleKind.ESNext,
    moduleResolution: ModuleResolutionKind.NodeJs,
    strict: true,
    noEmit: true,
    allowNonTsExtensions: true,
    allowImportingTsExtensions: true,
    noUncheckedIndexedAccess: true,
    baseUrl: 'file:///',
    paths: { 'lockstep/*': ['src/labs/*/api.ts'] },
  });
  typescriptDefaults.setEagerModelSync(true);
}

/** Address of a file of the repository in the editor. */
export function sourceUri(path: string): monaco.Uri {
  return monaco.Uri.parse(`file:///${path}`);
}

/** Makes files known to IntelliSense without opening them. Files that are open as models are not to be among them. */
export function addSources(files: SourceFile[]): void {
  for (const { path, text } of files) typescriptDefaults.addExtraLib(text, sourceUri(path).toString());
}

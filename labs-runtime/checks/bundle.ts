/**
 * Bundles a student's files, and a lab's checks, with esbuild over files in memory. Walk two, step 1.
 * esbuild is an argument: wasm in the page, native in Node, of one version, and the same bytes come out.
 */
import type { BuildFailure, BuildOptions, BuildResult, Message, OnResolveArgs, Plugin } from 'esbuild';
import type { SourcePosition } from '../ft/part.ts';
import type { Lab } from './lab.ts';
import type { Problem } from './report.ts';

/** The part of esbuild that is used, native or wasm. */
export interface Esbuild {
  build(options: BuildOptions): Promise<BuildResult>;
}

/** File names, as the lab lists them or beside those, and their text. */
export type SubmissionFiles = Readonly<Record<string, string>>;

/** A student's files as one ES module that exports `start` and `step`. */
export interface SubmissionBundle {
  code: string;
  /** Source map as JSON; its sources are the names of the files. */
  map: string;
}

const shared: BuildOptions = {
  bundle: true,
  write: false,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  logLevel: 'silent',
  treeShaking: true,
};

/** What stands at the top of a submission's bundle: it makes a missing export an error of esbuild's. */
const ENTRY = 'entry';

/** Bundles a submission. A mistake of the student's comes back as a `Problem`, with its position. */
export async function bundleSubmission(esbuild: Esbuild, lab: Lab, files: SubmissionFiles): Promise<SubmissionBundle | Problem> {
  try {
    const result = await esbuild.build({
      ...shared,
      entryPoints: [ENTRY],
      outfile: 'part.js',
      format: 'esm',
      sourcemap: 'external',
      sourcesContent: false,
      tsconfigRaw: { compilerOptions: { strict: true, verbatimModuleSyntax: false } },
      plugins: [submissionFiles(lab, files)],
    });
    const code = outputText(result, '.js');
    // esbuild takes a file without a single export for a module of the old kind, and makes up what it exports.
    if (code.includes('__commonJS') || result.warnings.some(({ id }) => id === 'import-is-undefined')) {
      return { message: `${lab.files[0]} exports nothing: a part exports two functions, start and step.` };
    }
    return { code, map: outputText(result, '.js.map').replaceAll('"part:', '"') };
  } catch (error) {
    const message = firstMessage(error);
    if (message === undefined) throw error;
    return problemOf(message, lab);
  }
}

/**
 * Bundles a lab's checks as CommonJS, whose imports `runChecks` answers: `vitest`, `part`, and paths below `labs-runtime/`.
 * Throws what esbuild throws: checks that do not compile are a bug of ours.
 */
export async function bundleChecks(esbuild: Esbuild, lab: Lab, checksSource: string): Promise<string> {
  const result = await esbuild.build({
    ...shared,
    entryPoints: ['checks.ts'],
    outfile: 'checks.js',
    format: 'cjs',
    plugins: [checksFile(lab, checksSource)],
  });
  return outputText(result, '.js');
}

function submissionFiles(lab: Lab, files: SubmissionFiles): Plugin {
  const entry = `export { start, step } from './${lab.files[0]}';`;
  return {
    name: 'submission',
    setup(build) {
      build.onResolve({ filter: /.*/ }, (request) => {
        if (request.kind === 'entry-point') return { path: ENTRY, namespace: 'part' };
        return resolveImport(lab, files, request);
      });
      build.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) =>
        // The entry as JavaScript: in TypeScript a missing export might be a type, and passes unseen.
        path === ENTRY ? { contents: entry, loader: 'js' } : { contents: withoutMap(files[path]!), loader: 'ts' },
      );
      // A lab's types vanish; a value imported from them finds an empty module, and is told so.
      build.onLoad({ filter: /.*/, namespace: 'types' }, () => ({ contents: 'export {};', loader: 'ts' }));
    },
  };
}

/** A file may say where it was made from, and esbuild believes it: a report would name files and lines that the student made up. */
function withoutMap(text: string): string {
  return text.replaceAll('sourceMappingURL', 'sourceMappingIgnored');
}

function resolveImport(lab: Lab, files: SubmissionFiles, { path, importer, kind }: OnResolveArgs) {
  if (kind !== 'import-statement') return { errors: [{ text: 'A part cannot import while it runs: import at the top of the file' }] };
  if (path === `lockstep/${lab.id}`) return { path, namespace: 'types' };
  if (path.startsWith('./')) {
    const wanted = new URL(path, `file:///${importer}`).pathname.slice(1);
    const found = [wanted, `${wanted}.ts`, wanted.replace(/\.js$/, '.ts')].find((name) => Object.hasOwn(files, name));
    if (found !== undefined) return { path: found, namespace: 'part' };
  }
  const names = Object.keys(files).map((name) => `'./${name}'`);
  return {
    errors: [{ text: `'${path}' cannot be imported: a part can import ${names.join(', ')} and the types of 'lockstep/${lab.id}' only` }],
  };
}

function checksFile(lab: Lab, source: string): Plugin {
  return {
    name: 'checks',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
        if (kind === 'entry-point') return { path, namespace: 'checks' };
        if (path === 'vitest') return { path, external: true };
        if (path === './lab.ts') return { path, namespace: 'lab' };
        if (path === `./starter/${lab.files[0]}`) return { path: 'part', external: true };
        const runtime = /(?:^|\/)(labs-runtime\/.+)$/.exec(path)?.[1];
        if (runtime !== undefined) return { path: runtime, external: true };
        return {
          errors: [{ text: `checks.ts can import vitest, ./lab.ts, ./starter/${lab.files[0]} and what is below labs-runtime/ only` }],
        };
      });
      build.onLoad({ filter: /.*/, namespace: 'checks' }, () => ({ contents: source, loader: 'ts' }));
      build.onLoad({ filter: /.*/, namespace: 'lab' }, () => ({ contents: `export const lab = ${JSON.stringify(lab)};`, loader: 'ts' }));
    },
  };
}

function outputText(result: BuildResult, ending: string): string {
  return result.outputFiles!.find((file) => file.path.endsWith(ending))!.text;
}

/** The first error of a failed build; undefined if it is not a failed build at all. */
function firstMessage(error: unknown): Message | undefined {
  return (error as Partial<BuildFailure>).errors?.[0];
}

/** esbuild's words for a mistake of the student's, with the position as editors count it. */
function problemOf(message: Message, lab: Lab): Problem {
  const missing = /^No matching export in "(?:part|types):([^"]*)" for import "([^"]*)"/.exec(message.text);
  const position = positionOf(message);
  if (missing !== null && position === undefined) {
    return { message: `${lab.files[0]} does not export ${missing[2]}: a part exports two functions, start and step.` };
  }
  if (missing !== null && missing[1] === `lockstep/${lab.id}`) {
    return {
      message: `lockstep/${lab.id} has types only, and ${missing[2]} is used as a value: write it yourself, or import it as a type.`,
      position,
    };
  }
  const text = missing === null ? message.text : `${missing[1]} does not export ${missing[2]}`;
  return { message: `${text}.`, position };
}

function positionOf({ location }: Message): SourcePosition | undefined {
  const file = location?.file.replace(/^part:/, '');
  if (!location || file === ENTRY) return undefined;
  return { file: file!, line: location.line, column: location.column + 1 };
}

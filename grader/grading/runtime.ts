/** The prebuilt runtime of the checks, as the command loads it: built if need be, and imported once. */
import { pathToFileURL } from 'node:url';
import type * as Runtime from '../../labs-runtime/checks/runtime.ts';
import { runtimeFile } from '../../scripts/runtime-bundle.ts';

/** The runtime, where its file is, and the hash that stands in reports. */
export interface LoadedRuntime {
  module: typeof Runtime;
  path: string;
  hash: string;
}

let loaded: Promise<LoadedRuntime> | undefined;

/** Loads the runtime; every call returns the same one. */
export function loadRuntime(): Promise<LoadedRuntime> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<LoadedRuntime> {
  const { path, hash } = await runtimeFile();
  return { module: (await import(pathToFileURL(path).href)) as typeof Runtime, path, hash };
}

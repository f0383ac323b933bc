/**
 * The compile worker: esbuild in WebAssembly, kept warm for the whole visit, behind `prepare` of the check pipeline.
 * No code of the student's runs here, it is only read.
 */
import * as esbuild from 'esbuild-wasm';
import wasmUrl from 'esbuild-wasm/esbuild.wasm?url';
import type { FromCompiler, PrepareRequest, ToCompiler } from './messages.ts';
import { loadRuntime } from './runtime.ts';

let initializing: Promise<void> | undefined;

/** Starts esbuild once; `worker: false` because this is a worker already. */
function startEsbuild(): Promise<void> {
  initializing ??= WebAssembly.compileStreaming(fetch(wasmUrl)).then((wasmModule) => esbuild.initialize({ wasmModule, worker: false }));
  return initializing;
}

async function prepare({ run, runtime, lab, checksSource, files }: PrepareRequest): Promise<FromCompiler> {
  try {
    const [pipeline] = await Promise.all([loadRuntime(runtime), startEsbuild()]);
    const { prepared, report } = await pipeline.prepare(esbuild, { lab, checksSource, files, runtimeHash: runtime.hash });
    return prepared ? { kind: 'prepared', run, prepared } : { kind: 'report', run, report };
  } catch (error) {
    return { kind: 'failed', run, message: error instanceof Error ? error.message : String(error) };
  }
}

self.onmessage = (event: MessageEvent<ToCompiler>) => {
  const { data } = event;
  if (data.kind === 'prepare') void prepare(data).then((answer) => self.postMessage(answer));
  // What fails here fails again, and is told, when a run needs it.
  else void Promise.allSettled([loadRuntime(data.runtime), startEsbuild()]);
};

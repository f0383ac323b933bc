/**
 * The run worker: `observe` of the check pipeline, once. The student's code runs here and nowhere else in the page, in a realm that
 * is hardened first; the page ends this worker after each run, so that nothing is left of it.
 */
import type { FromRun, RuntimeAddress, ToRun } from './messages.ts';
import { loadRuntime } from './runtime.ts';

// Kept before a student's code runs, so that what it might do to globals changes nothing here.
const post = (answer: FromRun) => self.postMessage(answer);
let runtime: RuntimeAddress | undefined;

async function observe(prepared: Extract<ToRun, { kind: 'observe' }>['prepared']): Promise<void> {
  try {
    if (!runtime) throw new Error('the run worker was not told where the runtime is');
    const pipeline = await loadRuntime(runtime);
    const { report, details } = await pipeline.observe(prepared);
    post({ kind: 'report', report, details });
  } catch (error) {
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

self.onmessage = (event: MessageEvent<ToRun>) => {
  const { data } = event;
  if (data.kind === 'observe') return void observe(data.prepared);
  runtime = data.runtime;
  void loadRuntime(runtime).catch(() => undefined);
};

/**
 * A run worker: `observe` of the check pipeline, for the checks it is given of one run. The student's code runs here and nowhere else in the page, in a realm that
 * is hardened first; the page ends this worker when a run is stopped or fails, and lets it serve again otherwise.
 */
import type { FromRun, RuntimeAddress, ToRun } from './messages.ts';
import { loadRuntime } from './runtime.ts';

// Kept before a student's code runs, so that what it might do to globals changes nothing here.
const post = (answer: FromRun) => self.postMessage(answer);
let runtime: RuntimeAddress | undefined;

async function observe({ prepared, title }: Extract<ToRun, { kind: 'observe' }>): Promise<void> {
  try {
    if (!runtime) throw new Error('the run worker was not told where the runtime is');
    const pipeline = await loadRuntime(runtime);
    post({ kind: 'observed', ...(await pipeline.observe(prepared, [title])) });
  } catch (error) {
    post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

self.onmessage = (event: MessageEvent<ToRun>) => {
  const { data } = event;
  if (data.kind === 'observe') return void observe(data);
  runtime = data.runtime;
  void loadRuntime(runtime)
    .then((pipeline) => pipeline.hardenAhead())
    .catch(() => undefined);
};

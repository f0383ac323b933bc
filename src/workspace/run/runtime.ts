/** Loads the prebuilt runtime into a worker: the same bytes that the command runs, so that both write the same report. */
import type * as Runtime from '../../../labs-runtime/checks/runtime.ts';
import type { RuntimeAddress } from './messages.ts';

let loading: Promise<typeof Runtime> | undefined;

/** The runtime's exports. Loaded once in a worker, and again after a failure. */
export function loadRuntime(runtime: RuntimeAddress): Promise<typeof Runtime> {
  loading ??= (import(/* @vite-ignore */ new URL(runtime.url, self.location.origin).href) as Promise<typeof Runtime>).catch(
    (error: unknown) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

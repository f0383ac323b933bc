/** The commands about simulated clusters: loaded only when one of them is wanted. */
import type { Console } from '../console.ts';
import { CannotRun } from '../machine/files.ts';
import { printableLines } from '../terminal.ts';
import { explore, listScenarios } from './explore.ts';
import type { ClusterTask } from './tasks.ts';
import { showTrace } from './trace.ts';
import type { Watch } from './watch.ts';

/** Exit status where the command could not do what it was asked. */
const CANNOT = 2;

/** Does the task; returns the exit status. */
export async function runClusterTask(task: ClusterTask, console: Console, watch: Watch): Promise<number> {
  try {
    switch (task.kind) {
      case 'scenarios':
        listScenarios(console);
        return 0;
      case 'explore':
        return await explore(task, console, watch);
      case 'trace':
        return await showTrace(task, console);
    }
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    console.error(`${printableLines(error.message, 0).join('\n')}\n`);
    return CANNOT;
  } finally {
    watch.end();
  }
}

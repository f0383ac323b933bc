/** The commands that run machines: loaded only when one of them is wanted. */
import { printableLines } from '../terminal.ts';
import { diverge } from './diverge.ts';
import { CannotRun } from './files.ts';
import type { Host } from './host.ts';
import { replay } from './replay.ts';
import { run } from './run.ts';
import type { MachineTask } from './tasks.ts';

/** Exit status where the command could not do what it was asked. */
const CANNOT = 2;

/** Does the task; returns the exit status. */
export async function runMachineTask(task: MachineTask, host: Host): Promise<number> {
  try {
    switch (task.kind) {
      case 'run':
        return await run(task, host);
      case 'replay':
        return await replay(task, host);
      case 'diverge':
        return await diverge(task, host);
    }
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    host.note(printableLines(error.message, 0).join('\n'));
    return CANNOT;
  }
}

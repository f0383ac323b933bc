/** `lockstep replay`: runs a recording again, with its console, and says whether the machine came to the states that were recorded. */
import type { Output } from '../../labs-runtime/ft/log-entry.ts';
import { CheckedReplay, NotReplayable } from '../../labs-runtime/monitor/checked-replay.ts';
import type { Recording } from '../../labs-runtime/monitor/recording.ts';
import { nextInstruction, registerViews } from '../../labs-runtime/monitor/register-view.ts';
import { CannotRun } from './files.ts';
import type { Host } from './host.ts';
import { readRecordingFile } from './recordings.ts';
import { registerLines } from './registers.ts';
import type { ReplayTask } from './tasks.ts';

/** Attempts between two writes of the guest's output. */
const STRIDE_ATTEMPTS = 1_000_000;

/** Replays; returns 0 if it is the recorded run, 1 if not, 2 for a damaged file. Throws CannotRun. */
export async function replay(task: ReplayTask, host: Host): Promise<number> {
  const { recording, trouble } = readRecordingFile(task.log);
  const { endPosition } = recording;
  if (task.until !== undefined && task.until > endPosition) {
    throw new CannotRun(`--until is ${task.until}: the recording ends at position ${endPosition}.`);
  }
  if (trouble !== undefined) host.note(trouble);
  const output: number[] = [];
  const checked = new CheckedReplay(recording, (_, made) => output.push(...consoleBytes(made)));
  try {
    await runOn(checked, task.until ?? endPosition, output, host);
  } catch (error) {
    if (!(error instanceof NotReplayable)) throw error;
    await writeOut(output, host);
    host.note(`the replay is not the recorded run: ${error.message}`);
    host.note(`up to position ${error.after} it was; \`lockstep diverge\` compares two recordings`);
    describeMachine(checked, host);
    return 1;
  }
  report(checked, recording, task.until, host);
  return recording.trouble?.kind === 'damaged' ? 2 : 0;
}

async function runOn(checked: CheckedReplay, end: number, output: number[], host: Host): Promise<void> {
  let position = 0;
  do {
    position = Math.min(end, position + STRIDE_ATTEMPTS);
    checked.runTo(position);
    await writeOut(output, host);
  } while (position < end);
}

async function writeOut(output: number[], host: Host): Promise<void> {
  if (output.length > 0) await host.write(Uint8Array.from(output.splice(0)));
}

function consoleBytes(made: Output): number[] {
  return made.device === 'console' ? [made.byte] : [];
}

function report(checked: CheckedReplay, recording: Recording, until: number | undefined, host: Host): void {
  const { machine, consumed, statesChecked } = checked;
  const { end, entries } = recording;
  host.note(`replayed ${consumed} of ${entries.length} entries to position ${machine.position}, state ${machine.stateHash()}`);
  if (until !== undefined && until < recording.endPosition) describeMachine(checked, host);
  else if (end !== undefined) host.note(`the recorded run ended there too (${end.reason}), in the same state`);
  if (statesChecked > (end === undefined ? 0 : 1)) host.note(`${statesChecked} recorded states were the same`);
}

/** Where the machine stands, and with what in its registers. */
function describeMachine({ machine, recording }: CheckedReplay, host: Host): void {
  const { address, text } = nextInstruction(machine, recording.setup.ramBytes);
  const views = registerViews(machine);
  host.note(`next instruction, of hart ${machine.currentHart}: 0x${address.toString(16)}  ${text}`);
  views.forEach((view, hart) => {
    if (views.length > 1) host.note(`hart ${hart}`);
    for (const line of registerLines(view)) host.note(`  ${line}`);
  });
}

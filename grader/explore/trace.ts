/** `lockstep trace`: replays a trace that a search has written, and shows it as a table with an explanation. */
import {
  replayTraceFile,
  readTraceFile,
  TraceFileError,
  TRACE_CHARACTERS_MAX,
  type TraceFile,
} from '../../labs-runtime/sim/cluster/trace-file.ts';
import type { Console } from '../console.ts';
import { CannotRun, readPlainFile } from '../machine/files.ts';
import { painter, printable } from '../terminal.ts';
import type { TraceTask } from './tasks.ts';
import { counted, heading, labelled, narrationLines } from './words.ts';

/** Shows a trace; returns the exit status. Throws CannotRun where it cannot be read, or is no run of this version. */
export async function showTrace({ path }: TraceTask, console: Console): Promise<number> {
  const page = { paint: painter(console.colour), width: console.width };
  try {
    const trace = readTraceFile(textOf(path));
    const { scenario, narration } = await replayTraceFile(trace);
    const lines = [
      ...heading(scenario, page),
      '',
      ...labelled([['trace', originOf(trace, path)]], page),
      '',
      ...narrationLines(narration, page),
    ];
    console.out(`${lines.join('\n')}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof TraceFileError)) throw error;
    throw new CannotRun(`${printable(path)}: ${error.message}`);
  }
}

function originOf({ events, seed, changes, endState }: TraceFile, path: string): string {
  const parts = [
    `${path}: ${counted(events.length, 'event')}`,
    `${counted(changes.faults, 'fault')} at most`,
    ...(changes.without.length === 0 ? [] : [`without ${changes.without.join(', ')}`]),
    seed === undefined ? 'found by an exhaustive search' : `found by seed ${seed}`,
    `ends in state ${endState}`,
  ];
  return parts.join('; ');
}

function textOf(path: string): string {
  const bytes = readPlainFile(path, TRACE_CHARACTERS_MAX);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TraceFileError('it is no text, and so no trace of Lockstep. Name a file that `lockstep explore` wrote.');
  }
}

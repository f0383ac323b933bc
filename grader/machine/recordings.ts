/** Reads recordings for the commands that replay them. */
import { readRecording, RecordingError, troubleText, type Recording } from '../../labs-runtime/monitor/recording.ts';
import { bootMachine } from '../../labs-runtime/monitor/setup.ts';
import { printable } from '../terminal.ts';
import { CannotRun, readPlainFile } from './files.ts';

const FILE_BYTES_MAX = 2 ** 31 - 1;

export interface ReadFile {
  recording: Recording;
  /** What is wrong with the file, for people: undefined if it is whole. */
  trouble: string | undefined;
}

/** Reads a recording as far as it goes. Throws CannotRun where nothing of it can be replayed. */
export function readRecordingFile(path: string): ReadFile {
  const file = readPlainFile(path, FILE_BYTES_MAX);
  try {
    const recording = readRecording(file);
    bootMachine(recording.setup); // throws a RangeError if no machine is like that
    return { recording, trouble: troubleOf(path, recording, file.length) };
  } catch (error) {
    if (!(error instanceof RecordingError) && !(error instanceof RangeError)) throw error;
    throw new CannotRun(`${printable(path)}: ${error.message}`);
  }
}

function troubleOf(path: string, { trouble, end, entries, endPosition }: Recording, fileBytes: number): string | undefined {
  if (trouble === undefined && end !== undefined) return undefined;
  const what = trouble === undefined ? 'stops without an end, as after a crash' : troubleText(trouble, fileBytes);
  return `${printable(path)}: the recording ${what}; before that it has ${entries.length} entries, up to position ${endPosition}.`;
}

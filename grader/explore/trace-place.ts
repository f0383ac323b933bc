/** The file that a trace is written to: nothing else is overwritten, and that it can be written is known before a search begins. */
import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { TRACE_FIRST_LINE } from '../../labs-runtime/sim/cluster/trace-file.ts';
import { CannotRun, accessFile, readStart } from '../machine/files.ts';
import { printable } from '../terminal.ts';

/** The start of a trace's first line, of any version. */
const MARK = TRACE_FIRST_LINE.replace(/\d+$/, '');

/** Whether another trace is there already. Throws CannotRun where no trace can be written. */
export function checkTracePlace(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    accessFile(dirname(path), () => accessSync(dirname(path), constants.W_OK));
    return false;
  }
  if (found.isDirectory()) throw new CannotRun(`${printable(path)}: it is a folder. Name a file after --out.`);
  accessFile(path, () => accessSync(path, constants.W_OK));
  if (!found.isFile() || found.size === 0) return false;
  const start = Buffer.from(readStart(path, MARK.length) ?? []).toString('latin1');
  if (start !== MARK) throw new CannotRun(`${printable(path)}: it is there already, and is no trace. Name another file after --out.`);
  return true;
}

/** Writes a trace. Throws CannotRun. */
export function writeTrace(path: string, text: string): void {
  accessFile(path, () => writeFileSync(path, text));
}

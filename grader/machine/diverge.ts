/** `lockstep diverge`: compares two recordings and prints the first instruction that did something different. */
import { describeEntry } from '../../labs-runtime/ft/replayer.ts';
import type { LogEntry } from '../../labs-runtime/ft/log-entry.ts';
import { compareRecordings, type Comparison, type Divergence } from '../../labs-runtime/monitor/diverge.ts';
import { printable } from '../terminal.ts';
import type { Host } from './host.ts';
import { readRecordingFile } from './recordings.ts';
import { registerDifferenceLines } from './registers.ts';
import type { DivergeTask } from './tasks.ts';

/** Compares; returns 0 if there is no difference, 1 if there is one, 2 where they cannot be compared. Throws CannotRun. */
export async function diverge({ logs }: DivergeTask, host: Host): Promise<number> {
  const [a, b] = logs.map(readRecordingFile) as [ReturnType<typeof readRecordingFile>, ReturnType<typeof readRecordingFile>];
  for (const { trouble } of [a, b]) if (trouble !== undefined) host.note(trouble);
  const comparison = compareRecordings(a.recording, b.recording);
  const lines = linesOf(comparison, logs);
  await host.write(new TextEncoder().encode(`${lines.join('\n')}\n`));
  if (comparison.kind === 'diverged') return 1;
  return comparison.kind === 'same' ? 0 : 2;
}

/** The outcome in lines for people; A and B are the recordings in the order of `names`. */
export function linesOf(comparison: Comparison, names: readonly [a: string, b: string]): string[] {
  const [a, b] = names.map(printable);
  const header = [`A is ${a}, B is ${b}.`];
  switch (comparison.kind) {
    case 'different machines':
      return [...header, 'They are recordings of different machines:', ...comparison.differences.map((line) => `  ${line}`)];
    case 'same': {
      const longer = comparison.longer === undefined ? '' : ` ${comparison.longer.toUpperCase()} goes on from there.`;
      return [
        ...header,
        `No difference up to position ${comparison.position}, where ${longer === '' ? 'both end' : 'the other ends'}.${longer}`,
      ];
    }
    case 'not replayable':
      return [
        ...header,
        `${comparison.which.toUpperCase()} does not replay: ${comparison.explanation}.`,
        `Between positions ${comparison.after} and ${comparison.before} something made a difference that its log does not hold.`,
      ];
    case 'diverged':
      return [...header, ...divergenceLines(comparison)];
  }
}

function divergenceLines(found: Divergence): string[] {
  const { differsAt, attempt, firstDifferent, harts, lastEntries } = found;
  const lines = [`The machines differ from position ${differsAt} on. First log entries that differ:`, ...entryLines(firstDifferent)];
  if (attempt === undefined) {
    lines.push('Registers stay the same for long after that: the difference is in a device or in memory.');
  } else {
    const { position, hart, instruction } = attempt;
    const shown = ({ address, text }: typeof instruction.a) => `0x${address.toString(16)}  ${text}`;
    lines.push(
      `First instruction with another outcome: the attempt at position ${position}, of hart ${hart}:`,
      `  ${shown(instruction.a)}`,
    );
    if (shown(instruction.a) !== shown(instruction.b)) lines.push(`  in B ${shown(instruction.b)}`);
  }
  lines.push(`Registers ${attempt === undefined ? `at position ${differsAt}` : 'after it'}, A and B, what differs marked with *:`);
  harts.a.forEach((view, hart) => {
    if (harts.a.length > 1) lines.push(`  hart ${hart}`);
    lines.push(...registerDifferenceLines(view, harts.b[hart]!).map((line) => `  ${line}`));
  });
  for (const which of ['a', 'b'] as const) {
    lines.push(`Last log entries of ${which.toUpperCase()} up to there:`, ...shownEntries(lastEntries[which]));
  }
  return lines;
}

function entryLines({ a, b }: Divergence['firstDifferent']): string[] {
  return [
    `  A: ${a === undefined ? 'its log has ended' : describeEntry(a)}`,
    `  B: ${b === undefined ? 'its log has ended' : describeEntry(b)}`,
  ];
}

function shownEntries(entries: LogEntry[]): string[] {
  return entries.length === 0 ? ['  none'] : entries.map((entry) => `  ${describeEntry(entry)}`);
}

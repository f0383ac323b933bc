/**
 * The corpus of attacks: what each tries, what it achieves on a naive grader, and what ours makes of it. `corpus/` has the text of each, written
 * against the echo lab; containers (zips, folders) and names are made in `containers.test.ts`, attacks on the walls in `walls.test.ts`.
 */
import { readFileSync } from 'node:fs';

/** Where a naive grader's verdict is read. */
export type Channel = 'results' | 'output' | 'status' | 'secret' | 'message' | 'port';

/** Why a part that attacks gets no points from ours: the class of the failure of its first check, or a problem of its file. */
export type Because = 'problem' | 'crash' | 'refused' | 'step budget' | 'malformed' | 'hidden state' | 'wrong' | 'nothing';

export interface Attack {
  /** Of the file in `corpus/`. */
  name: string;
  /** The kind of attack, by its number in `docs/security.md`. */
  line: number;
  /** What shows on a naive grader that it works. */
  works: 'passes' | 'writes' | 'calls' | 'hangs' | 'leaves' | 'says';
  /** For `passes`: where full marks are seen. */
  channel?: Channel;
  /** For `says`: what stands in the output or a report. */
  says?: RegExp;
  /** Another naive grader than `naive/grade.mjs`. */
  grader?: 'page' | 'vm';
  /** It goes on when the naive grader has ended. */
  lasts?: boolean;
  /** What ours gives, of 6: what the part deserves without its attack. */
  points: number;
  because: Because;
}

/** Every attack by a part. */
export const corpus: Attack[] = [
  { name: 'results-overwrite', line: 1, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'results-chmod', line: 2, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'results-watch', line: 3, works: 'passes', channel: 'results', lasts: true, points: 0, because: 'crash' },
  { name: 'entrypoint-patch', line: 4, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'exit-zero', line: 5, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'exit-zero-quietly', line: 5, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'exit-by-name', line: 5, works: 'passes', channel: 'status', points: 0, because: 'problem' },
  { name: 'exit-handler-forge', line: 6, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'exit-handler-status', line: 6, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'uncaught-forge', line: 6, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'stdout-forge', line: 7, works: 'passes', channel: 'output', points: 0, because: 'crash' },
  { name: 'stdout-fd', line: 7, works: 'passes', channel: 'output', points: 0, because: 'crash' },
  { name: 'console-forge', line: 7, works: 'passes', channel: 'output', points: 0, because: 'crash' },
  { name: 'workflow-command', line: 8, works: 'says', says: /^::set-output|^##\[error\]/m, points: 6, because: 'nothing' },
  { name: 'postmessage-forge', line: 9, works: 'passes', channel: 'message', grader: 'page', points: 0, because: 'crash' },
  { name: 'postmessage-global', line: 9, works: 'passes', channel: 'message', grader: 'page', points: 0, because: 'crash' },
  { name: 'port-steal', line: 10, works: 'passes', channel: 'port', points: 0, because: 'crash' },
  { name: 'nonce-read', line: 11, works: 'passes', channel: 'secret', points: 0, because: 'crash' },
  { name: 'nonce-environment', line: 11, works: 'passes', channel: 'secret', points: 0, because: 'crash' },
  { name: 'nonce-proc', line: 11, works: 'passes', channel: 'secret', points: 0, because: 'crash' },
  { name: 'expect-patch', line: 12, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'expect-global', line: 12, works: 'passes', channel: 'output', points: 0, because: 'crash' },
  { name: 'expect-symbol', line: 12, works: 'passes', channel: 'output', points: 0, because: 'crash' },
  { name: 'proto-push', line: 13, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'proto-stringify', line: 13, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'proto-then', line: 13, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'proto-pollute', line: 13, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'proto-dunder', line: 13, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'proto-iterator', line: 13, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'getter-lie', line: 14, works: 'passes', channel: 'results', points: 2, because: 'malformed' },
  { name: 'getter-count', line: 14, works: 'passes', channel: 'results', points: 0, because: 'malformed' },
  { name: 'proxy-lie', line: 14, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'to-json-lie', line: 15, works: 'passes', channel: 'results', points: 4, because: 'malformed' },
  { name: 'clock-patch', line: 16, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'random-patch', line: 17, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'random-predict', line: 17, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'reference-import', line: 18, works: 'passes', channel: 'results', points: 0, because: 'problem' },
  { name: 'reference-require', line: 18, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'reference-dynamic', line: 18, works: 'passes', channel: 'results', points: 0, because: 'problem' },
  { name: 'test-read', line: 19, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'source-embed', line: 20, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'overfit-table', line: 21, works: 'passes', channel: 'results', points: 2, because: 'hidden state' },
  { name: 'detect-grader', line: 22, works: 'passes', channel: 'results', points: 4, because: 'wrong' },
  { name: 'detect-host', line: 22, works: 'passes', channel: 'results', points: 4, because: 'wrong' },
  { name: 'exfiltrate-tcp', line: 23, works: 'calls', lasts: true, points: 0, because: 'crash' },
  { name: 'exfiltrate-http', line: 23, works: 'calls', lasts: true, points: 0, because: 'crash' },
  { name: 'exfiltrate-udp', line: 23, works: 'calls', lasts: true, points: 0, because: 'crash' },
  { name: 'exfiltrate-file', line: 23, works: 'writes', points: 0, because: 'crash' },
  { name: 'exfiltrate-image', line: 23, works: 'calls', lasts: true, points: 0, because: 'crash' },
  { name: 'loop', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-async', line: 24, works: 'hangs', points: 0, because: 'problem' },
  { name: 'loop-generator', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-getter', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-caught', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-regular-expression', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-literal', line: 24, works: 'hangs', points: 0, because: 'problem' },
  { name: 'loop-compare', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-to-string', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-spreadable', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-far-item', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-far-name', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-far-assign', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-length', line: 24, works: 'hangs', points: 0, because: 'problem' },
  { name: 'loop-rest', line: 24, works: 'hangs', points: 0, because: 'problem' },
  { name: 'loop-delegate', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-iterator-helper', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-iterator-reduce', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-prototypes', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-prototypes-literal', line: 24, works: 'hangs', points: 0, because: 'problem' },
  { name: 'loop-classes', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-set-like', line: 24, works: 'hangs', points: 0, because: 'crash' },
  { name: 'loop-array-iterator', line: 24, works: 'hangs', points: 0, because: 'refused' },
  { name: 'loop-shared', line: 24, works: 'hangs', points: 0, because: 'malformed' },
  { name: 'loop-flat-map', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-last-index', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-json-names', line: 24, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'loop-builtin-getter', line: 24, works: 'hangs', points: 2, because: 'refused' },
  { name: 'loop-wait', line: 25, works: 'hangs', points: 0, because: 'refused' },
  { name: 'microtask-starve', line: 25, works: 'hangs', points: 0, because: 'crash' },
  { name: 'tick-starve', line: 25, works: 'hangs', points: 0, because: 'crash' },
  { name: 'memory-arrays', line: 26, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'memory-buffers', line: 26, works: 'hangs', points: 0, because: 'refused' },
  { name: 'memory-derived', line: 26, works: 'hangs', points: 0, because: 'refused' },
  { name: 'memory-state', line: 26, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'memory-bigint', line: 26, works: 'hangs', points: 0, because: 'refused' },
  { name: 'memory-collections', line: 26, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'output-bomb', line: 27, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'output-effects', line: 27, works: 'hangs', points: 0, because: 'step budget' },
  { name: 'fork-bomb', line: 28, works: 'leaves', points: 0, because: 'crash' },
  { name: 'fork-binding', line: 28, works: 'leaves', points: 0, because: 'crash' },
  { name: 'fork-thread', line: 28, works: 'writes', lasts: true, points: 0, because: 'crash' },
  { name: 'vm-constructor', line: 29, works: 'passes', channel: 'status', grader: 'vm', points: 0, because: 'crash' },
  { name: 'vm-function', line: 29, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'vm-generator', line: 29, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'vm-async', line: 29, works: 'passes', channel: 'status', points: 0, because: 'problem' },
  { name: 'vm-stack', line: 29, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'vm-error', line: 29, works: 'passes', channel: 'status', points: 0, because: 'step budget' },
  { name: 'vm-metered', line: 29, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'vm-eval', line: 29, works: 'passes', channel: 'status', points: 1, because: 'wrong' },
  { name: 'vm-escapes', line: 29, works: 'passes', channel: 'status', points: 0, because: 'crash' },
  { name: 'vm-template', line: 21, works: 'passes', channel: 'results', points: 2, because: 'hidden state' },
  { name: 'hidden-state', line: 21, works: 'passes', channel: 'results', points: 2, because: 'hidden state' },
  { name: 'hidden-schedule', line: 21, works: 'passes', channel: 'results', points: 2, because: 'hidden state' },
  { name: 'report-html', line: 32, works: 'says', says: /<script>alert/m, points: 1, because: 'wrong' },
  { name: 'report-terminal', line: 32, works: 'says', says: /\u001b\[2J/m, points: 1, because: 'wrong' },
  { name: 'report-formula', line: 32, works: 'says', says: /,=HYPERLINK/m, points: 0, because: 'crash' },
  { name: 'report-name', line: 32, works: 'says', says: /<script>alert/m, points: 0, because: 'malformed' },
  { name: 'source-map', line: 32, works: 'says', says: /\/etc\/passwd/m, points: 0, because: 'crash' },
  { name: 'skip-all', line: 33, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'skip-todo', line: 33, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'skip-empty', line: 33, works: 'passes', channel: 'results', points: 0, because: 'crash' },
  { name: 'late-write', line: 34, works: 'passes', channel: 'results', points: 0, because: 'crash' },]; // prettier-ignore

/** What stands in an attack for what it is aimed at. */
export interface Target {
  folder: string;
  port: number;
  /** A word for the command line of whatever it starts. */
  mark: string;
}

/** The text of an attack, aimed. */
export function attackText(name: string, { folder, port, mark }: Target): string {
  const text = readFileSync(new URL(`corpus/${name}.ts`, import.meta.url), 'utf8');
  return text.replaceAll('@FOLDER@', folder).replaceAll('@PORT@', String(port)).replaceAll('@MARK@', mark);
}

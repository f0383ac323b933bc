/** Lines of a student's source, with their numbers. */
import type { SourcePosition } from '../../../labs-runtime/ft/part.ts';
import { shorten } from '../../terminal.ts';
import { markup, visible, type Markup } from './markup.ts';
import type { Files } from '../../similarity/similarity.ts';

/** Characters of one line that are shown, and lines of one passage. */
const LINE_LENGTH_MAX = 200;
const LINES_MAX = 80;

/** Lines shown on both sides of a position. */
const AROUND = 2;

/** Lines `from` to `to` of a text, from 1; `marked` is the one that is meant. A long passage is cut, and says so. */
export function passage(text: string, lines: { from: number; to: number; marked?: number; title: string }): Markup {
  const { from, to, marked, title } = lines;
  const all = text.split(/\r\n|[\r\n]/);
  const shown = all.slice(from - 1, Math.min(to, from - 1 + LINES_MAX)).map((line, index) => {
    const number = from + index;
    return markup`<span class="line${number === marked && ' marked'}">
<span class="number">${number}</span><code>${shorten(visible(line), LINE_LENGTH_MAX)}</code></span>`;
  });
  const left = Math.min(to, all.length) - (from - 1) - shown.length;
  const more = left > 0 && markup`<span class="line"><span class="number"></span><em>and ${left} more lines</em></span>`;
  return markup`<div class="source" tabindex="0" role="group" aria-label="${title}">${shown}${more}</div>`;
}

/** The line of a position with those around it; undefined where the source is not at hand, or has no such line. */
export function excerpt(files: Files | undefined, { file, line }: SourcePosition): Markup | undefined {
  const text = files !== undefined && Object.hasOwn(files, file) ? files[file]! : undefined;
  if (text === undefined || line < 1 || line > text.split(/\r\n|[\r\n]/).length) return undefined;
  return passage(text, { from: Math.max(1, line - AROUND), to: line + AROUND, marked: line, title: `${file} around line ${line}` });
}

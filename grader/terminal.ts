/**
 * Text for a terminal. What comes from students (names of files, above all) may hold control characters that move the cursor or recolour
 * lines, marks that turn the reading direction, or lines that a build server takes for commands; all are shown as escapes.
 */

/**
 * Control characters of C0 and C1, marks of direction, separators that break a line, and what is no character: half a surrogate pair, U+FFFE,
 * U+FFFF.
 */
export const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\p{Cs}]/gu;

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** One line of text that does nothing but be read: `\x1b` in place of an escape character, and so on. */
export function printable(text: string): string {
  // GitHub runs lines that begin with `::` or `##[` (blanks aside) as commands.
  return text.replace(UNSAFE, escapeCharacter).replace(/^(\s*)(:(?=:)|#(?=#\[))/, (_, blanks, mark) => blanks + escapeCharacter(mark));
}

/** Text of several lines, each printable and indented by `indent` spaces. */
export function printableLines(text: string, indent: number): string[] {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/\n+$/, '')
    .split('\n')
    .map((line) => `${' '.repeat(indent)}${printable(line)}`.trimEnd());
}

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold';

const CODES: Record<Colour, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** Puts text in a colour; or leaves it as it is, for a file or a reader who wants none. */
export type Paint = (colour: Colour, text: string) => string;

/** A `Paint` that paints, or one that does not. */
export function painter(coloured: boolean): Paint {
  return (colour, text) => (coloured ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text);
}

/** Whether output to `stream` may have colours: a terminal, and no wish for none (https://no-color.org). */
export function wantsColour(stream: { isTTY?: boolean }, env: Record<string, string | undefined>): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** A cell of a table: its text, and how to show it once it is padded. */
export interface Cell {
  text: string;
  colour?: Colour;
  /** Numbers stand at the right. */
  right?: boolean;
}

export interface ColumnsOptions {
  paint: Paint;
  /** Blanks in front of each line. Default 0. */
  indent?: number;
  /** Characters in a line: the last column is shortened to what is left of it. Default: no end. */
  width?: number;
}

/** The last column keeps this many characters however narrow the terminal is. */
const LAST_COLUMN_MIN = 24;

/** Rows of cells as lines, in columns with two blanks between them. The last column is not padded. */
export function columns(rows: Cell[][], { paint, indent = 0, width = Infinity }: ColumnsOptions): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.text.length)));
  const taken = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, indent);
  const room = Math.max(LAST_COLUMN_MIN, width - taken);
  return rows.map((row) => {
    const cells = row.map(({ text, colour, right }, index) => {
      const last = index === widths.length - 1;
      const padded = right ? text.padStart(widths[index]!) : last ? shorten(text, room) : text.padEnd(widths[index]!);
      return colour === undefined ? padded : paint(colour, padded);
    });
    return `${' '.repeat(indent)}${cells.join('  ')}`.trimEnd();
  });
}

/** Cuts text to `width` characters, with an ellipsis where something is missing. */
export function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** CSV that is safe to open: quoting is the library's; what a cell says must not act on the spreadsheet. */
import { stringify } from 'csv-stringify/sync';
import { printable } from '../terminal.ts';

/**
 * Where a spreadsheet would see a formula: at the start of a cell, or after a semicolon, which ends a cell wherever numbers have a comma.
 * The wide forms of the characters count as well.
 */
const FORMULA = /(^|;)([\s"]*)(?=[=+\-@＝＋－＠])/g;

/** Text as a cell: in one line, and with an apostrophe before what would be a formula. */
export function cell(text: string): string {
  return printable(text).replace(FORMULA, "$1$2'");
}

/** Rows of cells. A number is written without separators between thousands; undefined is an empty cell. Pass text through `cell`. */
export type Rows = (string | number | undefined)[][];

/** Rows as CSV. `bom` begins it with a byte order mark, without which Excel takes UTF-8 for something else. */
export function csvText(rows: Rows, { bom }: { bom: boolean }): string {
  return stringify(rows, { bom });
}

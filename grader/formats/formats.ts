/** Every format by the name that asks for it on the command line. */
import { canvas } from './canvas.ts';
import { csv } from './csv.ts';
import { ctrf } from './ctrf.ts';
import type { Format } from './format.ts';
import { gradescope } from './gradescope.ts';
import { html } from './html/html.ts';
import { json } from './json.ts';
import { junit } from './junit.ts';
import { prairielearn } from './prairielearn.ts';

export const formats = { canvas, csv, ctrf, gradescope, html, json, junit, prairielearn } satisfies Record<string, Format>;

export type FormatName = keyof typeof formats;

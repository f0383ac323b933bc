/** What every page of the reports has around it: one file that needs no other, in the colours of the course. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { markup, trusted, type Content, type Markup } from './markup.ts';

const css = readFileSync(new URL('report.css', import.meta.url), 'utf8');

export interface Page {
  title: string;
  /** How wide it gets: a class needs more room than a student. */
  width: 'wide' | 'narrow';
  /** The only script that may run on it. */
  script?: string;
  body: Content;
}

/** The text of a page. It loads nothing, and the browser is told that it may not. */
export function page({ title, width, script, body }: Page): string {
  const scripts = script === undefined ? '' : ` script-src 'sha256-${createHash('sha256').update(script).digest('base64')}';`;
  const policy = `default-src 'none'; style-src 'unsafe-inline';${scripts} base-uri 'none'; form-action 'none'`;
  const document = markup`<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(css)}</style>
</head>
<body class="${width}">
<header class="site">${mark}<span>Lockstep</span></header>
<main>
${body}
</main>
${script !== undefined && markup`<script>${trusted(script)}</script>`}
</body>
</html>
`;
  return document.text;
}

/** The course's mark: two staircases in step. */
const mark: Markup = markup`<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"
fill="none" stroke-width="2.25" stroke-linejoin="round" stroke-linecap="round">
<path d="M2.5 15.5h5v-5h5v-5h5" stroke="var(--lockstep-primary)"/>
<path d="M6.5 20h5v-5h5v-5h5" stroke="var(--lockstep-backup)"/></svg>`;

/** A moment as people write it, in the zone that it was given in: `2026-03-02 08:30 UTC`. */
export function moment(iso: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|([+-]\d\d:\d\d))$/.exec(iso);
  return parts === null ? iso : `${parts[1]} ${parts[2]} UTC${parts[3] ?? ''}`;
}

/** A number with its word: `1 check`, `2 checks`. */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

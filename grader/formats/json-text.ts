/** JSON that is safe to look at. Behind the end of walk two, under every format that is JSON. */
import { canonicalJson } from '../../labs-runtime/checks/canonical-json.ts';
import { UNSAFE } from '../terminal.ts';

/** Canonical JSON in which characters that act on a terminal or hide are written as `\u` escapes: the same value for every parser. */
export function jsonText(value: unknown): string {
  const lines = canonicalJson(value).split('\n');
  return lines.map((line) => line.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)).join('\n');
}

/** XML 1.0 as text: elements and nothing else. All text becomes printable, so that no character is left that XML forbids. */
import { printable, printableLines } from '../terminal.ts';

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/** Values by name; those that are undefined are left out. A value is one line. */
export type Attributes = Record<string, string | number | undefined>;

/** An element on lines of its own; `content` is its text, or lines of elements. Names are ours and are not escaped. */
export function element(name: string, attributes: Attributes, content: string | string[] = []): string[] {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const start = [name, ...given.map(([key, value]) => `${key}="${escaped(printable(String(value)))}"`)].join(' ');
  if (typeof content === 'string') return [`<${start}>${escaped(printableLines(content, 0).join('\n'))}</${name}>`];
  return content.length === 0 ? [`<${start}/>`] : [`<${start}>`, ...content.map((line) => `  ${line}`), `</${name}>`];
}

/** A document of one element, in UTF-8. */
export function xmlDocument(root: string[]): string {
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...root, ''].join('\n');
}

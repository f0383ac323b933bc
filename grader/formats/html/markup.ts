/**
 * HTML as values. A template escapes everything that it is given, so that what comes from a student is text wherever it ends up; only what
 * another template made stays as it is. Characters that act or hide are shown as escapes, as on a terminal.
 */
import { printable } from '../../terminal.ts';

/** A piece of HTML; made by `markup` or `trusted` and by nothing else. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in a template. Nothing is written for undefined and false. */
export type Content = string | number | Markup | undefined | false | readonly Content[];

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text that is nothing but text, between tags and in quoted attributes. Line breaks stay, tabs become blanks. */
export function escaped(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/** Text in which nothing hides and nothing turns the reading direction. */
export function visible(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').replaceAll('\t', '  ').split('\n');
  return lines.map(printable).join('\n');
}

/** A template of HTML. Values stand between tags or in attributes in double quotes, and nowhere else. */
export function markup(strings: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(strings.map((literal, index) => (index === 0 ? literal : written(values[index - 1]) + literal)).join(''));
}

/** HTML that was made elsewhere and is known to hold no text of a student's that is not escaped. */
export function trusted(text: string): Markup {
  return new Markup(text);
}

function written(value: Content): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'object') return value.map(written).join('');
  return escaped(String(value));
}

/** What searches and traces say to people: numbers, properties, and a finding as a table with its explanation. */
import { formatTraceOn, wrap } from '../../labs-runtime/checks/trace-text.ts';
import { PROPERTIES } from '../../labs-runtime/sim/cluster/properties.ts';
import type { Scenario } from '../../labs-runtime/sim/cluster/scenario.ts';
import type { Narration } from '../../labs-runtime/sim/cluster/narrate.ts';
import { printable, type Paint } from '../terminal.ts';

export interface Page {
  paint: Paint;
  /** Characters in a line. */
  width: number;
}

/** `12,345`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `1 event`, or `12,345 events`. */
export function counted(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;
}

/** A scenario's name and what it is about. */
export function heading({ name, about }: Pick<Scenario, 'name' | 'about'>, { paint, width }: Page): string[] {
  const [first = '', ...more] = wrap(`${name}: ${about}`, Math.max(MIN_WIDTH, width));
  return [first.replace(name, paint('bold', name)), ...more];
}

/** Labels with what they stand for, wrapped beside them. */
export function labelled(rows: readonly (readonly [label: string, text: string])[], { paint, width }: Page): string[] {
  const indent = 2 + Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows.flatMap(([label, text]) => {
    const [first = '', ...more] = wrap(printable(text), Math.max(MIN_WIDTH, width - indent));
    return [`  ${paint('dim', label.padEnd(indent - 2))}${first}`, ...more.map((line) => `${' '.repeat(indent)}${line}`)];
  });
}

/** Text is not wrapped to less than this. */
const MIN_WIDTH = 24;

/** Every property, its section and what it says. */
export function propertyLines(page: Page): string[] {
  return labelled(
    Object.entries(PROPERTIES).map(([name, { section, says }]) => [name, `${says} (${section})`] as const),
    page,
  );
}

/** A run as a table, and what is wrong with it. */
export function narrationLines({ rows, lanes, explanation }: Narration, page: Page): string[] {
  const table = formatTraceOn(rows, { lanes, width: page.width }).map(printable);
  if (explanation === undefined) return [...table, '', 'No property is broken.'];
  const { property, section, says, expected, observed, consequence } = explanation;
  return [
    ...table,
    '',
    page.paint('red', `Broken: ${property} (VMware FT, section ${section})`),
    ...labelled(
      [
        ['should hold', says],
        ['expected', expected],
        ['observed', observed],
        ['consequence', consequence],
      ],
      page,
    ),
  ];
}

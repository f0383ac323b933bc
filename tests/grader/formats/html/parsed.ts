/** A page of the reports as a browser's parser sees it. */
import { ErrorCodes as ERR, parse, type DefaultTreeAdapterTypes as Tree } from 'parse5';

export interface Found {
  tag: string;
  attributes: Record<string, string>;
  text: string;
}

export interface Parsed {
  /** Every element of the page, in its order. */
  elements: Found[];
  /** Everything that is neither element nor text: comments above all. */
  others: string[];
  /** What a strict parser finds wrong. */
  errors: string[];
}

/** A page read by parse5, which follows the standard to the letter. */
export function parsed(page: string): Parsed {
  const result: Parsed = { elements: [], others: [], errors: [] };
  const document = parse(page, {
    onParseError: ({ code, startLine }) => {
      // A code point that Unicode keeps for no character is text like any other; the standard frowns on it and reads it.
      if (code !== ERR.noncharacterInInputStream) result.errors.push(`${code} in line ${startLine}`);
    },
  });
  walk(document, result);
  return result;
}

function walk(node: Tree.Document | Tree.ChildNode, result: Parsed): void {
  if ('tagName' in node) {
    const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
    result.elements.push({ tag: node.tagName, attributes, text: textOf(node) });
  } else if (!['#text', '#document', '#documentType'].includes(node.nodeName)) result.others.push(node.nodeName);
  if ('childNodes' in node) for (const child of node.childNodes) walk(child, result);
}

function textOf(node: Tree.Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

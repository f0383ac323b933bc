/**
 * What a part finds in its global scope, and what to use instead of the rest. A name that is neither declared in the file nor found here is
 * told before anything runs, with its position: at run time it would only be a TypeError. Part of the fuel transform (walk two, step 2).
 */
import type { AnyNode } from 'acorn';

/** Everything a part finds in its global scope. */
export const GLOBAL_NAMES: ReadonlySet<string> = new Set([
  'globalThis', 'undefined', 'NaN', 'Infinity', 'isFinite', 'isNaN', 'parseFloat', 'parseInt', 'console',
  'Array', 'ArrayBuffer', 'BigInt', 'Boolean', 'DataView', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Set', 'String', 'Symbol', 'WeakMap', 'WeakSet',
  'BigInt64Array', 'BigUint64Array', 'Int8Array', 'Int16Array', 'Int32Array', 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array',
  'Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError',
]); // prettier-ignore

const noClock = 'A part has no clock: time is what an input says it is.';
const noCoding = 'Turn text into bytes with `charCodeAt`, and bytes into text with `String.fromCharCode`.';
const noHost = 'A part has the language and its inputs, and nothing of the page or process around it.';
const noFloats = 'Use an array of numbers.';
export const noChance = 'A part has no randomness: the same state and input must give the same answer.';
export const noWaiting = 'A part cannot wait: `step` returns its effects at once, and the world calls it again.';
export const noRegularExpressions =
  'A part cannot hold regular expressions, for their cost cannot be counted: use string methods, or a loop.';

/** Why names are not there, and the names. */
const reasons: readonly [reason: string, names: string][] = [
  [noClock, 'Date performance Temporal'],
  [noChance, 'crypto'],
  [noWaiting, 'setTimeout setInterval setImmediate queueMicrotask requestAnimationFrame Promise'],
  [noCoding, 'TextEncoder TextDecoder Buffer atob btoa escape unescape encodeURI encodeURIComponent decodeURIComponent'],
  [noHost, 'process require module exports window document self fetch localStorage'],
  [noFloats, 'Float32Array Float64Array'],
  [noRegularExpressions, 'RegExp'],
  ['Copy arrays and bytes with `slice`, and objects with `{ ...object }`.', 'structuredClone'],
];

const instead = new Map(reasons.flatMap(([reason, names]) => names.split(' ').map((name) => [name, reason] as const)));

/** Why a part cannot use this name, as a sentence; undefined if it can. `declared` holds the names that the file declares anywhere. */
export function nameRefusal(name: string, declared: ReadonlySet<string>): string | undefined {
  if (declared.has(name) || GLOBAL_NAMES.has(name)) return undefined;
  return `${name} is not defined. ${instead.get(name) ?? 'Is it misspelt, or something that a part does not have?'}`;
}

/**
 * Every name that is declared somewhere below a node: variables, parameters, functions, classes, caught errors, labels. Scopes are not looked
 * at, so a name that is declared elsewhere in the file passes here, and is found at run time.
 * @param children the nodes directly below a node
 */
export function declaredNames(root: AnyNode, children: (node: AnyNode) => AnyNode[]): Set<string> {
  const names = new Set<string>();
  const walk = (node: AnyNode): void => {
    for (const pattern of bindings(node)) addPattern(pattern, names);
    children(node).forEach(walk);
  };
  walk(root);
  return names;
}

/** The patterns that a node binds names by. */
function bindings(node: AnyNode): (AnyNode | null | undefined)[] {
  switch (node.type) {
    case 'VariableDeclarator':
      return [node.id];
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return [node.id, ...node.params];
    case 'ArrowFunctionExpression':
      return node.params;
    case 'ClassDeclaration':
    case 'ClassExpression':
      return [node.id];
    case 'CatchClause':
      return [node.param];
    case 'LabeledStatement':
      return [node.label];
    default:
      return [];
  }
}

function addPattern(pattern: AnyNode | null | undefined, names: Set<string>): void {
  switch (pattern?.type) {
    case 'Identifier':
      names.add(pattern.name);
      return;
    case 'ArrayPattern':
      for (const element of pattern.elements) addPattern(element, names);
      return;
    case 'ObjectPattern':
      for (const property of pattern.properties) addPattern(property.type === 'Property' ? property.value : property, names);
      return;
    case 'AssignmentPattern':
      return addPattern(pattern.left, names);
    case 'RestElement':
      return addPattern(pattern.argument, names);
  }
}

/**
 * What a part cannot hold, and what to write instead: syntax whose cost cannot be counted, or that leads out of the compartment.
 * Part of the fuel transform (walk two, step 2).
 */
import type { AnyNode } from 'acorn';
import { noChance, noRegularExpressions, noWaiting } from './global-names.ts';
import { BIGINT_BITS_MAX } from './meter.ts';

/** Names with this prefix belong to the transform. */
export const RESERVED_PREFIX = '__lockstep_';

/** Decimal digits of the largest bigint, rounded up. */
const BIGINT_DIGITS_MAX = Math.ceil(BIGINT_BITS_MAX * Math.log10(2));

/** Why a part cannot hold this node, as a sentence that says what to do instead; undefined if it can. */
export function refusal(node: AnyNode): string | undefined {
  switch (node.type) {
    case 'Literal':
      return literalRefusal(node);
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      if (node.async) return 'A part cannot hold async functions: `step` returns its effects at once, and the world calls it again.';
      return node.params.some((parameter) => hasRest(parameter.type === 'RestElement' ? parameter.argument : parameter))
        ? restElsewhere
        : undefined;
    case 'AwaitExpression':
      return noWaiting;
    case 'ForOfStatement':
      return node.await ? 'A part cannot wait: `step` returns its effects at once.' : loopRefusal(node.left);
    case 'ImportExpression':
      return 'A part cannot import while it runs: import at the top of the file.';
    case 'MetaProperty':
      return node.meta.name === 'import' ? 'A part has no import.meta.' : undefined;
    case 'Identifier':
      return identifierRefusal(node.name);
    case 'PrivateIdentifier':
      return reservedRefusal(node.name);
    case 'MemberExpression':
      return isMathRandom(node) ? `Math.random is not there. ${noChance}` : undefined;
    case 'CatchClause':
      return node.param && node.param.type !== 'Identifier' ? 'Give the caught error one name, and take it apart below.' : undefined;
    case 'AssignmentExpression':
      return assignmentRefusal(node);
    case 'UpdateExpression':
      return sets(node.argument, 'length') ? lengthElsewhere : undefined;
    case 'ArrayPattern':
    case 'ObjectPattern':
      if (assignsToMember(node)) return 'Take values apart into variables first, then assign them to properties.';
      return patternsIn(node).some(hasRest) ? restElsewhere : undefined;
    case 'VariableDeclarator':
      return !node.init && hasRest(node.id) ? restElsewhere : undefined;
    case 'Property':
      return namesPrototype(node) ? 'A part cannot name a property __proto__: use another name.' : undefined;
    case 'ForInStatement':
      return loopRefusal(node.left);
    default:
      return undefined;
  }
}

function literalRefusal(node: Extract<AnyNode, { type: 'Literal' }>): string | undefined {
  if (node.regex) return noRegularExpressions;
  if (node.bigint && node.bigint.length > BIGINT_DIGITS_MAX) return `A bigint may have ${BIGINT_BITS_MAX} bits at most.`;
  return undefined;
}

function reservedRefusal(name: string): string | undefined {
  return name.startsWith(RESERVED_PREFIX) ? `Names that begin with ${RESERVED_PREFIX} are not available: use another.` : undefined;
}

function identifierRefusal(name: string): string | undefined {
  if (name === 'eval') return 'A part cannot evaluate text as code.';
  if (name === 'arguments') return 'A part cannot use `arguments`: declare the parameters, or a rest parameter.';
  return reservedRefusal(name);
}

function isMathRandom({ object, property }: Extract<AnyNode, { type: 'MemberExpression' }>): boolean {
  return object.type === 'Identifier' && object.name === 'Math' && property.type === 'Identifier' && property.name === 'random';
}

const lengthElsewhere = 'A part can set the length of an array to 0 only: use `push`, `pop` or `splice`.';
const restElsewhere = 'Gather the rest in a declaration of its own: `const { a, ...rest } = value`.';

/** `a.length = …` can take memory for millions of items in one step; `f.prototype = …` makes chains that every look-up walks along. */
function assignmentRefusal({ left, right }: Extract<AnyNode, { type: 'AssignmentExpression' }>): string | undefined {
  if (sets(left, 'length') && !(right.type === 'Literal' && right.value === 0)) return lengthElsewhere;
  return sets(left, 'prototype') ? 'A part cannot set a prototype: use classes.' : undefined;
}

/** Whether a node is a property of this name, written as it is. */
function sets(node: AnyNode, name: string): boolean {
  if (node.type !== 'MemberExpression') return false;
  const { computed, property } = node;
  return (
    (!computed && property.type === 'Identifier' && property.name === name) || (property.type === 'Literal' && property.value === name)
  );
}

/** What a loop assigns to at each turn. */
function loopRefusal(left: AnyNode): string | undefined {
  if (left.type === 'MemberExpression') return 'Declare the variable of the loop with `const`.';
  return hasRest(left) ? restElsewhere : undefined;
}

/** `{ __proto__: … }`, which sets the prototype of the object. */
function namesPrototype({ computed, key }: Extract<AnyNode, { type: 'Property' }>): boolean {
  return !computed && ((key.type === 'Identifier' && key.name === '__proto__') || (key.type === 'Literal' && key.value === '__proto__'));
}

/** Whether a pattern gathers the rest of an array or object, which takes time in its length. */
export function hasRest(node: AnyNode): boolean {
  if (node.type === 'AssignmentPattern') return hasRest(node.left);
  if (node.type === 'ArrayPattern') return node.elements.some((element) => element?.type === 'RestElement');
  return node.type === 'ObjectPattern' && node.properties.some(({ type }) => type === 'RestElement');
}

/** The patterns directly inside a pattern. */
function patternsIn(node: Extract<AnyNode, { type: 'ArrayPattern' | 'ObjectPattern' }>): AnyNode[] {
  const items = node.type === 'ArrayPattern' ? node.elements.filter((element) => element !== null) : node.properties;
  return items.map((item) => (item.type === 'Property' ? item.value : item.type === 'RestElement' ? item.argument : item));
}

/** `[a.b] = …`: an assignment to a property whose name would not pass the checks of the transform. */
function assignsToMember(node: AnyNode | null): boolean {
  if (node === null) return false;
  switch (node.type) {
    case 'MemberExpression':
      return true;
    case 'ArrayPattern':
      return node.elements.some(assignsToMember);
    case 'ObjectPattern':
      return node.properties.some((property) => assignsToMember(property.type === 'Property' ? property.value : property));
    case 'AssignmentPattern':
      return assignsToMember(node.left);
    case 'RestElement':
      return assignsToMember(node.argument);
    default:
      return false;
  }
}

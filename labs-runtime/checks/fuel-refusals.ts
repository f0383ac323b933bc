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
      return node.async
        ? 'A part cannot hold async functions: `step` returns its effects at once, and the world calls it again.'
        : undefined;
    case 'AwaitExpression':
      return noWaiting;
    case 'ForOfStatement':
      return node.await ? 'A part cannot wait: `step` returns its effects at once.' : undefined;
    case 'ImportExpression':
      return 'A part cannot import while it runs: import at the top of the file.';
    case 'MetaProperty':
      return node.meta.name === 'import' ? 'A part has no import.meta.' : undefined;
    case 'Identifier':
      return identifierRefusal(node.name);
    case 'MemberExpression':
      return isMathRandom(node) ? `Math.random is not there. ${noChance}` : undefined;
    case 'CatchClause':
      return node.param && node.param.type !== 'Identifier' ? 'Give the caught error one name, and take it apart below.' : undefined;
    case 'AssignmentExpression':
      return setsLength(node.left) && !(node.right.type === 'Literal' && node.right.value === 0)
        ? 'A part can set the length of an array to 0 only: use `push`, `pop` or `splice`.'
        : undefined;
    case 'ArrayPattern':
    case 'ObjectPattern':
      return assignsToMember(node) ? 'Take values apart into variables first, then assign them to properties.' : undefined;
    case 'ForInStatement':
      return node.left.type === 'MemberExpression' ? 'Declare the variable of the loop with `const`.' : undefined;
    default:
      return undefined;
  }
}

function literalRefusal(node: Extract<AnyNode, { type: 'Literal' }>): string | undefined {
  if (node.regex) return noRegularExpressions;
  if (node.bigint && node.bigint.length > BIGINT_DIGITS_MAX) return `A bigint may have ${BIGINT_BITS_MAX} bits at most.`;
  return undefined;
}

function identifierRefusal(name: string): string | undefined {
  if (name.startsWith(RESERVED_PREFIX)) return `Names that begin with ${RESERVED_PREFIX} are not available: use another.`;
  if (name === 'eval') return 'A part cannot evaluate text as code.';
  if (name === 'arguments') return 'A part cannot use `arguments`: declare the parameters, or a rest parameter.';
  return undefined;
}

function isMathRandom({ object, property }: Extract<AnyNode, { type: 'MemberExpression' }>): boolean {
  return object.type === 'Identifier' && object.name === 'Math' && property.type === 'Identifier' && property.name === 'random';
}

/** `a.length = …`, which can take memory for millions of items in one step. */
function setsLength(node: AnyNode): boolean {
  if (node.type !== 'MemberExpression') return false;
  const { computed, property } = node;
  return (
    (!computed && property.type === 'Identifier' && property.name === 'length') ||
    (property.type === 'Literal' && property.value === 'length')
  );
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

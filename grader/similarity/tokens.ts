/**
 * A file as a row of tokens for comparison. A token is the kind of a node of TypeScript's syntax tree, so that names, values, comments,
 * formatting, semicolons, brackets and types say nothing: what is left is what the program does, in the order in which it is written.
 */
import ts from 'typescript';

/** The tokens of a file, each with its place. */
export interface Tokens {
  kinds: string[];
  /** The line in which each token begins, from 1; it never goes back. */
  lines: number[];
}

/** The tokens of a file, however wrong its syntax is; undefined where it nests so deep that it cannot be read. */
export function tokensOf(source: string): Tokens | undefined {
  const file = parsed(source);
  if (file === undefined) return undefined;
  const tokens: Tokens = { kinds: [], lines: [] };
  // A stack of our own: what the parser could still read must not exhaust the engine's.
  const waiting: ts.Node[] = [file];
  while (waiting.length > 0) {
    const node = waiting.pop()!;
    if (saysNothing(node)) continue;
    for (const kind of kindsOf(node)) {
      tokens.kinds.push(kind);
      tokens.lines.push(ts.getLineAndCharacterOfPosition(file, node.getStart(file)).line + 1);
    }
    const children: ts.Node[] = [];
    ts.forEachChild(node, (child) => void children.push(child));
    waiting.push(...children.reverse());
  }
  return tokens;
}

function parsed(source: string): ts.SourceFile | undefined {
  try {
    return ts.createSourceFile('submission.ts', source, ts.ScriptTarget.Latest);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Types, and what only speaks of other files. */
function saysNothing(node: ts.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isTypeParameterDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isImportDeclaration(node) ||
    ts.isModifier(node)
  );
}

/** Ways to write one thing, under one of them. */
const ALIKE: ReadonlyMap<ts.SyntaxKind, ts.SyntaxKind> = new Map([
  [ts.SyntaxKind.FunctionExpression, ts.SyntaxKind.FunctionDeclaration],
  [ts.SyntaxKind.ArrowFunction, ts.SyntaxKind.FunctionDeclaration],
  [ts.SyntaxKind.NoSubstitutionTemplateLiteral, ts.SyntaxKind.StringLiteral],
  [ts.SyntaxKind.FalseKeyword, ts.SyntaxKind.TrueKeyword],
  [ts.SyntaxKind.ShorthandPropertyAssignment, ts.SyntaxKind.PropertyAssignment],
  [ts.SyntaxKind.ElementAccessExpression, ts.SyntaxKind.PropertyAccessExpression],
]);

/** Nodes that a formatter adds or takes away, or that stand for what is in them. */
const TRANSPARENT: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.SourceFile,
  ts.SyntaxKind.Block,
  ts.SyntaxKind.EmptyStatement,
  ts.SyntaxKind.EndOfFileToken,
  ts.SyntaxKind.ParenthesizedExpression,
  ts.SyntaxKind.AsExpression,
  ts.SyntaxKind.SatisfiesExpression,
  ts.SyntaxKind.NonNullExpression,
  ts.SyntaxKind.TypeAssertionExpression,
]);

/** The tokens of a node without what is in it: one mostly. */
function kindsOf(node: ts.Node): string[] {
  if (TRANSPARENT.has(node.kind)) return [];
  const kind = String(ALIKE.get(node.kind) ?? node.kind);
  return ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node) ? [kind, String(node.operator)] : [kind];
}

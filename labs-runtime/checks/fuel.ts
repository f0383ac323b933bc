/**
 * The fuel transform: puts step counting into a part's bundle, and refuses what could not be counted. Walk two, step 2.
 * Every statement, every turn of a loop and every entry of a function becomes a call with the number of its site; a table leads from
 * the site back to the line the student wrote.
 */
import { parse } from 'acorn';
import type { AnyNode, Program, Statement } from 'acorn';
import MagicString from 'magic-string';
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping';
import type { SourcePosition } from '../ft/part.ts';
import { ITEMS_PER_STEP, NODES_PER_STEP } from './meter.ts';
import { hasRest, refusal, RESERVED_PREFIX } from './fuel-refusals.ts';
import { declaredNames, nameRefusal } from './global-names.ts';

/** Where a site is in the student's files; undefined for what the bundler wrote. */
export type Site = SourcePosition | undefined;

/** A part ready to run. */
export interface MeteredProgram {
  /** An expression: a function of the instruments, in the order of `INSTRUMENT_NAMES`, that returns a function which evaluates the part afresh. */
  code: string;
  sites: Site[];
}

/** Something in the student's file that a part cannot hold. */
export class RefusedSyntax extends Error {
  readonly position: Site;

  constructor(message: string, position: Site) {
    super(message);
    this.name = 'RefusedSyntax';
    this.position = position;
  }
}

/** The order in which `code` takes its instruments. */
export const INSTRUMENT_NAMES = [
  'tick',
  'charge',
  'enter',
  'leave',
  'left',
  'caught',
  'passing',
  'grown',
  'amount',
  'spread',
  'spreadArguments',
  'properties',
  'key',
  'constructible',
  'extendable',
] as const;

/** Holds what an item is being assigned to until the key is looked at; nothing of the part's runs between the two. */
const TARGET = `${RESERVED_PREFIX}target`;

type FunctionNode = Extract<AnyNode, { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }>;

type InstrumentName = (typeof INSTRUMENT_NAMES)[number];

/**
 * Instruments a bundle.
 * @param bundle an ES module without imports, as `bundleSubmission` makes it, that exports `start` and `step`
 * @param sourceMap its source map, as JSON; the names of its sources are the names of the student's files
 * @throws RefusedSyntax for what a part cannot hold
 */
export function meterProgram(bundle: string, sourceMap: string): MeteredProgram {
  const arrows: number[] = [];
  const program = parseBundle(bundle, arrows);
  refuseDeepNesting(program);
  const transform = new FuelTransform(bundle, new TraceMap(sourceMap), arrows);
  return transform.run(program);
}

/** How deep the nodes of a syntax tree may stand in each other. What walks them is recursive, and stacks end at other depths elsewhere. */
const NODES_NESTED_MAX = 400;

const nestedTooDeep = `The file holds code that is nested more than ${NODES_NESTED_MAX} deep: split it into functions or statements.`;

function parseBundle(bundle: string, arrows: number[]): Program {
  try {
    return parse(bundle, {
      ecmaVersion: 2022,
      sourceType: 'module',
      locations: true,
      onToken: (token) => {
        if (token.type.label === '=>') arrows.push(token.end);
      },
    });
  } catch (error) {
    // acorn's words for a full stack; esbuild has read the file before, so that nothing else can be wrong with it.
    if (error instanceof RangeError || /stack/.test((error as Error).message)) throw new RefusedSyntax(nestedTooDeep, undefined);
    throw error;
  }
}

/** Without recursion itself. */
function refuseDeepNesting(program: Program): void {
  let level: AnyNode[] = [program];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > NODES_NESTED_MAX) throw new RefusedSyntax(nestedTooDeep, undefined);
    level = level.flatMap(children);
  }
}

/** One run over one syntax tree. Opening text is added on the way down and closing text on the way up, so that they nest. */
class FuelTransform {
  private readonly text: MagicString;
  private readonly map: TraceMap;
  private readonly arrows: number[];
  private readonly sites: Site[] = [];
  private exports: string[] = [];
  private declared: ReadonlySet<string> = new Set();

  constructor(bundle: string, map: TraceMap, arrows: number[]) {
    this.text = new MagicString(bundle);
    this.map = map;
    this.arrows = arrows;
  }

  run(program: Program): MeteredProgram {
    this.declared = declaredNames(program, children);
    this.statements(program.body as Statement[]);
    const parameters = INSTRUMENT_NAMES.map((name) => RESERVED_PREFIX + name).join(',');
    this.text.prepend(`((${parameters})=>()=>{let ${TARGET};\n`).append(`\nreturn {${this.exports.join(',')}};})`);
    const code = this.text.toString();
    const left = /\bimport\s*[(/.]|\beval\s*\(|<!--|-->/.exec(code);
    if (left !== null)
      throw new RefusedSyntax(`A part cannot hold the text ${left[0]}: choose another name, or put spaces into it.`, undefined);
    return { code, sites: this.sites };
  }

  /** Makes a site for a node, and returns its number. */
  private site(node: AnyNode): number {
    return this.sites.push(this.position(node)) - 1;
  }

  private position(node: AnyNode): Site {
    const { source, line, column } = originalPositionFor(this.map, { line: node.loc!.start.line, column: node.loc!.start.column });
    return source === null ? undefined : { file: source, line, column: column + 1 };
  }

  private call(name: InstrumentName, node: AnyNode): string {
    return `${RESERVED_PREFIX}${name}(${this.site(node)});`;
  }

  /** The step of a statement, and more for one that does much. */
  private step(node: AnyNode): string {
    return this.call('tick', node) + chargeFor([node]);
  }

  private statements(list: AnyNode[]): void {
    for (const statement of list) {
      if (statement.type === 'ExportNamedDeclaration') {
        this.takeExports(statement);
        continue;
      }
      if (isTicked(statement)) this.text.appendRight(statement.start, this.step(statement));
      this.visit(statement);
    }
  }

  /** `export { a as start, b as step }` at the end of the bundle becomes the value that the whole program returns. */
  private takeExports(node: Extract<AnyNode, { type: 'ExportNamedDeclaration' }>): void {
    this.exports = node.specifiers.map(({ exported, local }) => {
      if (exported.type !== 'Identifier' || local.type !== 'Identifier')
        throw new RefusedSyntax('An export needs a plain name.', this.position(node));
      return `${exported.name}:${local.name}`;
    });
    this.text.remove(node.start, node.end);
  }

  private visit(node: AnyNode): void {
    const reason = refusal(node) ?? (node.type === 'Identifier' ? nameRefusal(node.name, this.declared) : undefined);
    if (reason !== undefined) throw new RefusedSyntax(reason, this.position(node));
    switch (node.type) {
      case 'BlockStatement':
      case 'StaticBlock':
        return this.statements(node.body);
      case 'SwitchStatement':
        this.visit(node.discriminant);
        for (const branch of node.cases) {
          if (branch.test) this.visit(branch.test);
          this.statements(branch.consequent);
        }
        return;
      case 'IfStatement':
        this.visit(node.test);
        this.single(node.consequent);
        if (node.alternate) this.single(node.alternate);
        return;
      case 'ForStatement':
      case 'ForInStatement':
      case 'ForOfStatement':
      case 'WhileStatement':
      case 'DoWhileStatement':
        return this.loop(node);
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.functionNode(node);
      default:
        this.expression(node);
    }
  }

  /** A statement that stands where no list is, as after `if (x)`: it gets a block, so that its step can stand before it. */
  private single(node: Statement, turn = ''): void {
    if (node.type === 'BlockStatement') {
      this.text.appendLeft(node.start + 1, turn);
      return this.visit(node);
    }
    this.text.appendRight(node.start, `{${turn}${isTicked(node) ? this.step(node) : ''}`);
    this.visit(node);
    this.text.appendLeft(node.end, '}');
  }

  private loop(node: Extract<AnyNode, { body: Statement }>): void {
    const turn = this.call('tick', node) + chargeFor(doneEachTurn(node));
    for (const part of children(node)) {
      if (part === node.body) this.single(node.body, turn);
      else if (node.type === 'ForInStatement' && part === node.right) this.wrap('properties', part);
      else this.visit(part);
    }
  }

  private functionNode(node: FunctionNode): void {
    for (const parameter of node.params) this.visit(parameter);
    // A generator may outlive the call that made it: its depth is counted where it is resumed (metered-builtins.ts).
    const name = node.generator ? 'tick' : 'enter';
    // What stands in its parameters, and in an arrow's expression, is run at each call, in no statement of its own.
    const inNoStatement = node.body.type === 'BlockStatement' ? node.params : [...node.params, node.body];
    const open = `${this.call(name, node)}try{${chargeFor(inNoStatement)}`;
    const close = node.generator ? '}finally{}' : `}finally{${RESERVED_PREFIX}leave();}`;
    if (node.body.type === 'BlockStatement') {
      this.text.appendLeft(node.body.start + 1, open);
      this.statements(node.body.body);
      this.text.appendLeft(node.body.end - 1, close);
      return;
    }
    const lastParameter = node.params.at(-1);
    const arrow = this.arrows.find((end) => end > (lastParameter?.end ?? node.start) && end <= node.body.start)!;
    this.text.appendLeft(arrow, `{${open}return(`);
    this.visit(node.body);
    this.text.appendLeft(node.end, `);${close}}`);
  }

  /** Everything that is neither a list of statements nor a function: wraps what can grow, and goes on inside. */
  private expression(node: AnyNode): void {
    const grows = canGrow(node);
    if (grows) this.text.appendRight(node.start, `${RESERVED_PREFIX}grown((`);
    if (node.type === 'Literal' || node.type === 'TemplateElement') this.escape(node);
    if (node.type === 'CatchClause') this.catchClause(node);
    if (node.type === 'TryStatement' && !node.handler) this.noHandler(node);
    if (node.type === 'ClassBody') this.fields(node);
    for (const part of partsOf(node)) {
      if (!isName(node, part) && !asksForName(node, part)) this.part(node, part);
    }
    if (grows) this.text.appendLeft(node.end, '))');
  }

  /** One child of an expression, with the wrapper that its place asks for. */
  private part(node: AnyNode, part: AnyNode): void {
    if (part.type === 'SpreadElement') {
      const kind = node.type === 'ObjectExpression' ? 'properties' : node.type === 'ArrayExpression' ? 'spread' : 'spreadArguments';
      return this.wrap(kind, part.argument);
    }
    if (isShiftOrPower(node) && part === node.right) return this.wrap('amount', part);
    if (node.type === 'NewExpression' && part === node.callee) {
      // In brackets of its own: `new f(X)(…)` would construct an f.
      this.text.appendRight(part.start, '(');
      this.wrap('constructible', part);
      this.text.appendLeft(part.end, ')');
      return;
    }
    if ((node.type === 'ClassDeclaration' || node.type === 'ClassExpression') && part === node.superClass)
      return this.wrap('extendable', part);
    if (node.type === 'VariableDeclarator' && part === node.init && hasRest(node.id)) return this.wrap(gathering(node.id), part);
    if (node.type === 'AssignmentExpression' && part === node.right && hasRest(node.left)) return this.wrap(gathering(node.left), part);
    if (isAssignedTo(node, part) && part.type === 'MemberExpression' && part.computed) return this.assigned(part);
    const isInitialiser =
      (node.type === 'AssignmentPattern' && part === node.right) || (node.type === 'PropertyDefinition' && part === node.value);
    // A pattern's are charged for by what it stands in.
    if (isInitialiser && !isConstant(part)) return this.initialiser(part, node.type === 'PropertyDefinition' ? chargeFor([part]) : '');
    this.visit(part);
  }

  private wrap(name: InstrumentName, node: AnyNode): void {
    this.text.appendRight(node.start, `${RESERVED_PREFIX}${name}((`);
    this.visit(node);
    this.text.appendLeft(node.end, '))');
  }

  /** `a[key] = …`: an item far behind the end of an array makes it that long, so that the key is looked at together with what it is a key of. */
  private assigned({ object, property }: Extract<AnyNode, { type: 'MemberExpression' }>): void {
    const isSuper = object.type === 'Super';
    if (!isSuper) {
      this.text.appendRight(object.start, `(${TARGET}=(`);
      this.visit(object);
      this.text.appendLeft(object.end, '))');
    }
    this.text.appendRight(property.start, `${RESERVED_PREFIX}key(${isSuper ? 'this' : TARGET},(`);
    this.visit(property);
    this.text.appendLeft(property.end, '))');
  }

  /** An initialiser runs outside any statement, and may call the very function or class it belongs to: it counts as a function. */
  private initialiser(node: AnyNode, charge: string): void {
    this.text.appendRight(node.start, `${RESERVED_PREFIX}left((${RESERVED_PREFIX}enter(${this.site(node)}),${charge.replace(';', ',')}(`);
    this.visit(node);
    this.text.appendLeft(node.end, ')))');
  }

  /** Each `new` of a class makes all of its fields, in no statement: many of them are charged for by one more. */
  private fields(node: Extract<AnyNode, { type: 'ClassBody' }>): void {
    const count = node.body.filter((member) => member.type === 'PropertyDefinition' && !member.static).length;
    if (count <= ITEMS_PER_STEP) return;
    const charge = `${RESERVED_PREFIX}charge(${Math.ceil(count / ITEMS_PER_STEP)})`;
    this.text.appendLeft(node.start + 1, `#${RESERVED_PREFIX}fields=${charge};`);
  }

  /** A part may not go on by catching what stops it. */
  private catchClause(node: Extract<AnyNode, { type: 'CatchClause' }>): void {
    const name = node.param?.type === 'Identifier' ? node.param.name : `${RESERVED_PREFIX}error`;
    if (node.param === null || node.param === undefined) this.text.appendLeft(node.start + 'catch'.length, `(${name})`);
    this.text.appendLeft(node.body.start + 1, `${RESERVED_PREFIX}caught(${name});`);
  }

  /** `finally` may drop an error, too, by a `return` of its own. */
  private noHandler({ block }: Extract<AnyNode, { type: 'TryStatement' }>): void {
    const name = `${RESERVED_PREFIX}error`;
    this.text.appendRight(block.end, `catch(${name}){${RESERVED_PREFIX}passing(${name});throw ${name};}`);
  }

  /** SES refuses a source that looks like an import, an eval or an HTML comment, even inside a string. */
  private escape(node: Extract<AnyNode, { type: 'Literal' | 'TemplateElement' }>): void {
    const source = this.text.original.slice(node.start, node.end);
    const escaped = source.replace(
      /import(?=\s*[(/.])|\beval(?=\s*\()|<!--|-->/g,
      (found) => `\\x${found.charCodeAt(0).toString(16)}${found.slice(1)}`,
    );
    if (escaped !== source) this.text.overwrite(node.start, node.end, escaped);
  }
}

/** Whether a statement takes a step of its own: declarations of functions run nothing, and a block's statements take their own. */
function isTicked(node: AnyNode): boolean {
  return node.type !== 'FunctionDeclaration' && node.type !== 'EmptyStatement' && node.type !== 'BlockStatement';
}

const growing = new Set(['+', '-', '*', '**', '<<', '>>', '+=', '-=', '*=', '**=', '<<=', '>>=']);

/** Whether the value of an expression can be a longer string or a larger bigint than those it is made of. */
function canGrow(node: AnyNode): boolean {
  if (node.type === 'TemplateLiteral') return node.expressions.length > 0;
  if (node.type !== 'BinaryExpression' && node.type !== 'AssignmentExpression') return false;
  if (!growing.has(node.operator)) return false;
  // A number beside any operator but `+` makes a number, or throws.
  const left = node.type === 'BinaryExpression' ? node.left : undefined;
  return node.operator.startsWith('+') || !(isNumber(left) || isNumber(node.right));
}

function isNumber(node: AnyNode | undefined): boolean {
  return node?.type === 'Literal' && typeof node.value === 'number';
}

function isShiftOrPower(node: AnyNode): node is Extract<AnyNode, { type: 'BinaryExpression' | 'AssignmentExpression' }> {
  return canGrow(node) && 'operator' in node && /^(\*\*|<<|>>)=?$/.test(node.operator);
}

function isConstant(node: AnyNode): boolean {
  return (
    node.type === 'Literal' || node.type === 'Identifier' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'
  );
}

/** What charges for code that is run at once; nothing for what a step of its own covers. */
function chargeFor(nodes: AnyNode[]): string {
  const steps = Math.floor(nodes.reduce((sum, node) => sum + stepsOf(node), 0));
  return steps > 1 ? `${RESERVED_PREFIX}charge(${steps});` : '';
}

/** The parts of a loop that each turn runs, besides its body. */
function doneEachTurn(loop: AnyNode): AnyNode[] {
  if (loop.type === 'ForInStatement' || loop.type === 'ForOfStatement') return [loop.left];
  if (loop.type === 'ForStatement') return [loop.test, loop.update].filter((part) => part !== null && part !== undefined);
  return loop.type === 'WhileStatement' || loop.type === 'DoWhileStatement' ? [loop.test] : [];
}

/** Steps for the expressions of a statement: for each object, or eight items of one, and for its text; what stands inside inner statements counts there. */
function stepsOf(node: AnyNode): number {
  let values = 1 / NODES_PER_STEP;
  if (node.type === 'ArrayExpression') values += 1 + node.elements.length / ITEMS_PER_STEP;
  else if (node.type === 'ObjectExpression') values += 1 + node.properties.length / ITEMS_PER_STEP;
  else if (/^(FunctionExpression|ArrowFunctionExpression|ClassExpression|ClassBody|NewExpression|TemplateLiteral)$/.test(node.type))
    values += 1;
  for (const part of children(node)) {
    if (part.type === 'SwitchCase') values += part.test ? stepsOf(part.test) : 0;
    else if (!/Statement$|^StaticBlock$/.test(part.type)) values += stepsOf(part);
  }
  return values;
}

/** The instrument for what a pattern takes apart that gathers the rest. */
function gathering(pattern: AnyNode): InstrumentName {
  return pattern.type === 'ArrayPattern' ? 'spread' : 'properties';
}

function isAssignedTo(node: AnyNode, part: AnyNode): boolean {
  return (node.type === 'AssignmentExpression' && part === node.left) || node.type === 'UpdateExpression';
}

/** The nodes below an expression that hold code: not the texts of a tagged template, nor the words of `new.target`. */
function partsOf(node: AnyNode): AnyNode[] {
  if (node.type === 'MetaProperty') return [];
  return node.type === 'TaggedTemplateExpression' ? [node.tag, ...node.quasi.expressions] : children(node);
}

/** Whether a node is the name of a property written as it is: any word may stand there. */
function isName(node: AnyNode, part: AnyNode): boolean {
  if (part.type !== 'Identifier' || !('computed' in node) || node.computed) return false;
  if (node.type === 'Property' && node.shorthand) return false;
  return ('property' in node && node.property === part) || ('key' in node && node.key === part);
}

/** `typeof name`, which may be asked of any name. */
function asksForName(node: AnyNode, part: AnyNode): boolean {
  return node.type === 'UnaryExpression' && node.operator === 'typeof' && part.type === 'Identifier';
}

/** The nodes directly below a node, in the order of the text. */
function children(node: AnyNode): AnyNode[] {
  const found: AnyNode[] = [];
  for (const [name, value] of Object.entries(node)) {
    if (name === 'loc') continue;
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'object' && item !== null && typeof item.type === 'string') found.push(item);
    }
  }
  // `{ a }` holds its one identifier twice, as key and as value: it must not be wrapped twice.
  const unique = found.filter((item, index) => index === 0 || item.start !== found[index - 1]!.start || item.end !== found[index - 1]!.end);
  return unique.sort((left, right) => left.start - right.start);
}

/**
 * The language of the guest `compile`, told again: a parser that makes closures instead of a tree and code, so that it shares no step with the
 * compiler that it checks.
 */

type Variables = Map<string, number>;

/** An expression as what it computes, and whether only numbers are in it. */
interface Expression {
  isConstant: boolean;
  value(variables: Variables): number;
}

type Statement = (variables: Variables, print: (value: number) => void) => void;

export interface WordProgram {
  /** Operators whose operands are constant. */
  foldableCount: number;
  /** What the program prints when it starts with `round` at that value. */
  run(round: number): number[];
}

const OPERATORS: Record<string, { level: number; compute(left: number, right: number): number }> = {
  '==': { level: 1, compute: (left, right) => Number(left === right) },
  '<': { level: 2, compute: (left, right) => Number(left < right) },
  '>': { level: 2, compute: (left, right) => Number(left > right) },
  '+': { level: 3, compute: (left, right) => left + right },
  '-': { level: 3, compute: (left, right) => left - right },
  '*': { level: 4, compute: (left, right) => Math.imul(left, right) },
  '/': { level: 4, compute: (left, right) => (right === 0 ? 0 : Math.floor(left / right)) },
  '%': { level: 4, compute: (left, right) => (right === 0 ? 0 : left % right) },
};

class Parser {
  readonly #tokens: string[];
  #next = 0;
  foldableCount = 0;

  constructor(text: string) {
    this.#tokens = text.match(/==|[a-z_]+|\d+|\S/g) ?? [];
  }

  statements(end?: string): Statement {
    const list: Statement[] = [];
    while (this.#peek() !== end) list.push(this.#statement());
    this.#next++;
    return (variables, print) => list.forEach((statement) => statement(variables, print));
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #take(wanted?: string): string {
    const token = this.#tokens[this.#next++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) {
      throw new Error(`token ${this.#next - 1} is ${token}, expected ${wanted ?? 'one more'}`);
    }
    return token;
  }

  #block(): Statement {
    this.#take('{');
    return this.statements('}');
  }

  #statement(): Statement {
    const first = this.#take();
    if (first === 'while') {
      const [condition, body] = [this.#expression(), this.#block()];
      return (variables, print) => {
        while (condition.value(variables) !== 0) body(variables, print);
      };
    }
    if (first === 'if') {
      const [condition, body] = [this.#expression(), this.#block()];
      this.#take('else');
      const otherwise = this.#block();
      return (variables, print) => (condition.value(variables) !== 0 ? body : otherwise)(variables, print);
    }
    if (first !== 'print') this.#take('=');
    const { value } = this.#expression();
    this.#take(';');
    if (first === 'print') return (variables, print) => print(value(variables));
    return (variables) => void variables.set(first, value(variables));
  }

  #expression(lowestLevel = 1): Expression {
    let left = this.#primary();
    for (;;) {
      const operator = OPERATORS[this.#peek() ?? ''];
      if (operator === undefined || operator.level < lowestLevel) return left;
      this.#next++;
      left = this.#operation(operator.compute, left, this.#expression(operator.level + 1));
    }
  }

  #operation(compute: (left: number, right: number) => number, left: Expression, right: Expression): Expression {
    const isConstant = left.isConstant && right.isConstant;
    if (isConstant) this.foldableCount++;
    return { isConstant, value: (variables) => compute(left.value(variables), right.value(variables)) >>> 0 };
  }

  #primary(): Expression {
    const token = this.#take();
    if (token === '-') return this.#operation(OPERATORS['-']!.compute, { isConstant: true, value: () => 0 }, this.#primary());
    if (token === '(') {
      const inner = this.#expression();
      this.#take(')');
      return inner;
    }
    if (/^\d/.test(token)) return { isConstant: true, value: () => Number(token) };
    return { isConstant: false, value: (variables) => variables.get(token) ?? 0 };
  }
}

/** Reads a program. Throws an Error that names the first token that does not fit. */
export function readWordProgram(text: string): WordProgram {
  const parser = new Parser(text);
  const program = parser.statements();
  return {
    foldableCount: parser.foldableCount,
    run: (round) => {
      const printed: number[] = [];
      program(new Map([['round', round]]), (value) => printed.push(value));
      return printed;
    },
  };
}

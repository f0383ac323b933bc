import { describe, expect, test } from 'vitest';
import { RefusedSyntax, meterProgram } from '../../../labs-runtime/checks/fuel.ts';
import { CALL_STEPS_MAX } from '../../../labs-runtime/checks/meter.ts';
import { lab } from '../../fixtures/labs/echo/lab.ts';
import { bundleOf, partOf } from './metered-part.ts';

const { stepsMax } = lab.limits;

describe('steps are counted', () => {
  test('one for a statement, one for a turn of a loop, one for the entry of a function', async () => {
    const straight = await partOf('const a = 1; const b = 2; return a + b;');
    expect(straight.run()).toBe(3);
    expect(straight.stop().steps).toBe(1 + 3);
    const loop = await partOf('let sum = 0; for (let turn = 0; turn < 10; turn += 1) sum += turn; return sum;');
    expect(loop.run()).toBe(45);
    expect(loop.stop().steps).toBe(1 + 3 + 10 * 2);
    const calls = await partOf('const twice = (n: number) => 2 * n; return twice(twice(3));');
    expect(calls.run()).toBe(12);
    expect(calls.stop().steps).toBe(1 + 2 + 2);
  });

  test.each([
    ['while', 'while (true) {\n x += 1; }'],
    ['an empty while', 'while (true);'],
    ['for', 'for (;;) {}'],
    ['do', 'do { x = 1; } while (true);'],
    ['for of a list that grows', 'const list = [1]; for (const item of list) list.push(item);'],
    ['a labelled continue', 'outer: for (;;) { for (;;) continue outer; }'],
    ['a loop in a catch', 'for (;;) { try { throw 1; } catch { continue; } }'],
    ['a loop that catches what stops it', 'for (;;) { try { for (;;) x = 1; } catch (error) { x = error; } }'],
    ['a loop in a finally', 'try { return 1; } finally { for (;;) x = 1; }'],
    ['a switch that never ends', 'for (;;) switch (x) { case 1: break; default: x = 1; }'],
    ['a generator', 'function* all() { for (;;) yield 1; }\nfor (const item of all()) x = item;'],
    ['a getter', 'const object = { get loop() { for (;;); } }; return object.loop;'],
    ['a class field', 'class Loop { field = new Loop(); }\nreturn new Loop();'],
    ['a default argument', 'function call(argument = call()): any { return argument; }\nreturn call();'],
    ['valueOf', 'return { valueOf() { for (;;); } } + 1;'],
    ['a static block', 'class Loop { static { for (;;); } }\nreturn Loop;'],
  ])('and run out in %s', async (_, body) => {
    const part = await partOf(body);
    expect(() => part.run({})).toThrow();
    const stop = part.stop();
    expect(stop.kind).toBe('step budget');
    expect(stop.line).toBeGreaterThanOrEqual(2);
    const again = await partOf(body);
    expect(() => again.run({})).toThrow();
    expect(again.stop()).toEqual(stop);
  });

  /** Many values, in one expression. */
  const wide = `[${Array.from({ length: 2000 }, () => '[]').join()}].length`;
  const often = 'for (let turn = 0; turn < 100; turn += 1)';
  const manyNames = 'const many: any = []; for (let name = 0; name < 10_000; name += 1) many[`n${name}`] = 1;';

  test.each([
    ['an expression', `${often} x = ${wide};`],
    ['a row of assignments', `for (let turn = 0; turn < 1000; turn += 1) { (${Array.from({ length: 4000 }, () => 'x = turn').join()}); }`],
    ['what each turn of a loop asks', `for (let turn = 0; turn < 100 && ${wide} > turn; turn += 1);`],
    ['what each turn of a while asks', `let turn = 0; while (turn < 100 && ${wide} > turn) turn += 1;`],
    ['a case', `${often} switch (turn) { case ${wide}: }`],
    ['an arrow', `const wide = () => ${wide}; ${often} wide();`],
    ['a default', `function wide(count = ${wide}) { return count; } ${often} wide();`],
    ['a default of a field', `class Wide { field = ${wide}; } ${often} new Wide();`],
    ['many fields', `class Wide { ${Array.from({ length: 20_000 }, (_, index) => `f${index} = 1;`).join('')} } ${often} new Wide();`],
    ['an array with many names', `${manyNames} ${often} x = { ...many };`],
  ])('and more for much at once, in %s', async (_, body) => {
    const part = await partOf(body);
    expect(() => part.run({})).toThrow();
    expect(part.stop().kind).toBe('step budget');
  });

  test('and a stop outlives whatever the part makes of it', async () => {
    const part = await partOf('try { for (;;); } catch { return 1; } finally { return 2; }');
    expect(() => part.run()).toThrow();
    expect(part.stop()).toMatchObject({ kind: 'step budget', steps: stepsMax });
    // The budget stays spent for the check: without a new one nothing runs.
    expect(() => part.meter.run(() => part.instruments.tick(0))).toThrow();
  });

  test('and one call cannot take more than its share', async () => {
    const part = await partOf('for (;;);', { ...lab.limits, stepsMax: 10 * CALL_STEPS_MAX });
    expect(() => part.run()).toThrow();
    expect(part.stop()).toMatchObject({ kind: 'step budget', steps: CALL_STEPS_MAX });
  });

  test('by the line of the student, not of the bundle', async () => {
    const part = await partOf('const skipped = 1;\n\n  while (true) {\n    // a comment\n    x = skipped;\n  }');
    expect(() => part.run()).toThrow();
    expect([4, 6]).toContain(part.stop().line);
  });

  test('for nobody once the call has returned', async () => {
    const part = await partOf('return () => 1;');
    const late = part.run() as () => unknown;
    expect(late).toThrow(/after its call had returned/);
  });
});

describe('depth is bounded', () => {
  test.each([
    ['a function', 'function down(n: number): number { return 1 + down(n + 1); }\nreturn down(0);'],
    ['an arrow', 'const down = (n: number): number => 1 + down(n + 1);\nreturn down(0);'],
    ['a method', 'class Down { down(): number { return 1 + this.down(); } }\nreturn new Down().down();'],
    ['two functions', 'function a(): void { b(); }\nfunction b(): void { a(); }\na();'],
    ['a callback', 'function down(): void { [1].map(() => down()); }\ndown();'],
  ])('in %s', async (_, body) => {
    const part = await partOf(body);
    expect(() => part.run()).toThrow();
    expect(part.stop()).toMatchObject({ kind: 'step budget', explanation: expect.stringContaining('200 deep') });
  });

  test('where its stack is full, though a finally drops the error', async () => {
    const part = await partOf('function fill({ [fill({})]: a }: any): any { return a; }\ntry { fill({}); } finally { return 1; }');
    expect(() => part.run()).toThrow();
    expect(part.stop()).toMatchObject({ kind: 'step budget', explanation: expect.stringContaining('filled the stack') });
    const other = await partOf('try { x.y.z; } finally { return 1; }');
    expect(other.run({})).toBe(1);
    expect(other.stop().kind).toBeUndefined();
  });

  test('and comes back when a call has thrown', async () => {
    const part = await partOf(
      'let caught = 0; for (let i = 0; i < 300; i += 1) { try { (() => { throw 1; })(); } catch { caught += 1; } } return caught;',
    );
    expect(part.run()).toBe(300);
  });
});

describe('growth is bounded', () => {
  test.each([
    ['a string that doubles', 'let text = "ab"; for (;;) text = text + text;'],
    ['a string that doubles in place', 'let text = "ab"; for (;;) text += text;'],
    ['a string that doubles in a property', 'x.text = "ab"; for (;;) x.text += x.text;'],
    ['a template that doubles', 'let text = "ab"; for (;;) text = `${text}${text}`;'],
    ['a bigint that doubles by addition', 'let n = 1n; for (;;) n = n + n;'],
    ['a bigint that doubles by subtraction', 'let n = 1n; for (;;) n = n - -n;'],
    ['a bigint that squares', 'let n = 2n; for (;;) n *= n;'],
    ['a power', 'return 2n ** 100000000n;'],
    ['a power in place', 'let n = 2n; n **= 100000000n; return n;'],
    ['a shift', 'return 1n << 1000000000n;'],
    ['a shift to the left by a shift to the right', 'return 1n >> -1000000000n;'],
    ['many arguments', 'return Math.max(...new Array(20000).fill(1));'],
    ['the length of an array by a computed name', 'const list: any = []; list[x.name] = 3e7;'],
  ])('in %s', async (_, body) => {
    const part = await partOf(body);
    expect(() => part.run({ name: 'length' })).toThrow();
    expect(part.stop().kind).toBe('refused');
  });

  test('and small growth is left alone', async () => {
    const part = await partOf(
      'let text = ""; for (let i = 0; i < 100; i += 1) text += `${i},`; return [text.length, 2n ** 64n, 1n << 63n, 5 - 3, 2 ** 10, 1 << 4];',
    );
    expect(part.run()).toEqual([290, 2n ** 64n, 1n << 63n, 2, 1024, 16]);
    expect(part.stop().kind).toBeUndefined();
  });
});

describe('what cannot be counted is refused, with its position', () => {
  test.each([
    ['a regular expression', 'return /(a+)+$/.test(x);', 'regular expressions'],
    ['an async function', 'const wait = async () => 1; return wait;', 'async functions'],
    ['await', 'async function wait() { await x; }\nreturn wait;', 'async functions'],
    ['eval', 'return eval("1");', 'evaluate text'],
    ['arguments', 'return arguments[0];', 'arguments'],
    ['a name of the transform', 'return __lockstep_tick;', '__lockstep_'],
    ['the length of an array', 'const list = [1]; list.length = 3e7; return list;', 'length of an array'],
    ['a pattern that assigns to properties', '[x.length] = [3e7]; return x;', 'apart into variables'],
    ['import.meta', 'return import.meta;', 'import.meta'],
    ['a bigint of a thousand digits', `return ${'9'.repeat(1000)}n;`, 'bits'],
  ])('%s', async (_, body, words) => {
    const { code, map } = await bundleOf(`export function start(x: any): any {\n  ${body}\n}\nexport const step = () => [];\n`);
    const refused = catchRefusal(() => meterProgram(code, map));
    expect(refused?.message).toContain(words);
    expect(refused?.position).toMatchObject({ file: 'echo.ts', line: 2 });
  });

  test('but the same words as names or in text are not', async () => {
    const part = await partOf(
      'const o = { eval: 1, arguments: 2, import: 3 }; o.eval += 1; return [o, "import(x)", "eval(1)", "<!-- -->", `import (${x})`];',
    );
    expect(part.run('y')).toEqual([{ eval: 2, arguments: 2, import: 3 }, 'import(x)', 'eval(1)', '<!-- -->', 'import (y)']);
    expect(part.program.code).not.toMatch(/import\s*\(|eval\s*\(|<!--|-->/);
  });

  test('and emptying an array by its length is not', async () => {
    expect((await partOf('const list = [1, 2]; list.length = 0; return list;')).run()).toEqual([]);
  });
});

describe('a program means the same as before', () => {
  test.each([
    ['arrows that return objects', 'return [1, 2].map((n) => ({ n }));', [{ n: 1 }, { n: 2 }]],
    ['arrows without parameters', 'const f = () => (1, 2); return f();', 2],
    ['arrows with default parameters that are arrows', 'const f = (g = (n: number) => n + 1) => g(1); return f();', 2],
    [
      'labels',
      'let turns = 0; outer: for (const a of [1, 2, 3]) { for (const b of [1, 2, 3]) { if (b === 2) continue outer; if (a === 3) break outer; turns += 1; } } return turns;',
      2,
    ],
    [
      'switches that fall through',
      'const out = []; switch (2 as number) { case 1: out.push(1); case 2: out.push(2); case 3: out.push(3); break; default: out.push(4); } return out;',
      [2, 3],
    ],
    ['else if', 'if (x === 1) return "one"; else if (x === 2) return "two"; else return "more";', 'two'],
    ['closures in loops', 'const all = []; for (let i = 0; i < 3; i += 1) all.push(() => i); return all.map((f) => f());', [0, 1, 2]],
    [
      'destructuring',
      'const { a, ...others } = { a: 1, b: 2, c: 3 }; const [first, ...rest] = [1, 2, 3]; return [a, others, first, rest];',
      [1, { b: 2, c: 3 }, 1, [2, 3]],
    ],
    ['shorthand and defaults', 'const { a = 5, b = 6 } = { a: 1 } as any; const c = a + b; return { a, b, c };', { a: 1, b: 6, c: 7 }],
    [
      'classes',
      'class Base { n = 1; get two() { return this.n + 1; } static make() { return new this(); } }\nclass Child extends Base { #p = 3; p() { return this.#p + super.two; } constructor() { super(); this.n = 2; } }\nreturn [new Child().p(), Child.make().n, new Child() instanceof Base];',
      [6, 2, true],
    ],
    ['errors', 'try { null!.x; } catch (error) { return error instanceof TypeError; }', true],
    [
      'generators',
      'function* some() { const got = yield 1; yield got * 2; return 9; }\nconst g = some(); return [g.next().value, g.next(4).value, g.next(), [...some()]];',
      [1, 8, { value: 9, done: true }, [1, NaN]],
    ],
    [
      'new in every form',
      'const pairs = new Map([[1, 2]]); const bytes = new Uint8Array(3); const make = () => Map; return [pairs.get(1), bytes.length, new (make())().size, new Map().size];',
      [2, 3, 0, 0],
    ],
    [
      'operators',
      'let a = 7; a -= 2; a *= 3; a <<= 1; a >>= 2; a **= 2; return [a, 1 - -1, "a" + 1 + 2, 2 ** 3 ** 2, 10n - 3n];',
      [49, 2, 'a12', 512, 7n],
    ],
    [
      'spread',
      'const list = [1, 2]; const o = { a: 1 }; return [[...list, ..."ab"], Math.max(...list), { ...o, b: 2 }];',
      [[1, 2, 'a', 'b'], 2, { a: 1, b: 2 }],
    ],
    ['computed names', 'const o: any = {}; const k = "a"; o[k] = 1; o[k + "b"] = 2; o[3] = 4; return o;', { a: 1, ab: 2, 3: 4 }],
    ['enums', 'enum Kind { A, B = 5 }\nreturn [Kind.A, Kind.B, Kind[5]];', [0, 5, 'B']],
    ['for in', 'const names = []; for (const name in { a: 1, b: 2 }) names.push(name); return names;', ['a', 'b']],
    ['optional chaining', 'return [x?.y?.z, x.toString?.call(3), x ?? 1];', [undefined, '3', 2]],
    ['tagged templates', 'const tag = (parts: any, n: number) => parts.join("|") + n; return tag`a${1}b`;', 'a|b1'],
    ['hoisting', 'return early(); function early() { return 1; }', 1],
  ])('%s', async (_, body, expected) => {
    expect((await partOf(body)).run(2)).toEqual(expected);
  });
});

function catchRefusal(body: () => unknown): RefusedSyntax | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    if (error instanceof RefusedSyntax) return error;
    throw error;
  }
}

/** Attacks that reach the pipeline itself: each is refused here, and each works on a grader without defences. */
import { describe, expect, test } from 'vitest';
import { echoSolution, gradeInBoth, gradeNaively } from './hosts.ts';

/** A part that never counts: whatever passes, passes by the attack alone. */
function part({ top = '', body = 'return [];' }: { top?: string; body?: string }): string {
  return `${top}\nexport function start(): any { return {}; }\nexport function step(state: any, input: any): any { ${body} }\n`;
}

const lies: [string, string][] = [
  [
    'asymmetricMatch, which makes the matcher ask the part',
    part({ body: 'return [{ kind: "say", text: input.text, count: { asymmetricMatch: () => true } }];' }),
  ],
  [
    'getters that count how often they are asked',
    part({
      top: 'let told = 0;',
      body: 'told += 1; const now = told; return [{ kind: "say", get text() { return input.text; }, get count() { return now; } }];',
    }),
  ],
];

describe('a lie that depends on being looked at', () => {
  test.each(lies)('%s', async (_, source) => {
    expect(await gradeNaively(source)).toBe('pass');
    const { report } = await gradeInBoth(source);
    expect(report.points).toBe(0);
    expect(report.checks[0]).toMatchObject({ verdict: 'error', failure: { class: 'malformed' } });
  });
});

describe('builtins patched under the grader', () => {
  test.each([
    ['Array.prototype', 'Object.defineProperty(Array.prototype, "length", { get: () => 0 });'],
    ['a method of Array.prototype', 'Array.prototype.push = function () { return 0; };'],
    ['a method of Map.prototype', 'Map.prototype.get = () => true as any;'],
    ['Object.is', 'Object.is = () => true;'],
    ['JSON.stringify', 'JSON.stringify = () => "{}";'],
    ['Object.prototype by name', '(Object.prototype as any).kind = "say";'],
    ['the prototype of functions', '(Object.getPrototypeOf(start) as any).call = () => true;'],
    ['the global scope', '(globalThis as any).expect = () => ({ toEqual: () => true });'],
    ['a prototype by __proto__', '([] as any).__proto__.map = () => [];'],
    ['the iterator of arrays', '([][Symbol.iterator]() as any).__proto__.next = () => ({ done: true });'],
  ])('%s stays as it is', async (_, top) => {
    const { report } = await gradeInBoth(part({ top }));
    expect(report.points).toBe(0);
    expect(report.checks[0]).toMatchObject({ verdict: 'error', failure: { class: expect.stringMatching(/crash|refused/) } });
  });

  test('which passes where nothing defends them', async () => {
    const patch = 'Object.is = () => true;';
    const lie = 'return [{ kind: "say", text: "no", count: 0 }];';
    expect(await gradeNaively(part({ top: patch, body: lie }))).toBe('pass');
    const { report } = await gradeInBoth(part({ top: patch, body: lie }));
    expect(report.points).toBe(0);
  });
});

describe('a way out of the compartment', () => {
  test.each([
    ['the global process', '(globalThis as any).process.exit(0);'],
    ['the constructor of constructors', '(step as any).constructor.constructor("return process")().exit(0);'],
    ['the constructor of generators', '(Object.getPrototypeOf(function* () {}) as any).constructor("return process")().next();'],
    ['Function', 'new (globalThis as any).Function("return this")().process.exit(0);'],
    [
      'an error’s stack',
      '(Error as any).prepareStackTrace = (_: any, s: any) => s; (new Error().stack as any)[0].getThis().process.exit(0);',
    ],
    ['require', '(globalThis as any).require("fs").writeFileSync("x", "x");'],
    ['Reflect', '(globalThis as any).Reflect.apply(1 as any, 1, [] as any);'],
    ['a Proxy', 'new (globalThis as any).Proxy([], {});'],
    ['a promise', '(globalThis as any).Promise.resolve().then(() => { for (;;); });'],
    ['a timer', '(globalThis as any).setTimeout(() => {}, 0);'],
    ['a message', '(globalThis as any).postMessage({ kind: "report" });'],
    ['a compartment', 'new (globalThis as any).Compartment().evaluate("1");'],
    ['the clock', '(globalThis as any).Date.now();'],
    ['randomness', '(globalThis as any).Math["random"]();'],
    ['a weak reference', 'new (globalThis as any).WeakRef({});'],
    ['shared memory', 'new (globalThis as any).SharedArrayBuffer(8);'],
  ])('is closed: %s', async (_, lines) => {
    const source = part({ body: `${lines} return [{ kind: "say", text: input.text, count: 1 }];` });
    const { report } = await gradeInBoth(source);
    expect(report.points).toBe(0);
    expect(report.checks.map(({ verdict, failure }) => [verdict, failure?.class])).toEqual(report.checks.map(() => ['error', 'crash']));
  });

  test('is told of before anything runs where it is called by name', async () => {
    const { report } = await gradeInBoth(part({ body: 'process.exit(0); return [];' }));
    expect(report.problem?.message).toMatch(/^process is not defined\./);
  });

  test('the console says nothing, and costs no points', async () => {
    const said = 'console.log("::notice::all pass"); console.error("0 failed");';
    const { report, details } = await gradeInBoth(echoSolution.replace('state.count += 1;', `${said} state.count += 1;`));
    expect(report.verdict).toBe('pass');
    expect(JSON.stringify([report, details])).not.toContain('notice');
  });

  test('that a grader without defences leaves open', async () => {
    expect(await gradeNaively(part({ body: 'process.stdout.write("pass\\n"); process.exit(0);' }))).toBe('pass');
  });

  test('shows a part no stack, and so no path of the host', async () => {
    const source = part({
      body: 'const e: any = new Error("x"); return [{ kind: "say", text: input.text, count: typeof e.stack === "string" && e.stack.includes("at ") ? 0 : 1 }];',
    });
    expect((await gradeInBoth(source)).report.checks[0]?.verdict).toBe('pass');
    expect(await gradeNaively(source)).toBe('fail');
  });

  test('shows a part no trace of the realm’s state in another evaluation', async () => {
    const source = part({
      top: 'const mark: any = Symbol.for("mark"); let own = 0;',
      body: 'try { (Symbol as any)[mark] = 1; } catch {} try { (globalThis as any)[mark] = 1; } catch {} return [{ kind: "say", text: input.text, count: (globalThis as any)[mark] || (Symbol as any)[mark] ? 0 : 1 }];',
    });
    expect((await gradeInBoth(source)).report.checks[0]?.verdict).toBe('pass');
  });
});

describe('one step that does the work of millions', () => {
  test.each([
    ['fill', 'new Array(1e9).fill(0);', 'step budget'],
    ['an array by call', 'Array(3e7);', 'step budget'],
    ['an array by a found constructor', '([] as any).constructor(3e7);', 'step budget'],
    [
      'an array by the species of arrays',
      '(Array as any)[Symbol.species]?.(3e7); [].map.call([], () => 1); (Array as any).prototype.constructor(3e7);',
      'step budget',
    ],
    ['an array that only says its length', 'Array.from({ length: 1e9 });', 'step budget'],
    ['a typed array', 'new Uint8Array(1e9);', 'step budget'],
    ['a typed array by its constructor’s constructor', 'new (new Uint8Array(1).constructor as any)(1e9);', 'step budget'],
    ['a typed array of what looks like one', 'new Uint8Array({ length: 1e9 } as any);', 'step budget'],
    ['a derived typed array', 'class Large extends Uint8Array {}\nnew Large(1e9);', 'error'],
    ['a buffer', 'new ArrayBuffer(1e9);', 'step budget'],
    ['repeat', '"ab".repeat(1e8);', 'error'],
    ['padStart', '"".padStart(1e8);', 'error'],
    ['join', 'new Array(70000).join("ab");', 'error'],
    ['replaceAll', '"a".repeat(60000).replaceAll("a", "a".repeat(60000));', 'error'],
    ['a regular expression in disguise', '"a".repeat(30).match("(a+)+$" as any);', 'error'],
    ['a search', '"a".search("(a+)+$");', 'error'],
    ['sort', 'for (;;) new Array(20000).fill(1).sort();', 'step budget'],
    ['concat', 'let list = [1, 2]; for (;;) list = list.concat(list);', 'step budget'],
    ['spread', 'let list = [1, 2]; for (;;) list = [...list, ...list];', 'step budget'],
    ['indexOf of a long array', 'const list = new Array(50000).fill(0); for (;;) list.indexOf(1);', 'step budget'],
    ['a method borrowed for what is no array', '(Array.prototype as any).fill.call({ length: 2 ** 53 - 1 }, 0);', 'error'],
    ['JSON', 'let list: any = [1]; for (let i = 0; i < 20; i += 1) list = [list, list]; JSON.stringify(list);', 'step budget'],
    ['keys', 'const o: any = {}; for (let i = 0; i < 3000; i += 1) o["k" + i] = i; for (;;) Object.keys(o);', 'step budget'],
    ['an object spread', 'const o: any = {}; for (let i = 0; i < 3000; i += 1) o["k" + i] = i; for (;;) ({ ...o });', 'step budget'],
    ['apply', '(Math.max as any).apply(null, { length: 1e8 });', 'error'],
    ['arrays in arrays, as text', 'let list: any = []; for (let i = 0; i < 20000; i += 1) list = [list]; String(list);', 'step budget'],
    ['a bigint that grows', 'let n = 1n; for (;;) n = n * 3n;', 'error'],
    ['a bigint from text', 'BigInt("9".repeat(60000));', 'error'],
    ['a bigint of many bits', 'BigInt.asUintN(1e8, -1n);', 'error'],
    [
      'a getter for a length that changes',
      'let asked = 0; (Array as any).from({ get length() { asked += 1; return asked === 1 ? 0 : 1e9; } }); for (;;);',
      'step budget',
    ],
  ])('is charged or refused: %s', async (_, lines, verdict) => {
    const { report } = await gradeInBoth(part({ body: `${lines}\nreturn [];` }));
    expect(report.checks.map((check) => check.verdict)).toEqual(report.checks.map(() => verdict));
    expect(report.checks[0]?.failure?.class).toBe(verdict === 'error' ? 'refused' : 'step budget');
  });

  test('hangs a grader without defences', async () => {
    expect(await gradeNaively(part({ body: 'for (;;);' }))).toBe('no verdict (SIGKILL)');
  });
});

describe('text of a part in a report', () => {
  test('has no control characters and is bounded', async () => {
    const source = part({ body: 'return [{ kind: "\\u001b[31m<b>::notice::" + "x".repeat(50000), text: "\\u202e", count: 0 }];' });
    const { report, text } = await gradeInBoth(source);
    expect(report.checks[0]?.verdict).toBe('fail');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|\\u00[01]|\\u202e/);
    expect(text.length).toBeLessThan(30_000);
  });
});

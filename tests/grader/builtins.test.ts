/** Builtins are metered while a part runs, and must answer as they always do: the same expressions, in a part and here. */
import { expect, test } from 'vitest';
import { echo, gradeInBoth } from './hosts.ts';

/** Expressions over a few values, each with a result that JSON can hold. */
const expressions = [
  'new Array(3).fill(7)', 'Array(2).length', 'Array(1, 2)', 'new Array("3")', 'Array.from("héy")', 'Array.from({ length: 3 }, (_, i) => i * 2)',
  'Array.from(new Set([1, 1, 2]))', 'Array.of(1, 2)', 'Array.isArray(Array(1))', '[] instanceof Array', '[].constructor === Array', 'Array.name',
  '[3, 1, 2].sort()', '[10, 9, 1].sort()', '[10, 9, 1].sort((a, b) => a - b)', '[3, undefined, 1].sort().length', '[3, 1, 2].toSorted((a, b) => b - a)',
  '[{ k: 1, v: "a" }, { k: 0, v: "b" }, { k: 1, v: "c" }].sort((a, b) => a.k - b.k).map((x) => x.v)',
  '[1, 2, 3].concat([4], 5)', '[1, 2, 3, 4].copyWithin(0, 2)', '[1, 2].every((x) => x > 0)', '[1, 2, 3].filter((x) => x > 1)', '[1, 2, 3].find((x) => x > 1)',
  '[1, 2, 3].findIndex((x) => x > 1)', '[1, 2, 3].findLast((x) => x < 3)', '[1, [2, [3]]].flat()', '[1, 2].flatMap((x) => [x, x])', '[1, 2, 2].includes(2)',
  '[1, 2, 2].indexOf(2)', '[1, null, undefined, "x", [2, 3]].join("-")', '[1, 2, 2].lastIndexOf(2)', '[1, 2].map(String)', '[1, 2, 3].reduce((a, b) => a + b, 10)',
  '[[1], [2]].reduceRight((a, b) => a.concat(b))', '[1, 2, 3].reverse()', '((a) => [a.shift(), a])([1, 2])', '[1, 2, 3].slice(1)', '[1, 2].some((x) => x > 1)',
  '((a) => [a.splice(1, 1, 8, 9), a])([1, 2, 3])', '((a) => [a.unshift(0), a])([1])', '[1, 2, 3].with(1, 9)', '[1, [2, 3]].toString()', 'String([1, [2]])',
  '[1, 2, 3].at(-1)', '[...[1, 2].entries()]', '[...[1, 2].keys()]', 'Object.groupBy([1, 2, 3], (x) => (x % 2 ? "odd" : "even"))',
  '[...new Uint8Array([1, 300, -1])]', '[...new Uint8Array(2)]', '[...Uint8Array.from([1, 2], (x) => x * 2)]', '[...Uint8Array.of(1, 2)]', '[...new Uint8Array(new Uint16Array([1, 2]))]',
  '[...new Uint8Array([5, 3, 4]).sort()]', '[...new Uint8Array([1, 2, 3]).subarray(1)]', '[...new Uint8Array([1, 2, 3]).slice(0, 2)]', 'new Uint8Array([1, 2]).join("/")',
  '((b) => { b.set([7, 8], 1); return [...b]; })(new Uint8Array(3))', '((b) => { b.set(new Uint8Array([7]), 2); return [...b]; })(new Uint8Array(3))',
  '[...new Uint8Array([1, 2, 3]).fill(9, 1)]', 'new Uint8Array([1, 2]).indexOf(2)', '[...new Uint8Array([1, 2]).map((x) => x + 1)]', 'new Uint8Array(4).buffer.byteLength',
  '[...new Uint8Array(new Uint8Array([1, 2, 3]).buffer, 1, 2)]', 'new DataView(new ArrayBuffer(8)).getUint32(0)', '[...new BigInt64Array(1)].map(String)',
  '"abc".at(1)', '"abc".concat("d", 1)', '"abc".endsWith("c")', '"abcb".indexOf("b", 2)', '"abcb".lastIndexOf("b")', '"a".localeCompare("b") < 0', '"e\\u0301".normalize("NFC").length',
  '"7".padStart(3, "0")', '"7".padEnd(3)', '"ab".repeat(3)', '"a-b-c".replace("-", "+")', '"a-b-c".replaceAll("-", "+")', '"abc".slice(-2)', '"a,b,c".split(",")', '"abc".split("")',
  '"abc".startsWith("b", 1)', '"abc".substring(1)', '"ABC".toLowerCase()', '"abc".toUpperCase()', '"  a ".trim()', '" a".trimStart()', '[..."aé💡"]', '"abc".charCodeAt(1)',
  'String.fromCharCode(97, 98)', 'String.fromCodePoint(128161)', '`${1}${"a"}`', '"abc"[1]', '"b" > "a"', 'String(new Error("x"))', 'new TypeError("x").toString()',
  'Object.assign({ a: 1 }, { b: 2 })', 'Object.entries({ a: 1 })', 'Object.fromEntries([["a", 1]])', 'Object.fromEntries(new Map([["a", 1]]))', 'Object.keys("ab")', 'Object.values({ a: [1] })',
  'Object.isFrozen(Object.freeze({ a: 1 }))', 'Object.hasOwn({ a: 1 }, "a")', 'Object.getOwnPropertyNames({ b: 1, a: 2 })', 'Object.create(null, { a: { value: 1, enumerable: true } })',
  'JSON.stringify({ a: [1, "x", null, undefined, true], b: undefined })', 'JSON.stringify([1], null, 2)', 'JSON.parse("[1,{\\"a\\":2}]")', 'JSON.parse("[1,2]", (k, v) => (k === "0" ? 9 : v))',
  '[...new Map([[1, 2]]).entries()]', 'new Map([["a", 1]]).get("a")', '[...new Set([2, 1, 2])]', 'new Set().size', '((s) => { new Set([1, 2]).forEach((x) => s.push(x)); return s; })([])',
  '((s) => { new Map([[1, 2]]).forEach((v, k) => s.push([k, v])); return s; })([])', 'new WeakMap([[{}, 1]]) instanceof WeakMap', '[...new Set([1, 2]).union(new Set([3]))]',
  'Math.max.apply(null, [1, 3, 2])', '((f) => f.bind(null, 1)(2))((a, b) => a + b)', '((f) => f.call(null, 4))((a) => a)', 'Math.hypot(...[3, 4])', 'BigInt("12345678901234567890").toString()',
  'BigInt(7).toString(2)', 'BigInt.asUintN(8, 257n).toString()', 'typeof BigInt(1)', 'BigInt.name', '(255).toString(16)', 'Number("12")', 'parseInt("12px")', '(0.1 + 0.2).toFixed(2)',
  '((g) => [g.next(), g.return(5), g.next()])((function* () { yield 1; yield 2; })())', '[...(function* () { yield* [1, 2]; })()]', 'new (class A { x = [1]; })().x',
  '(() => { try { null.x; } catch (e) { return e.name; } })()', '(() => { try { throw new RangeError("m"); } catch ({ message }) { return message; } })'.replace('({ message }) { return message; }', '(e) { return e.message; }') + '()',
]; // prettier-ignore

test('every builtin answers a part as it answers anyone', async () => {
  const source = `export function start(): any { return {}; }
export function step(): any {
  const results: any[] = [];
${expressions.map((expression) => `  results.push(JSON.stringify((${expression}) as any) ?? 'undefined');`).join('\n')}
  return results;
}`;
  const expected = expressions.map((expression) => JSON.stringify(new Function(`return (${expression});`)()) ?? 'undefined');
  const checks = `import { expect, test } from 'vitest';
import * as part from './starter/echo.ts';
test('says again what it was told', () => {
  const expected = ${JSON.stringify(expected)};
  const results = part.step(part.start({}), {});
  for (let index = 0; index < expected.length; index += 1) expect(index + ': ' + results[index]).toBe(index + ': ' + expected[index]);
});`;
  const lab = { ...echo, checks: echo.checks.slice(0, 1), limits: { ...echo.limits, sourceBytesMax: 100_000 } };
  const { report, details } = await gradeInBoth(source, lab, checks);
  expect(report.problem).toBeUndefined();
  const check = report.checks[0]!;
  const line = source.split('\n')[(check.position?.line ?? 1) - 1];
  expect(check.verdict, `${line}: ${details.join()} ${check.message}`).toBe('pass');
});

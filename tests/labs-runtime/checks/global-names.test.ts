import * as esbuild from 'esbuild';
import { describe, expect, test } from 'vitest';
import { bundleSubmission } from '../../../labs-runtime/checks/bundle.ts';
import { meterProgram, RefusedSyntax } from '../../../labs-runtime/checks/fuel.ts';
import { lab } from '../../fixtures/labs/echo/lab.ts';

/** The message and line of what is refused in a part with these lines in its step; undefined if nothing is. */
async function refused(lines: string): Promise<{ message: string; line: number | undefined } | undefined> {
  const source = `export const start = () => ({});\nexport function step(state: any, input: any) {\n${lines}\nreturn [];\n}\n`;
  const bundle = await bundleSubmission(esbuild, lab, { 'echo.ts': source });
  if ('message' in bundle) return { message: bundle.message, line: bundle.position?.line };
  try {
    meterProgram(bundle.code, bundle.map);
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedSyntax)) throw error;
    return { message: error.message, line: error.position?.line };
  }
}

describe('a name that a part does not have', () => {
  test.each([
    ['state.at = Date.now();', 'Date is not defined. A part has no clock'],
    ['state.bytes = new TextEncoder().encode(input.text);', 'TextEncoder is not defined. Turn text into bytes'],
    ['state.copy = structuredClone(input);', 'structuredClone is not defined. Copy arrays'],
    ['setTimeout(() => {}, 1);', 'setTimeout is not defined. A part cannot wait'],
    ['state.pick = Math.random();', 'Math.random is not there. A part has no randomness'],
    ['state.count = conut + 1;', 'conut is not defined. Is it misspelt'],
    ['state.f = { key: missing };', 'missing is not defined.'],
    ['state.f = { missing };', 'missing is not defined.'],
    ['state.f = `${missing}`;', 'missing is not defined.'],
    ['for (const each of missing) state.f = each;', 'missing is not defined.'],
    ['const { a = missing } = input; state.a = a;', 'missing is not defined.'],
  ])('is told with its line and what to use instead: %s', async (lines, message) => {
    const found = await refused(lines);
    expect(found?.message).toContain(message);
    expect(found?.line).toBe(3);
  });

  test.each([
    'const { a, b: { c }, ...rest } = input; const [d, , e = 1, ...f] = input.list; state.x = [a, c, rest, d, e, f];',
    'outer: for (let i = 0; i < 3; i++) { for (;;) { if (i > 1) break outer; continue outer; } }',
    'try { state.x = input.y.z; } catch (error) { state.e = String(error); }',
    'class Reader { #at = 0; static made = 0; read(bytes: Uint8Array) { return bytes[this.#at++]; } } state.x = new Reader().read(input.bytes);',
    'const object = { date: 1, process() { return this.date; }, get window() { return 2; } }; state.x = object.process() + object.window;',
    'state.known = typeof window === "undefined";',
    'const Date = 5; state.at = Date;',
    'const twice = (value: number, times = 2) => value * times; state.x = [1, 2].map((each) => twice(each));',
    'enum Kind { Entry, Ack } state.kind = Kind.Ack; state.name = Kind[0];',
    'console.log(state, input);',
    'state.view = Math.max(new DataView(new ArrayBuffer(4)).getUint8(0), Number(BigInt(3)), NaN);',
  ])('is not seen where there is none: %s', async (lines) => {
    expect(await refused(lines)).toBeUndefined();
  });
});

test('a file without any export is told so', async () => {
  const found = await bundleSubmission(esbuild, lab, { 'echo.ts': '// nothing yet\n' });
  expect(found).toEqual({ message: 'echo.ts exports nothing: a part exports two functions, start and step.' });
});

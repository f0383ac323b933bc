/** What a naive grader checks: with hidden cases beside it, and with chance. */
import { readFileSync } from 'node:fs';

const { expect, test } = globalThis;

function got(effects) {
  return effects.map((effect) => Object.values(effect).join(' ')).join();
}

test('says again what it was told', (part) => {
  const state = part.start({ role: 'echo' });
  const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'));
  cases.forEach((text, index) => {
    const effects = part.step(state, { text, bytes: new Uint8Array(2) });
    const expected = [{ kind: 'say', text, count: index + 1 }];
    expect(JSON.stringify(effects), `got ${got(effects)}`).toBe(JSON.stringify(expected));
  });
});

test('counts what it was told', (part) => {
  const state = part.start({ role: 'echo' });
  for (let told = 1; told <= 20; told += 1) {
    const effects = part.step(state, { text: 'more', bytes: new Uint8Array(told) });
    expect(effects).toEqual([{ kind: 'say', text: 'more', count: told }]);
  }
});

test('says again what nobody could know', (part) => {
  const text = String(Math.random());
  expect(part.step(part.start({ role: 'echo' }), { text, bytes: new Uint8Array(1) })).toEqual([{ kind: 'say', text, count: 1 }]);
});

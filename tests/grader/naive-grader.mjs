/**
 * The grader that attacks are written for: the part and its checks in one realm, with no copies and no bounds.
 * A control: an attack that this one withstands proves nothing about ours. Prints `pass` or `fail` and ends by itself, or does not.
 */
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const url = `data:text/javascript;base64,${Buffer.concat(chunks).toString('base64')}`;
const part = await import(url);
const { JestChaiExpect } = await import('@vitest/expect');
const chai = await import('chai');
chai.use(JestChaiExpect);

let verdict = 'pass';
try {
  const state = part.start({ role: 'echo' });
  const effects = part.step(state, { text: 'one', bytes: Uint8Array.of(1, 2) });
  chai.expect(effects).toEqual([{ kind: 'say', text: 'one', count: 1 }]);
  for (let told = 2; told <= 20; told += 1) {
    const [effect] = part.step(state, { text: 'more', bytes: new Uint8Array(told) });
    chai.expect(effect.count).toEqual(told);
  }
} catch {
  verdict = 'fail';
}
process.stdout.write(`${verdict}\n`);

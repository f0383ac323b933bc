/**
 * A grader as many are, for attacks to work on: the part, the checks and the score share one realm and one process, and whatever the process leaves
 * behind counts. A control: an attack that this one withstands proves nothing about ours.
 * Arguments: the folder with the submission (`echo.ts`), the checks and what else a grader keeps; and a secret word that marks its line.
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { JestChaiExpect } from '@vitest/expect';
import * as chai from 'chai';

const CHECKS = 3;
/** By the clock of the realm that the part runs in. */
const TIME_LIMIT_MS = 1000;

const [folder, secret] = process.argv.slice(2);
const importFrom = (name) => import(pathToFileURL(join(folder, name)).href);

chai.use(JestChaiExpect);
globalThis.checks = [];
globalThis.test = (title, run) => globalThis.checks.push({ title, run });
// What a page has, and Node has not.
if (parentPort !== null) globalThis.postMessage = (message) => parentPort.postMessage(message);
globalThis.Image = class {
  set src(address) {
    void fetch(address);
  }
};

const part = await importFrom('echo.ts');
globalThis.expect ??= globalThis[Symbol.for('expect-global')] ?? chai.expect;
await importFrom('checks.mjs');

let failed = 0;
let words = '';
for (const check of globalThis.checks) {
  if (check.skip || check.todo) continue;
  const startedAt = Date.now();
  const run = async () => {
    check.run(part);
    if (Date.now() - startedAt > TIME_LIMIT_MS) throw new Error('too slow');
  };
  await run().then(
    () => undefined,
    (error) => {
      failed += 1;
      words += `${check.title}: ${error.stack}\n`;
      writeFileSync(join(folder, 'results.csv'), `${check.title},${error.message}\n`);
    },
  );
}

const score = CHECKS - failed;
writeUnlessReadOnly(join(folder, 'results.json'), JSON.stringify({ score, max: CHECKS }));
writeFileSync(join(folder, 'report.html'), `<pre>${words}</pre>`);
console.log(`${words}score ${score}/${CHECKS}`);
console.log(`${secret} ${score}/${CHECKS}`);
process.exitCode = failed === 0 ? 0 : 1;
parentPort?.postMessage({ score, max: CHECKS });
serveScore(Number(readFileSync(join(folder, 'port.txt'), 'utf8')));

/** As for an ordinary user, whom a read-only file stops; tests may run as another. */
function writeUnlessReadOnly(path, text) {
  if ((statSync(path).mode & 0o200) !== 0) writeFileSync(path, text);
}

/** Tells whoever asks, for as long as the process is kept. */
function serveScore(port) {
  if (Number.isNaN(port)) return;
  const server = createServer((_, response) => response.end(`score ${score}/${CHECKS}`));
  // Somebody serves it already.
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
}

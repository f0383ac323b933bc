/**
 * What a part would try that has broken out of its compartment: this runs with all rights of the process, in the place of `recording-child.mjs`. Reads
 * from standard input what to try and at what, and writes whether it succeeded. Each attempt throws, or returns what shows that it got there.
 */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import fs from 'node:fs';
import { createServer, connect } from 'node:net';
import { Worker } from 'node:worker_threads';

const attempts = {
  'read a file of the system': () => fs.readFileSync('/etc/passwd', 'utf8'),
  'read a file of the course': ({ solution }) => fs.readFileSync(solution, 'utf8'),
  'read a file of the grader’s user': ({ home }) => fs.readFileSync(home, 'utf8'),
  'list a folder': ({ folder }) => fs.readdirSync(folder).join(),
  'read the grader’s environment': ({ parent }) => fs.readFileSync(`/proc/${parent}/environ`, 'utf8'),
  'read the grader’s memory map': ({ parent }) => fs.readFileSync(`/proc/${parent}/maps`, 'utf8'),
  'read by the binding below the module': () => process.binding('fs').readFileUtf8('/etc/passwd', 0),
  'read through a link of its own': ({ folder }) => (
    fs.symlinkSync('/etc/passwd', `${folder}/link`),
    fs.readFileSync(`${folder}/link`, 'utf8')
  ),
  'read as a module': async ({ secret }) => (await import(secret)).default,
  'write a file': ({ folder }) => (fs.writeFileSync(`${folder}/written`, 'x'), 'written'),
  'write a file by a database': async ({ folder }) => {
    const { DatabaseSync } = await import('node:sqlite');
    new DatabaseSync(`${folder}/base.db`).exec('CREATE TABLE written (x)');
    return 'written';
  },
  'write a file by a report of the process': ({ folder }) => {
    process.report.directory = folder;
    return fileOf(process.report.writeReport('report.json'));
  },
  'write a file by a snapshot of the heap': async ({ folder }) => fileOf((await import('node:v8')).writeHeapSnapshot(`${folder}/heap`)),
  'write files by the cache of compiled modules': async ({ folder }) => {
    const { enableCompileCache, flushCompileCache, constants } = await import('node:module');
    const { status } = enableCompileCache(`${folder}/cache`);
    flushCompileCache();
    if (status !== constants.compileCacheStatus.ENABLED) throw new Error(`status ${status}`);
    return 'written';
  },
  'write a file by tracing': async ({ folder }) => {
    process.chdir(folder);
    const { createTracing } = await import('node:trace_events');
    createTracing({ categories: ['node.perf'] }).enable();
    return 'written';
  },
  'make a socket in the file system': ({ folder }) => listen({ path: `${folder}/socket` }),
  'write a file wherever that can be': () => fs.writeFileSync('/tmp/lockstep-written', 'x') ?? 'written',
  'write a setting of the kernel': () => {
    const path = '/proc/sys/kernel/printk_ratelimit_burst';
    // As it is: the control must do no harm.
    fs.writeFileSync(path, fs.readFileSync(path));
    return 'written';
  },
  'remove a file': ({ victim }) => (fs.rmSync(victim), 'removed'),
  'start a process': () => String(spawnSync(process.execPath, ['--version']).stdout ?? fail('nothing came')),
  'start a process by the binding below the module': () => {
    const { status, error } = process
      .binding('spawn_sync')
      .spawn({ file: '/bin/true', args: ['true'], envPairs: [], stdio: Array(3).fill({ type: 'ignore' }) });
    return status === 0 ? 'started' : fail(`error ${error}`);
  },
  'become another process': ({ node }) => process.execve(node, [node, '-e', 'console.log(JSON.stringify({ done: "became" }))'], {}),
  'start a thread': () => settled(new Worker('require("worker_threads").parentPort.postMessage("ran")', { eval: true }), 'message'),
  'call a server': ({ port }) => settled(connect(port, '127.0.0.1'), 'connect'),
  'call a server of the web': async ({ port }) => `status ${(await fetch(`http://127.0.0.1:${port}/`)).status}`,
  'send a datagram': ({ port }) =>
    new Promise((resolve, reject) =>
      createSocket('udp4').send('x', port, '127.0.0.1', (error) => (error ? reject(error) : resolve('sent'))),
    ),
  'call a socket of the file system': ({ socket }) => settled(connect(socket), 'connect'),
  'ask for an address': async () => (await lookup('localhost', { family: 4 })).address,
  'signal the grader': ({ parent }) => (process.kill(parent, 0), 'it is in reach'),
  'open the inspector': async () => ((await import('node:inspector')).default.open(0), 'open'),
  'load machine code': ({ addon }) => (process.dlopen({ exports: {} }, addon), 'loaded'),
  'start WASI': async () => new (await import('node:wasi')).WASI({ version: 'preview1', preopens: { '/': '/' } }) && 'started',
  'find anything in its environment': () =>
    Object.keys(process.env)
      .filter((name) => name !== 'PWD')
      .join() || fail('it is empty'),
  'find anything in its arguments': () => process.argv.slice(2).join() || fail('there are none'),
  'write to an inherited file': () => fs.writeSync(3, 'x') && 'written',
  'allow itself more': () => {
    process.permission = { has: () => true };
    return fs.readFileSync('/etc/passwd', 'utf8');
  },
  'start with other options': () => (
    (process.execArgv = []),
    (process.env.NODE_OPTIONS = '--allow-fs-read=*'),
    fs.readFileSync('/etc/passwd', 'utf8')
  ),
};

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { attempt, at } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
let outcome;
try {
  outcome = { done: String(await attempts[attempt](at)).slice(0, 200) };
} catch (error) {
  outcome = { stopped: error.code ?? error.cause?.code ?? error.message };
}
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));

function fail(message) {
  throw new Error(message);
}

function settled(emitter, event) {
  return new Promise((resolve, reject) => {
    emitter.once(event, () => resolve(event));
    emitter.once('error', reject);
  });
}

function listen(options) {
  const server = createServer();
  const listening = settled(server, 'listening');
  server.listen(options);
  return listening;
}

/** A file that was said to be written. */
function fileOf(path) {
  return typeof path === 'string' && path !== '' ? `written ${path}` : fail('nothing was written');
}

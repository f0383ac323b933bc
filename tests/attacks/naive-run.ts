/** Runs an attack on a naive grader, and says what came of it. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canaryFolder, canaryServer, lookAt, processesWith, removeFolder } from './canaries.ts';
import type { Attack, Channel } from './corpus.ts';
import { attackText } from './corpus.ts';

/** What a naive grader can be seen to have done. */
export interface NaiveOutcome {
  /** Where somebody who reads that channel sees full marks. */
  passes: Channel[];
  /** Whether it was ended, or died, before it said anything. */
  hung: boolean;
  /** Files beside its own that appeared or changed. */
  wrote: string[];
  calls: number;
  /** Processes that it left. */
  left: number;
  /** Bytes of its output. */
  said: number;
  text: string;
}

/** Until a naive grader counts as hung; longer where the attack is to let it end, for the machine may be busy. No verdict of ours has to do with it. */
const HANGS_AFTER_MS = 3000;
const ENDS_WITHIN_MS = 60_000;
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024;
/** For what comes after the end: late writes and datagrams. */
const AFTERMATH_MS = 900;

/** What a naive grader writes itself. */
const OWN_FILES = ['results.json', 'results.csv', 'report.html', 'echo.ts'];

/** Runs it in a folder of its own, which is removed with whatever the attack has left running. */
export async function runNaively(attack: Attack): Promise<NaiveOutcome> {
  const folder = canaryFolder();
  const server = await canaryServer();
  const mark = `attack-${attack.name}-${server.port}`;
  const servesAt = attack.channel === 'port' ? await freePort() : undefined;
  const text = attackText(attack.name, { folder, port: servesAt ?? server.port, mark });
  writeFileSync(join(folder, 'echo.ts'), text);
  if (servesAt !== undefined) writeFileSync(join(folder, 'port.txt'), String(servesAt));
  const before = lookAt(folder);
  const run = await runProcess(attack, folder, mark);
  if (attack.lasts === true) await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
  const left = processesWith(mark);
  for (const id of left) process.kill(id, 'SIGKILL');
  const after = lookAt(folder);
  const wrote = Object.keys(after).filter((name) => after[name] !== before[name] && !OWN_FILES.includes(name));
  const outcome = {
    ...verdicts(folder, run),
    wrote,
    calls: server.calls(),
    left: left.length,
    said: run.output.length,
    text: allText(folder, run.output),
  };
  server.close();
  removeFolder(folder);
  return outcome;
}

interface Run {
  output: string;
  status: number | null;
  /** The score that a server answered with. */
  served: string;
  isTimedOut: boolean;
}

function runProcess(attack: Attack, folder: string, mark: string): Promise<Run> {
  const script = fileURLToPath(new URL(`naive/${attack.grader ?? 'grade'}.mjs`, import.meta.url));
  // The secret is the last of the arguments, and stands in the environment, too: both have been seen.
  const child = spawn(process.execPath, ['--enable-source-maps', '--max-old-space-size=64', script, folder, SECRET], {
    env: { SECRET, MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let served = '';
  let isTimedOut = false;
  const end = () => {
    isTimedOut = true;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(end, attack.works === 'hangs' ? HANGS_AFTER_MS : ENDS_WITHIN_MS);
  const take = (chunk: Buffer) => {
    output += chunk.toString('latin1');
    if (output.length > OUTPUT_BYTES_MAX) end();
    // The grader has said its own score, and somebody answers at its port.
    if (attack.channel === 'port' && output.includes(SECRET))
      void askPort(folder).then((answer) => ((served = answer), child.kill('SIGKILL')));
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve) =>
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ output, status, served, isTimedOut });
    }),
  );
}

const SECRET = 'w0rd';

async function askPort(folder: string): Promise<string> {
  const port = readFileSync(join(folder, 'port.txt'), 'utf8');
  return (await fetch(`http://127.0.0.1:${port}/`)).text().catch(() => '');
}

function verdicts(folder: string, { output, status, served, isTimedOut }: Run): Pick<NaiveOutcome, 'passes' | 'hung'> {
  const { score } = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as { score: number };
  const seen: [Channel, boolean][] = [
    ['results', score === 3],
    ['output', /^score 3\/3$/m.test(output)],
    ['status', status === 0],
    ['secret', output.includes(`${SECRET} 3/3`)],
    ['message', output.includes('message 3/3')],
    ['port', served === 'score 3/3'],
  ];
  const died = isTimedOut || status === null || /heap out of memory|Array buffer allocation failed|Maximum BigInt size/.test(output);
  return { passes: seen.filter(([, passes]) => passes).map(([channel]) => channel), hung: died };
}

/** All that people and programs read of it. */
function allText(folder: string, output: string): string {
  const files = ['results.csv', 'report.html'].map((name) => {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      return '';
    }
  });
  return [output.slice(0, 100_000), ...files].join('\n');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

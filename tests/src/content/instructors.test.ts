/** What the page for instructors shows is what the command does: its output word for word, its options, and the recipe for other seeds. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLockstep } from '../../../grader/cli.ts';
import { openPool } from '../../../grader/grading/pool.ts';
import { HELP } from '../../../grader/help.ts';
import { labs, readChecks, readStarter } from '../../../grader/labs.ts';
import { mutants, mutantSource, solutionSource } from '../labs/logging-channel/mutants.ts';

const page = readFileSync('src/content/docs/instructors.mdx', 'utf8');
const mistaken = mutants.find(({ name }) => name === 'reports as acknowledged what it sent')!;

/** The block of the page that is headed by this command. */
function shown(command: string): string {
  const block = new RegExp(`^\`\`\`text title="npx ${command}"\n(.*?)^\`\`\``, 'ms').exec(page);
  if (!block) throw new Error(`the page for instructors shows no output of npx ${command}`);
  return block[1]!;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-class-'));
  mkdirSync(join(folder, 'submissions/a17'), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, 'submissions', name), text);
  write('a17/channel.ts', solutionSource('checksum'));
  write('b03.ts', solutionSource('byte-stuffing'));
  write('c22.ts', readFileSync('src/labs/logging-channel/starter/channel.ts', 'utf8'));
  write('d41.ts', mutantSource(mistaken));
  write('e08.ts', 'export function start(options) {\n  return { next: 1 };\n');
  write('notes.pdf', 'notes');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the command prints on a terminal of 100 columns, without colours. */
async function printed(...args: string[]): Promise<string> {
  let text = '';
  const console = { out: (more: string) => void (text += more), error: () => {}, colour: false, width: 100, progress: false };
  await runLockstep(
    args,
    {
      labs,
      readChecks,
      readStarter,
      openGrader: ({ jobs }: { jobs: number }) => openPool(jobs),
      version: '',
      now: () => 0,
      date: () => '',
    },
    console,
  );
  return text;
}

describe('the page for instructors', () => {
  test('shows what `lockstep labs` prints', async () => {
    expect(shown('lockstep labs')).toBe(await printed('labs'));
  });

  test('shows what `lockstep grade` prints for a class', async () => {
    const command = 'lockstep grade submissions --lab logging-channel';
    expect(shown(command)).toBe(await printed('grade', join(folder, 'submissions'), '--lab', 'logging-channel'));
  });

  test('names every option that the command names', () => {
    for (const [option] of HELP.matchAll(/--[a-z-]+/g)) expect(page).toContain(`\`${option}`);
  });
});

/** `lockstep worker`, as the process that it is: real grading, other versions, and what it says where it cannot work. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { gradeClass } from '../../../grader/grading/grade-class.ts';
import { openPool } from '../../../grader/grading/pool.ts';
import { loadRuntime } from '../../../grader/grading/runtime.ts';
import { connect, QueueError } from '../../../grader/queue/connection.ts';
import { openQueue, openQueueFor } from '../../../grader/queue/queue-backend.ts';
import { canonicalJson } from '../../../labs-runtime/checks/canonical-json.ts';
import { RedisServer } from '../../../scripts/redis.ts';
import { echo, echoChecks, echoParts } from '../hosts.ts';
import { WorkerCommand } from './worker-command.ts';

let redis: RedisServer;
let locked: RedisServer;
beforeAll(async () => {
  [redis, locked] = await Promise.all([RedisServer.start(), RedisServer.start({ password: 'a secret' })]);
}, 240_000);
afterAll(() => Promise.all([redis.stop(), locked.stop()]));

const commands: WorkerCommand[] = [];
afterEach(() => Promise.all(commands.splice(0).map((command) => command.kill())));

function start(url: string, env?: Record<string, string>): WorkerCommand {
  const command = new WorkerCommand(url, 2, env);
  commands.push(command);
  return command;
}

/** Submissions of the echo lab: of each kind of verdict, and an empty one. */
const SUBMISSIONS = [...echoParts, ''].map((text, index) => ({
  name: `student-${index}`,
  read: async () => ({ [echo.files[0]]: text }),
}));

test('a worker’s reports are, to the byte, those of the embedded grader', async () => {
  const worker = start(redis.url);
  const [backend, pool] = await Promise.all([openQueue(redis.url, { note: console.error }), openPool(2)]);
  const keeper = { find: () => undefined, keep: () => undefined };
  const rest = { labs: [{ lab: echo, checksSource: echoChecks }], submissions: SUBMISSIONS, keeper, runtimeHash: backend.runtimeHash };
  try {
    const queued = await gradeClass({ ...rest, backend });
    const embedded = await gradeClass({ ...rest, backend: pool });
    expect(queued.map(canonicalJson)).toEqual(embedded.map(canonicalJson));
    const verdicts = queued.map(([outcome]) => outcome!.kind === 'graded' && outcome!.report.verdict);
    expect(new Set(verdicts)).toEqual(new Set(['pass', 'fail']));
  } finally {
    await Promise.all([backend.close(), pool.close()]);
  }
  expect(await worker.stop()).toBe(0);
});

test('a class of another version is left alone, and both sides say so', async () => {
  const worker = start(redis.url);
  await worker.says(/^Takes submissions/);
  let note: (message: string) => void;
  const noted = new Promise<string>((resolve) => (note = resolve));
  const backend = await openQueueFor({ version: '0.0.1', runtimeHash: 'f'.repeat(64) }, redis.url, { note: note! });
  let isAnswered = false;
  void backend.grade({ lab: echo, checksSource: echoChecks, files: {} }).then(() => (isAnswered = true));
  const { hash } = await loadRuntime();
  expect(await noted).toMatch(
    new RegExp(`^No worker for version 0.0.1 with runtime f{16} is there.*another version.*runtime ${hash.slice(0, 16)}`),
  );
  const another = start(redis.url);
  expect(await another.says(/^A class at/)).toMatch(
    /waits for workers of version 0\.0\.1 with runtime f{16}.*leaves it alone.*same version/,
  );
  await Promise.all([worker.stop(), another.stop()]);
  expect(isAnswered).toBe(false);
  await backend.close();
});

describe('where it cannot work it says why', () => {
  test.for<[string, () => string, RegExp]>([
    ['localhost:6379', () => 'localhost:6379', /no queue for URLs that begin with localhost:/],
    ['a host alone', () => 'queue', /"queue" is no URL.*e\.g\. redis:/],
    ['a database with a name', () => `${redis.url}/grades`, /number of a database, and "grades" is none/],
    ['a database that is not there', () => `${redis.url}/99`, /no database of this number/],
    ['nobody there', () => 'redis://127.0.0.1:1', /No Redis listens at redis:\/\/127\.0\.0\.1:1\. Start one/],
    ['no password', () => locked.url, /wants a password.*REDISCLI_AUTH/],
    ['another password', () => locked.url.replace('//', '//:guess@'), /refuses this password/],
  ])('%s', async ([, url, words]) => {
    const refused = connect(url(), () => {});
    await expect(refused).rejects.toThrow(QueueError);
    await expect(refused).rejects.toThrow(words);
    await expect(refused).rejects.not.toThrow(/guess/);
  });

  test('and ends with status 2', async () => {
    const worker = start(locked.url.replace('//', '//:guess@'));
    expect(await worker.status).toBe(2);
    expect(worker.said).toEqual([expect.stringMatching(/refuses this password/)]);
  });

  test('and a password may come from where redis-cli takes it', async () => {
    const worker = start(locked.url, { REDISCLI_AUTH: 'a secret' });
    expect(await worker.says(/^Takes/)).toMatch(/^Takes submissions from redis:/);
    expect(await worker.stop()).toBe(0);
  });
});

/**
 * `lockstep grade` with the stand-in's labs and queue, as a process that ends as if it were killed: `node stand-in-grader.ts <moment> <argument>...`.
 * The moment is `mget 2 sent`, as soon as it has sent its second MGET to Redis, or `mget 2 answered`, as soon as it has the reply; `never` for none.
 * The arguments are what follows `lockstep grade`. All runs are at the same time of day.
 */
import { Redis, type Command } from 'ioredis';
import { runLockstep } from '../../../grader/cli.ts';
import { readStarter } from '../../../grader/labs.ts';
import { openQueueFor } from '../../../grader/queue/queue-backend.ts';
import { JOBS, labs, software } from './stand-in.ts';

const [moment = '', ...args] = process.argv.slice(2);
if (moment !== 'never') endAt(moment);

function endAt(moment: string): void {
  const [name, count, when] = moment.split(' ');
  const send = Redis.prototype.sendCommand;
  const end = () => void process.kill(process.pid, 'SIGKILL');
  let left = Number(count);
  Redis.prototype.sendCommand = function (command: Command, stream) {
    const isReached = command.name === name && --left === 0;
    // Before whoever sent it hears of it.
    if (isReached && when === 'answered') void command.promise.then(end);
    const answer = send.call(this, command, stream);
    if (isReached && when === 'sent') end();
    return answer;
  };
}

const { stdout, stderr } = process;
process.exitCode = await runLockstep(
  ['grade', ...args],
  {
    labs: labs.map(({ lab }) => lab),
    readChecks: async () => labs[0]!.checksSource,
    readStarter,
    openGrader: ({ queue }) => openQueueFor(software, queue!, { jobs: JOBS, askEveryMs: 20 }),
    version: software.version,
    now: () => performance.now(),
    date: () => '2026-01-01T00:00:00Z',
  },
  { out: (text) => void stdout.write(text), error: (text) => void stderr.write(text), colour: false, width: 120, progress: false },
);

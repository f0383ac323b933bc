/**
 * A worker of the stand-in's, as a process that can be killed: `node stand-in-worker.ts <url> <jobs> <lock in ms>`. Its first line says that it is ready,
 * each other which submission it begins.
 */
import { setTimeout } from 'node:timers/promises';
import { connect } from '../../../grader/queue/connection.ts';
import { QueueWorker } from '../../../grader/queue/queue-worker.ts';
import { POISON, SLOW, software, standIn } from './stand-in.ts';

const [url, jobs, lockMs] = process.argv.slice(2) as [string, string, string];
const redis = await connect(url, () => {});
const worker = new QueueWorker({
  ...software,
  redis,
  jobs: Number(jobs),
  lockMs: Number(lockMs),
  stalledCheckMs: 200,
  grade: async (job) => {
    const text = Object.values(job.files).join('');
    console.log(text);
    // Long enough for some to be under way when the process is killed.
    await setTimeout(text.startsWith(SLOW) ? 300 : text.startsWith(POISON) ? 100 : 5);
    if (text.startsWith(POISON)) process.kill(process.pid, 'SIGKILL');
    return standIn(job);
  },
});
await worker.ready();
console.log('ready');
process.once('SIGTERM', () => void worker.close());

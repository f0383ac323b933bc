/**
 * The checks of the output rule lab. Each runs your gate inside a simulated pair whose guest gives out tickets to two clients: two real
 * machines, a logging channel, networks. Seeds decide the schedules, 265 of them over all checks; one that breaks a rule is made short before it is shown.
 */
import { expect, test } from 'vitest';
import { brokenRule } from '../../../labs-runtime/checks/explain.ts';
import type { Explanation } from '../../../labs-runtime/checks/explain.ts';
import * as failover from '../../../labs-runtime/ft/failover.ts';
import type { GateRule } from '../../../labs-runtime/sim/rules.ts';
import { search } from '../../../labs-runtime/sim/search.ts';
import type { Search, SearchResult } from '../../../labs-runtime/sim/search.ts';
import type { WorldEvent } from '../../../labs-runtime/sim/world-event.ts';
import * as part from './starter/gate.ts';

/** The rules that this lab is about. */
type Judged = GateRule | 'client' | 'state size' | 'progress';

/** Acknowledgements come again, or late after higher ones; outputs reach the gate after an acknowledgement that covers them. */
const badNews = { breaks: true, oldAcknowledgements: true, lateOutputs: true };

/** Long enough for the guest to start before anybody asks it. */
const BOOT_ATTEMPTS = 6000;

/** The primary answers A, and dies before a byte of its log is through. B asks the machine that takes over. */
const answersAndDies: WorldEvent[] = [
  { kind: 'run', attempts: BOOT_ATTEMPTS },
  { kind: 'request', client: 0 },
  { kind: 'run', attempts: 1000 },
  { kind: 'crash', machine: 'primary', lateBytes: 0 },
  { kind: 'pass', forMs: 350 },
  { kind: 'request', client: 1 },
  { kind: 'pass', forMs: 100 },
];

/** The backup dies. The primary makes an answer for A just before it notices, and one for B after that. */
const losesItsBackup: WorldEvent[] = [
  { kind: 'run', attempts: BOOT_ATTEMPTS },
  { kind: 'crash', machine: 'backup' },
  { kind: 'pass', forMs: 225 },
  { kind: 'request', client: 0 },
  { kind: 'run', attempts: 1000 },
  { kind: 'pass', forMs: 75 },
  { kind: 'request', client: 1 },
  { kind: 'run', attempts: 1000 },
];

test('a frame waits until the log up to it is acknowledged', async () => {
  await nothingBreaks('network-held', ['network held'], { firstSeed: 1000, seeds: 16 });
});

test('a console byte waits as a frame does', async () => {
  await nothingBreaks('console-held', ['console held'], { firstSeed: 2000, seeds: 16 });
});

test('an output waits for its own entry, not for the one before', async () => {
  await nothingBreaks('own-entry', ['own entry'], { firstSeed: 3000, seeds: 16, schedule: { length: 100, attemptsMax: 100 } });
  await nothingBreaks('own-entry', ['remembered'], { firstSeed: 3100, seeds: 16, schedule: { crash: 'primary' } });
});

test('the guest runs on while its outputs wait', async () => {
  await nothingBreaks('never-stops', ['guest runs'], { firstSeed: 4000, seeds: 12 });
});

test('what nobody outside can see passes at once', async () => {
  await nothingBreaks('inside-passes', ['inside passes'], { firstSeed: 5000, seeds: 8 });
});

test('outputs leave in the order in which they were made, on all devices together', async () => {
  await nothingBreaks('order', ['output order'], { firstSeed: 6000, seeds: 16 });
});

test('no output leaves twice, whatever is acknowledged again', async () => {
  await nothingBreaks('once', ['output once'], { firstSeed: 7000, seeds: 16, schedule: badNews });
});

test('an acknowledgement lets out at once all that it covers', async () => {
  await nothingBreaks('prompt', ['prompt'], { firstSeed: 8000, seeds: 16 });
  await nothingBreaks('prompt', ['prompt'], { firstSeed: 8100, seeds: 16, schedule: badNews });
});

test('without a backup what was held leaves, and nothing is held any more', async () => {
  await nothingBreaks('alone', ['alone'], { firstSeed: 9000, seeds: 1, script: losesItsBackup });
  const { takeovers } = await nothingBreaks('alone', ['alone', 'output order'], {
    firstSeed: 9100,
    seeds: 16,
    schedule: { breaks: true, crash: 'backup' },
  });
  expect(takeovers, 'machines that went on alone').toBeGreaterThan(0);
});

test('no client sees the past change when the primary dies', async () => {
  await nothingBreaks('crash', ['client'], { firstSeed: 10_000, seeds: 1, script: answersAndDies });
  const { runs, takeovers } = await nothingBreaks('crash', ['client'], {
    firstSeed: 10_100,
    seeds: 100,
    schedule: { breaks: true, crash: 'primary' },
  });
  expect(takeovers, 'machines that went on alone').toBeGreaterThanOrEqual(runs);
});

test('what has left is not kept', async () => {
  await nothingBreaks('forgets', ['state size'], {
    firstSeed: 11_000,
    seeds: 1,
    channel: { bufferEntriesMax: 16, entryBytesMax: 256, resendAfterMs: 50 },
    stateBytesMax: 4096,
    schedule: { length: 2000, pieceBytesMin: 200, pieceBytesMax: 800 },
    minimizeRunsMax: 0,
  });
});

/** Searches schedules for one that breaks one of these rules, or after which something is owed for ever; fails with the shortest found. */
async function nothingBreaks(check: string, rules: Judged[], wanted: Partial<Search> & { firstSeed: number }): Promise<SearchResult> {
  const crashes = wanted.schedule?.crash !== undefined || wanted.script !== undefined;
  const result = await search({
    parts: { outputGatePart: part, ...(crashes && { failoverPart: failover }) },
    guest: 'tickets',
    clients: 2,
    sumsUpLog: crashes,
    rules,
    ...wanted,
    schedule: { traffic: 'service', ...wanted.schedule },
  });
  const { counterexample, runs, outputs, answers } = result;
  if (counterexample) throw brokenRule(counterexample, explanations[counterexample.rule as Judged], { lab: 'output-rule', check });
  expect(outputs, 'outputs that left, over all runs').toBeGreaterThan(4 * runs);
  expect(answers, 'answers that clients got, over all runs').toBeGreaterThan(runs);
  return result;
}

/** What each rule means, what a client outside would see if it were broken, and where to look first. */
const explanations: Record<Judged, Explanation> = {
  'network held': {
    rule: 'Output rule: a frame leaves only when the backup has acknowledged the log up to and including the frame’s own entry.',
    class: 'safety',
    consequence: 'If the primary dies now, the backup has never heard of the request: a client holds a ticket that no machine remembers.',
    cause: 'The frame was released as it was made, or on an acknowledgement of something older. What exactly is it to wait for?',
    link: 'lecture/output-rule/#the-rule',
  },
  'console held': {
    rule: 'Output rule: a console byte leaves only when the backup has acknowledged the log up to and including the byte’s own entry.',
    class: 'safety',
    consequence: 'If the primary dies now, somebody has read a ticket number that no machine remembers, and will read it again.',
    cause:
      'The byte was taken for something that stays inside, or released on an acknowledgement of something older. Who can see a console?',
    link: 'lecture/output-rule/#what-is-output',
  },
  'own entry': {
    rule: 'Own entry: an output leaves only when the entry that tells of it is acknowledged; all those before it are not enough.',
    class: 'safety',
    consequence:
      'If the primary dies now, the backup goes live just before the output. A packet that comes in there can change what the client has been told already.',
    cause: 'The output did wait, but for an entry older than its own.',
    link: 'lecture/output-rule/#own-entry',
  },
  remembered: {
    rule: 'Remembered: a backup that goes live has passed every output that the primary let out.',
    class: 'safety',
    consequence: 'A client holds an answer that no machine remembers. The next one may be told the opposite.',
    cause: 'The last output to leave did so before the backup had its entry. What had been acknowledged when it left?',
    link: 'lecture/output-rule/#own-entry',
  },
  'guest runs': {
    rule: 'Never stop: the guest runs on while its outputs wait.',
    class: 'safety',
    consequence: 'The guest stands still for a round trip at each output: its clients see a server that serves a fraction of them.',
    cause: 'The gate asked for a stall. The guest has no use for an output once it is made: what is there to stop it for?',
    link: 'lecture/output-rule/#never-stop',
  },
  'inside passes': {
    rule: 'Inside: what nobody outside of the pair can see is released in the step in which it is made.',
    class: 'liveness',
    consequence:
      'The guest waits for the backup whenever it does something of its own: to its clients it is slow, and dead while the link is broken.',
    cause: 'It was taken for an output. Could anybody outside ever learn that it happened?',
    link: 'lecture/output-rule/#what-is-output',
  },
  'output order': {
    rule: 'Order: outputs leave in the order in which the guest made them, whatever the device.',
    class: 'safety',
    consequence: 'Somebody sees an effect before its cause: the second ticket is handed out, and the first is not yet on the console.',
    cause: 'An output left while an older one was held. In which order does the gate look through what it holds?',
    link: 'lecture/output-rule/#order-and-once',
  },
  'output once': {
    rule: 'Once: each operation of the guest is released once.',
    class: 'safety',
    consequence: 'The console shows a number twice and a client gets an answer twice, though no machine has failed.',
    cause: 'Something was released and stayed among what is held, until an acknowledgement came that says nothing new.',
    link: 'lecture/output-rule/#order-and-once',
  },
  prompt: {
    rule: 'Prompt: an acknowledgement releases, in the same step, every output whose entry it covers.',
    class: 'liveness',
    consequence: 'Clients wait for more than the round trip that the rule costs, and for ever if the guest has nothing more to say.',
    cause: 'An acknowledgement covers its own number and all lower ones. Was only a part of what it covers released?',
    link: 'lecture/output-rule/#order-and-once',
  },
  alone: {
    rule: 'Alone: when no backup is left, what is held leaves in that step, and nothing is held afterwards.',
    class: 'liveness',
    consequence:
      'The machine that is left computes answers and keeps them. The failure that the pair was to survive has ended the service.',
    cause: 'Something waits for an acknowledgement, and there is nobody left to send one.',
    link: 'lecture/output-rule/#alone',
  },
  client: {
    rule: 'One past: no client is told what contradicts something that it, or another client, was told before.',
    class: 'safety',
    consequence: 'Two clients hold one ticket, or one client has two answers to a single request.',
    cause: 'The primary gave an answer away, died, and the backup had never heard of it. What had been acknowledged when it left?',
    link: 'lecture/output-rule/#the-rule',
  },
  'state size': {
    rule: 'Bounded state: the gate forgets an output that has left.',
    class: 'safety',
    consequence: 'Nothing for hours; then the primary runs out of memory, and the pair is down to one machine.',
    cause: 'Something in the state only ever grows. Which array, string or object is it?',
    link: 'lecture/output-rule/#order-and-once',
  },
  progress: {
    rule: 'Progress: with whole networks and time enough, every request is answered and no output is held for good.',
    class: 'liveness',
    consequence: 'The client asks again and again. To it the machine looks dead, though nothing has failed.',
    cause: 'An output was never released. For what did it wait, and did that come?',
    link: 'lecture/output-rule/#order-and-once',
  },
};

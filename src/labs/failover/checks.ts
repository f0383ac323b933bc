/**
 * The checks of the failover lab. Both machines of a simulated pair run your part; the guest gives tickets to two clients, and the logging channel and
 * the output gate are the reference's. A check is a list of scenes, or schedules that seeds decide: 220 of these over all checks. One
 * that breaks a rule is made short before it is shown.
 */
import { expect, test } from 'vitest';
import { brokenRule } from '../../../labs-runtime/checks/explain.ts';
import type { Explanation } from '../../../labs-runtime/checks/explain.ts';
import type { Role } from '../../../labs-runtime/ft/channel-api.ts';
import * as outputGate from '../../../labs-runtime/ft/output-gate.ts';
import type { FailoverRule } from '../../../labs-runtime/sim/rules.ts';
import { search } from '../../../labs-runtime/sim/search.ts';
import type { Search } from '../../../labs-runtime/sim/search.ts';
import type { WorldEvent } from '../../../labs-runtime/sim/world-event.ts';
import * as part from './starter/failover.ts';

/** The rules that this lab is about. */
type Judged = FailoverRule | 'remembered' | 'client' | 'progress';

const pass = (forMs: number): WorldEvent => ({ kind: 'pass', forMs });
const ask = (client: number): WorldEvent => ({ kind: 'request', client });
const crash = (machine: Role): WorldEvent => ({ kind: 'crash', machine });
const loseHeartbeat: WorldEvent = { kind: 'lose', of: 'heartbeat' };
const delayHeartbeat: WorldEvent = { kind: 'delay', of: 'heartbeat', byMs: 120 };
const heartbeats = (arrive: boolean): WorldEvent => ({ kind: 'heartbeats', pass: arrive });
const breakLog: WorldEvent = { kind: 'break', lateToBackup: 0, lateToPrimary: 0 };
const healLog: WorldEvent = { kind: 'heal' };
const storage = (machine: Role, reachable: boolean): WorldEvent => ({ kind: 'storage', machine, reachable });
const loseAnswer = (machine: Role): WorldEvent => ({ kind: 'lose answer', machine });
const powerOff: WorldEvent = { kind: 'power off', client: 0 };

/** The guest starts, and both clients get a ticket. */
const service: WorldEvent[] = [{ kind: 'run', attempts: 6000 }, ask(0), ask(1), pass(75)];
/** Nothing passes between the machines any more, and each of them has a client. */
const partition: WorldEvent[] = [{ kind: 'clients split', on: true }, heartbeats(false), breakLog, ask(0), ask(1)];
/** The storage, for both machines. */
const outOfReach = [storage('primary', false), storage('backup', false)];
const inReach = [storage('primary', true), storage('backup', true)];
/** The end of a scene with two machines that live: if neither of them has noticed anything, one of them still owes a failover. */
const lastly = [crash('primary')];

/** Times other than the usual: a part that takes them from its options finds no difference. */
const patient = { heartbeatEveryMs: 100, silenceMaxMs: 600, retryAfterMs: 200 };

test('a heartbeat goes out as often as one is due', async () => {
  const rules: Judged[] = ['heartbeats', 'false alarm'];
  await nothingBreaks('heartbeats', rules, { script: [...service, pass(400)], goLive: 0 });
  await nothingBreaks('heartbeats', rules, { script: [...service, pass(900)], failover: patient, goLive: 0 });
});

test('a peer that is heard in both ways counts as alive', async () => {
  const rules: Judged[] = ['false alarm'];
  const fewHeartbeats = [loseHeartbeat, loseHeartbeat, pass(125), loseHeartbeat, loseHeartbeat, pass(125)];
  const lateHeartbeats = [delayHeartbeat, pass(75), delayHeartbeat, pass(75), delayHeartbeat, pass(125)];
  const slowLog = [breakLog, pass(175), healLog, pass(50), breakLog, pass(175), healLog, pass(100)];
  await nothingBreaks('false-alarm', rules, { script: [...service, ...fewHeartbeats, ...fewHeartbeats, crash('primary')] });
  await nothingBreaks('false-alarm', rules, { script: [...service, ...lateHeartbeats, ...lateHeartbeats, crash('backup')] });
  await nothingBreaks('false-alarm', rules, { script: [...service, ...slowLog, ask(0), pass(100), crash('primary')] });
  await nothingBreaks('false-alarm', rules, {
    firstSeed: 2000,
    seeds: 30,
    schedule: { datagramFaults: true, breaks: true, crash: 'either' },
  });
});

test('a peer that falls silent is noticed, whichever of its two signals stops', async () => {
  for (const fault of [crash('primary'), crash('backup'), heartbeats(false), breakLog]) {
    await nothingBreaks('notices', ['notices'], { script: [...service, fault, ask(0), pass(400)] });
    await nothingBreaks('notices', ['notices'], { script: [...service, fault, ask(0), pass(900)], failover: patient });
  }
});

test('the backup goes live only at the end of the log', async () => {
  const rules: Judged[] = ['log end', 'remembered'];
  const script = [...service, ask(0), ask(1), pass(150), ask(0), ask(1), pass(100), crash('primary'), ask(0)];
  await nothingBreaks('log-end', rules, { script });
  await nothingBreaks('log-end', rules, { script, replayEntriesPerRound: 1 });
  await nothingBreaks('log-end', rules, {
    firstSeed: 4000,
    seeds: 20,
    schedule: { crash: 'primary', length: 24 },
    replayEntriesPerRound: 2,
  });
});

test('nobody goes live without the storage’s word, and who has it goes on', async () => {
  const rules: Judged[] = ['flag', 'goes on'];
  await nothingBreaks('flag', rules, { script: [...service, crash('primary'), ask(0), pass(400)] });
  await nothingBreaks('flag', rules, { script: [...service, crash('backup'), ask(0), pass(400)] });
  await nothingBreaks('flag', rules, { script: [service[0]!, pass(400), crash('primary'), ask(0), pass(600)], replayEntriesPerRound: 1 });
});

test('of two machines that think each other dead, one goes on', async () => {
  await eitherWins('one-live', ['one live', 'goes on', 'client']);
});

test('the machine that does not get the flag halts', async () => {
  await eitherWins('loser-halts', ['loser halts', 'goes on']);
});

/** Two scenes of a partition: in one the primary gets the flag, in the other, since it cannot reach the storage, the backup. */
async function eitherWins(check: string, rules: Judged[]): Promise<void> {
  const primaryLate = [...service, storage('primary', false), ...partition, pass(500), storage('primary', true), pass(200)];
  await nothingBreaks(check, rules, { script: [...service, ...partition, pass(500), ...lastly] });
  await nothingBreaks(check, rules, { script: [...primaryLate, ...lastly] });
}

test('an attempt whose answer was lost is repeated', async () => {
  const rules: Judged[] = ['asks again', 'flag', 'goes on'];
  const answersLost = [loseAnswer('primary'), loseAnswer('backup')];
  for (const fault of [[crash('primary')], [crash('backup')], partition])
    await nothingBreaks('lost-answer', rules, { script: [...service, ...answersLost, ...fault, ask(0), pass(500), ...lastly] });
});

test('while the storage is out of reach a machine neither goes live nor halts', async () => {
  const rules: Judged[] = ['asks again', 'flag', 'goes on'];
  const heardAgain = [heartbeats(false), pass(300), heartbeats(true), pass(200)];
  for (const fault of [[crash('primary'), pass(800)], [crash('backup'), pass(800)], [...partition, pass(800)], heardAgain])
    await nothingBreaks('unreachable', rules, { script: [...service, ...outOfReach, ...fault, ...inReach, pass(200), ...lastly] });
});

test('a primary whose backup died goes on alone', async () => {
  const rules: Judged[] = ['asks again', 'goes on'];
  await nothingBreaks('primary-alone', rules, { script: [...service, ask(0), crash('backup'), ask(1), pass(400), ask(0)] });
});

test('a power-off makes nobody go live, and a crash still does', async () => {
  const rules: Judged[] = ['power-off'];
  const switchedOff = [service[0]!, pass(400), powerOff, pass(900)];
  await nothingBreaks('power-off', rules, { script: [...service, crash('primary'), ask(1), pass(400)] });
  await nothingBreaks('power-off', rules, { script: switchedOff, goLive: 0 });
  await nothingBreaks('power-off', rules, { script: switchedOff, replayEntriesPerRound: 1, goLive: 0 });
});

test('clients never see a contradiction, whatever fails', async () => {
  await nothingBreaks('random', ['client', 'one live', 'remembered'], {
    firstSeed: 12_000,
    seeds: 170,
    schedule: { breaks: true, lateBytes: true, datagramFaults: true, heartbeatFaults: true, storageFaults: true, crash: 'either' },
    replayEntriesPerRound: 5,
  });
});

interface Scene extends Partial<Search> {
  /** How many machines go live in it, at least; 1 if nothing is said. */
  goLive?: number;
}

/** Searches a scene, or the schedules of seeds, for one that breaks one of these rules or leaves something owed for ever; fails with the shortest found. */
async function nothingBreaks(check: string, rules: Judged[], { goLive = 1, ...wanted }: Scene): Promise<void> {
  const { counterexample, runs, answers, takeovers } = await search({
    parts: { failoverPart: part, outputGatePart: outputGate },
    rules,
    firstSeed: 1,
    seeds: 1,
    guest: 'tickets',
    clients: 2,
    sumsUpLog: true,
    ...wanted,
    schedule: { traffic: 'failover', length: 28, ...wanted.schedule },
  });
  if (counterexample) throw brokenRule(counterexample, explanations[counterexample.rule as Judged], { lab: 'failover', check });
  if (wanted.script) return expect(takeovers, 'machines that went live').toBeGreaterThanOrEqual(goLive);
  expect(takeovers, 'machines that went live, over all runs').toBeGreaterThan(0.9 * runs);
  expect(answers, 'answers that clients got, over all runs').toBeGreaterThan(runs);
}

/** What each rule means, what a client outside would see if it were broken, and where to look first. */
const explanations: Record<Judged, Explanation> = {
  heartbeats: {
    rule: 'Heartbeats: while a machine watches its peer it sends a heartbeat every heartbeatEveryMs, and never later than twice that.',
    class: 'liveness',
    consequence: 'A pause: the other machine takes this one for dead, and one of two healthy machines is shut down.',
    cause: 'The time of the last heartbeat is not kept, or it is compared with something else than the time now.',
    link: 'lecture/failover/#noticing',
  },
  'false alarm': {
    rule: 'False alarm: a peer whose heartbeats and whose log traffic were both heard less than silenceMaxMs ago counts as alive.',
    class: 'safety',
    consequence: 'A pause for nothing: a healthy machine is shut down, and until there is a new backup the next failure is the end.',
    cause:
      'Something shorter than a silence of silenceMaxMs was taken for one: a single heartbeat, or one of the two times that was not renewed.',
    link: 'lecture/failover/#false-alarms',
  },
  notices: {
    rule: 'Noticing: a peer counts as failed once its heartbeats, or its log traffic, have stayed out for longer than silenceMaxMs.',
    class: 'liveness',
    consequence: 'No answer, for ever: a machine waits for one that will never speak again.',
    cause:
      'Each signal has a time at which it was last heard, to be held against silenceMaxMs by itself. Is one forgotten, or made up for by the other?',
    link: 'lecture/failover/#noticing',
  },
  'log end': {
    rule: "Log end: the backup goes live only after 'log end', when the last entry that it holds is replayed.",
    class: 'safety',
    consequence: 'A ticket that nobody remembers: the primary sent it, and the backup went live at a point of the past before it.',
    cause: 'Having the flag is taken for reason enough. Two things must have happened, and they can come in either order.',
    link: 'lecture/failover/#log-end',
  },
  remembered: {
    rule: 'Remembered: a backup that goes live has replayed every output that the primary let out.',
    class: 'safety',
    consequence: 'A ticket that nobody remembers: its number is given to another client, too.',
    cause: 'The backup went live before the end of the log that it holds.',
    link: 'lecture/failover/#log-end',
  },
  flag: {
    rule: 'Flag: a machine, the primary as well, goes live only when the storage has said that it holds the flag.',
    class: 'safety',
    consequence: 'Perhaps nothing today. When the other machine lives behind a broken cable, two clients get one ticket.',
    cause: "'go live' depends on the silence, or on having asked, and not on an answer with this machine as owner.",
    link: 'lecture/failover/#test-and-set',
  },
  'goes on': {
    rule: "Going on: the backup asks for the flag by 'log end' at the latest; a machine that holds the flag, a backup at its log’s end, goes live at once.",
    class: 'liveness',
    consequence: 'No answer, for ever: there is a machine that could serve and may serve, and it waits.',
    cause: 'The last of the things it waited for came, and nobody looked whether all are there now.',
    link: 'lecture/failover/#test-and-set',
  },
  'one live': {
    rule: 'One live: of a pair, never two machines serve alone.',
    class: 'safety',
    consequence: 'Two clients with one ticket: each machine gives out the next number, and neither knows of the other’s.',
    cause: 'A machine goes live whatever the storage says. The answer names the owner: it may be the other one.',
    link: 'lecture/failover/#split-brain',
  },
  'loser halts': {
    rule: 'The loser halts: a machine that learns that the other holds the flag halts at once, for good.',
    class: 'safety',
    consequence: 'A machine that should be dead still runs the guest. Clients on its side wait for answers that it cannot let out.',
    cause: 'An answer that names the other machine is ignored, or taken for a reason to ask again. The flag never changes hands.',
    link: 'lecture/failover/#the-loser-halts',
  },
  'asks again': {
    rule: 'Asking again: a machine without an answer asks again within retryAfterMs, as often as it takes; until then it neither goes live nor halts.',
    class: 'liveness',
    consequence: 'No answer, for ever: one machine is dead, and the other has stopped, or waits for an answer that was lost.',
    cause: 'No answer is taken for an answer, or for the end of it. It may mean that this machine owns the flag and does not know.',
    link: 'lecture/failover/#lost-answer',
  },
  'power-off': {
    rule: 'Power-off: once a machine is told that the guest switched itself off, it neither asks for the flag nor goes live.',
    class: 'safety',
    consequence: 'What a user has stopped runs again by itself.',
    cause: 'The silence after a power-off looks like a failure. The word came first, and has to outlast it.',
    link: 'lecture/failover/#power-off',
  },
  client: {
    rule: 'No contradiction: no request is answered in two ways, and no ticket is given to two requests.',
    class: 'safety',
    consequence: 'This is what the client sees: two answers to one request, or somebody else’s ticket.',
    cause: 'Two machines served, or one went live from a point of the past.',
    link: 'lecture/failover/#what-clients-see',
  },
  progress: {
    rule: 'Progress: with whole networks and time enough, one machine goes on, and every request is answered.',
    class: 'liveness',
    consequence: 'No answer, for ever, though a machine is left that could serve.',
    cause: 'A machine waits for something that will not come again. What did it hear last, and what did it do then?',
    link: 'lecture/failover/#what-clients-see',
  },
};

/**
 * Mutants of the protocol: each breaks one mechanism of the VMware FT paper, and names the property that no longer holds and the scenario in which a
 * search shows it. They prove that the search would find such a fault in the reference; the reference itself is searched in the same scenarios.
 *
 * Not here, since no schedule breaks a property without them:
 * - The guest's stop at the end of a migration (3.1). The last pages are read in one instant at which the log begins too. It bounds how much is on
 *   its way.
 * - Word to a new backup of what is pending at the disk (3.3): the disk is quiet, so that is only what waits for another request, and seldom there;
 *   `ft/replica/migration.test.ts` has its proof.
 * - A wait for a round of a migration to be held (3.1): rounds and the rest share one ordered stream, and a cut of it ends the attempt.
 */
import type { FailoverState } from '../../../../labs-runtime/ft/failover.ts';
import type { PropertyName } from '../../../../labs-runtime/sim/cluster/properties.ts';
import type { Change, Tamper } from './breaking.ts';
import { brokenPart, brokenPartWith, startedWith, tamperedTransfer, withOptions, without } from './breaking.ts';
import {
  withRoomFor,
  storing,
  whereNothingFails,
  withTickets,
  GUEST_PAGES,
  release,
  isOf,
  brokenLog,
  brokenBackupEnd,
  finishedOnceOff,
  framesOf,
  acknowledging,
  inPairs,
  withFinished,
  withRightChecksum,
  roleOf,
} from './mutant-changes.ts';

export interface Mutant {
  /** What is broken, in plain words. */
  name: string;
  /** Section of VMware FT whose mechanism it is. */
  section: string;
  scenario: string;
  /** The property that the search finds broken. */
  property: PropertyName;
  /** How it is searched: by random walks from a seed on, or exhaustively. */
  search: { kind: 'walks'; firstSeed: number } | { kind: 'all' };
  /** Distinct states within which it is found. */
  statesMax: number;
  /** What makes the scenario show it, with nothing broken. */
  setting?: Change;
  change?: Change;
  tamper?: Tamper;
}

type Chosen = Omit<Mutant, 'search' | 'statesMax'> & Partial<Pick<Mutant, 'search' | 'statesMax'>>;

/** More than any of them takes. */
const STATES_MAX = 2500;

/** By random walks from the first seed on, where nothing else is said. */
function mutant(chosen: Chosen): Mutant {
  return { search: { kind: 'walks', firstSeed: 1 }, statesMax: STATES_MAX, ...chosen };
}

/** The output rule: section 2.2. */
const outputRule: Mutant[] = [
  mutant({
    name: 'an output leaves as soon as it is made',
    section: '2.2',
    scenario: 'tickets',
    property: 'no output is lost',
    change: brokenPart('outputGate', (input) => (input.kind === 'operation' ? [release(input)] : [])),
  }),
  mutant({
    name: 'an output leaves on the acknowledgement of the entry before its own',
    section: '2.2',
    scenario: 'console',
    property: 'no output is lost',
    search: { kind: 'all' },
    change: brokenPart('outputGate', (input, reference) =>
      reference(input.kind === 'operation' ? { ...input, seq: input.seq - 1 } : input),
    ),
  }),
  mutant({
    name: 'the first acknowledgement lets all outputs go, also later ones',
    section: '2.2',
    scenario: 'tickets',
    property: 'no output is lost',
    change: brokenPart('outputGate', (input, reference) =>
      reference(input.kind === 'acknowledged' && input.seq > 0 ? { ...input, seq: Infinity } : input),
    ),
  }),
  mutant({
    name: 'the console is not held back',
    section: '2.2',
    scenario: 'console',
    property: 'no output is lost',
    change: brokenPart('outputGate', (input, reference) => (isOf(input, 'console') ? [release(input)] : reference(input))),
  }),
  mutant({
    name: 'a write to the disk is not held back',
    section: '2.2',
    scenario: 'disk',
    property: 'no output is lost',
    change: brokenPart('outputGate', (input, reference) => (isOf(input, 'disk') ? [release(input)] : reference(input))),
  }),
  mutant({
    name: 'of outputs that may leave at once the newest leaves first',
    section: '2.2',
    scenario: 'console',
    property: 'no output is lost',
    change: brokenPart('outputGate', (input, reference) => reference(input).reverse()),
  }),
  mutant({
    name: 'of outputs that may leave at once only the first leaves',
    section: '2.2',
    scenario: 'console',
    property: 'service goes on',
    change: brokenPart('outputGate', (input, reference) => reference(input).slice(0, 1)),
  }),
  mutant({
    name: 'a primary that goes on alone keeps what it held back',
    section: '2.3',
    scenario: 'tickets',
    property: 'no output is lost',
    change: brokenPart('outputGate', (input, reference) => {
      const effects = reference(input);
      return input.kind === 'peer lost' ? [] : effects;
    }),
  }),
  mutant({
    name: 'a backup that goes live forgets the outputs in doubt',
    section: '2.2',
    scenario: 'console',
    property: 'no output is lost',
    change: without('remakesOutputs'),
  }),
  mutant({
    name: 'a primary says of outputs that are held back that they are outside',
    section: '2.2',
    scenario: 'console',
    property: 'no output is lost',
    tamper(effect) {
      if (effect.kind === 'heartbeat') effect.heartbeat.released += 2;
    },
  }),
];

/** Deterministic replay: section 2.1. */
const replay: Mutant[] = [
  mutant({
    name: 'the log has another time than the guest read',
    section: '2.1',
    scenario: 'tickets',
    property: 'the backup follows',
    change: brokenLog((recorded) =>
      recorded.event.kind === 'clock' ? { ...recorded, event: { kind: 'clock', value: recorded.event.value + 1n } } : recorded,
    ),
  }),
  mutant({
    name: 'a frame is logged one instruction too late',
    section: '2.1',
    scenario: 'tickets',
    property: 'the backup follows',
    change: brokenLog((recorded) => (recorded.event.kind === 'packet' ? { ...recorded, at: recorded.at + 1 } : recorded)),
  }),
  mutant({
    name: 'the log has other random bytes than the guest got',
    section: '2.1',
    scenario: 'lottery',
    property: 'the backup follows',
    change: brokenLog(({ at, event }) => ({
      at,
      event: event.kind === 'entropy' ? { kind: 'entropy', bytes: event.bytes.map((byte) => byte ^ 1) } : event,
    })),
  }),
  mutant({
    name: 'a new primary does not go on with the clock where the old one was',
    section: '2.1',
    scenario: 'clocks',
    property: 'the past stays',
    change: without('continuesClock'),
  }),
];

/** The logging channel: sections 2.2 and 3.2. */
const channel: Mutant[] = [
  mutant({
    name: 'the backup acknowledges an entry before it holds it',
    section: '2.2',
    scenario: 'tickets',
    property: 'acknowledged is held',
    change: brokenPart('channel', (input, reference) => reference(input).map((effect) => acknowledging(effect, (seq) => seq + 1))),
  }),
  mutant({
    name: 'the backup acknowledges entries that it had no room for',
    section: '3.2',
    scenario: 'small buffers',
    property: 'acknowledged is held',
    change: brokenPart('channel', (input, reference) => {
      const heard = framesOf(input).filter(({ kind }) => kind === 'entry');
      const newest = Math.max(0, ...heard.map(({ seq }) => seq));
      return reference(input).map((effect) => acknowledging(effect, (seq) => Math.max(seq, newest)));
    }),
  }),
  mutant({
    name: 'the primary takes an entry for acknowledged once it has sent it',
    section: '2.2',
    scenario: 'tickets',
    property: 'acknowledged is held',
    change: brokenPartWith(
      'channel',
      () => ({ seq: 0 }),
      (own, input, reference) => {
        const effects = reference(input);
        return input.kind === 'append' ? [...effects, { kind: 'acknowledged', seq: ++own.seq }] : effects;
      },
    ),
  }),
  mutant({
    name: 'the backup takes an entry though the one before it is missing',
    section: '2.2',
    scenario: 'garbled log',
    property: 'the backup follows',
    change: brokenBackupEnd((state, frame) => (state.nextSeq = Math.max(state.nextSeq, frame.seq))),
  }),
  mutant({
    name: 'the backup takes an entry again that it has had',
    section: '2.2',
    scenario: 'tickets',
    property: 'the backup follows',
    change: brokenBackupEnd((state, frame) => (state.nextSeq = Math.min(state.nextSeq, frame.seq))),
  }),
  mutant({
    name: 'entries go out in the wrong order',
    section: '2.2',
    scenario: 'tickets',
    property: 'the backup follows',
    change: brokenPartWith<'channel', { kept: Uint8Array | null }>(
      'channel',
      () => ({ kept: null }),
      (own, input, reference) => inPairs(own, input).flatMap(reference),
    ),
  }),
  mutant({
    name: 'a frame is taken without a look at its checksum',
    section: '3.2',
    scenario: 'garbled log',
    property: 'the backup follows',
    change: brokenPart('channel', (input, reference) =>
      reference(input.kind === 'bytes' ? { kind: 'bytes', bytes: withRightChecksum(input.bytes) } : input),
    ),
  }),
  mutant({
    name: 'the primary keeps more entries than its buffer has room for',
    section: '3.2',
    scenario: 'small buffers',
    property: 'buffers are bounded',
    change: startedWith('channel', (options) => (options.role === 'primary' ? { ...options, bufferEntriesMax: 1000 } : options)),
  }),
  mutant({
    name: 'the backup keeps more entries than its buffer has room for',
    section: '3.2',
    scenario: 'small buffers',
    property: 'buffers are bounded',
    change: startedWith('channel', (options) => (options.role === 'backup' ? { ...options, bufferEntriesMax: 1000 } : options)),
  }),
  mutant({
    name: 'a guest stopped for a full buffer is never let go on',
    section: '3.2',
    scenario: 'slow backup',
    property: 'a takeover has a cause',
    change: brokenPart('channel', (input, reference) => reference(input).filter(({ kind }) => kind !== 'resume')),
  }),
  mutant({
    name: 'what a break lost is not sent again',
    section: '2.2',
    scenario: 'partition',
    setting: (scenario) => withRoomFor(1000)({ ...scenario, faults: ['cut'] }),
    property: 'service goes on',
    change: brokenPart('channel', (input, reference) =>
      reference(input).filter(({ kind }) => kind !== 'send' || (input.kind !== 'link' && input.kind !== 'time')),
    ),
  }),
  mutant({
    name: 'what the backup had no room for is not sent again',
    section: '3.2',
    scenario: 'slow backup',
    property: 'a takeover has a cause',
    change: brokenPart('channel', (input, reference) => (input.kind === 'time' ? [] : reference(input))),
  }),
  mutant({
    name: 'a primary whose backup falls behind is not slowed',
    section: '3.2',
    scenario: 'busy backup',
    property: 'the backup keeps up',
    search: { kind: 'all' },
    change: without('controlsLag'),
  }),
  mutant({
    name: 'lag control lowers the share once, and then leaves it',
    section: '3.2',
    scenario: 'busy backup',
    property: 'the backup keeps up',
    search: { kind: 'all' },
    change: brokenPart('lag', (input, reference) => reference(input).filter(({ percent }) => percent === 90)),
  }),
  mutant({
    name: 'what is left of an earlier pair is taken for this pair’s',
    section: '2.3',
    scenario: 'late log',
    property: 'the backup follows',
    change: without('checksGeneration'),
  }),
];

/** Detecting and responding to failure: section 2.3. */
const failover: Mutant[] = [
  mutant({
    name: 'a backup goes live before it has replayed what it holds',
    section: '2.3',
    scenario: 'small buffers',
    property: 'no output is lost',
    change: without('replaysToEnd'),
  }),
  mutant({
    name: 'a backup asks for the flag at once, and replays meanwhile',
    section: '2.3',
    scenario: 'small buffers',
    property: 'no output is lost',
    change: brokenPart('failover', (input, reference) =>
      reference(input).flatMap((effect) => (effect.kind === 'replay to end' ? [effect, ...reference({ kind: 'log end' })] : [effect])),
    ),
  }),
  mutant({
    name: 'whoever misses the other goes live without a test-and-set',
    section: '2.3',
    scenario: 'partition',
    property: 'one machine is live',
    change: brokenPart('failover', (input, reference) =>
      reference(input).map((effect) => (effect.kind === 'test-and-set' ? { kind: 'go live' } : effect)),
    ),
  }),
  mutant({
    name: 'the primary goes on alone without a test-and-set',
    section: '2.3',
    scenario: 'partition',
    property: 'one machine is live',
    change: brokenPart('failover', (input, reference, state) =>
      reference(input).map((effect) => (effect.kind === 'test-and-set' && roleOf(state) === 'primary' ? { kind: 'go live' } : effect)),
    ),
  }),
  mutant({
    name: 'whatever the storage answers, whoever asked goes live',
    section: '2.3',
    scenario: 'partition',
    property: 'one machine is live',
    change: brokenPart('failover', (input, reference, state) =>
      reference(input.kind === 'flag' ? { kind: 'flag', owner: roleOf(state) } : input),
    ),
  }),
  mutant({
    name: 'a test-and-set whose answer is lost is not repeated',
    section: '2.3',
    scenario: 'partition',
    property: 'service goes on',
    change: brokenPart('failover', (input, reference) => (input.kind === 'no flag answer' ? [] : reference(input))),
  }),
  mutant({
    name: 'a machine that cannot reach the storage goes live',
    section: '2.3',
    scenario: 'partition',
    property: 'one machine is live',
    change: brokenPart('failover', (input, reference) => (input.kind === 'no flag answer' ? [{ kind: 'go live' }] : reference(input))),
  }),
  mutant({
    name: 'the storage gives the flag to everybody who asks',
    section: '2.3',
    scenario: 'partition',
    property: 'one machine is live',
    change: (scenario) => ({ ...scenario, flagIsExclusive: false }),
  }),
  mutant({
    name: 'the machine that has lost the flag does not halt',
    section: '2.3',
    scenario: 'partition',
    property: 'service goes on',
    change: brokenPart('failover', (input, reference) =>
      reference(input).filter(({ kind }) => kind !== 'halt' || input.kind === 'power-off'),
    ),
  }),
  mutant({
    name: 'a machine that has declared a failure takes it back at a late heartbeat',
    section: '2.3',
    scenario: 'partition',
    property: 'service goes on',
    change: brokenPart('failover', (input, reference, state) => {
      const its = state as FailoverState;
      if (input.kind === 'heartbeat' && its.phase !== 'ended') its.phase = 'watching';
      return reference(input);
    }),
  }),
  mutant({
    name: 'nobody notices that the other is silent',
    section: '2.3',
    scenario: 'crash',
    property: 'service goes on',
    change: brokenPart('failover', (input, reference) => reference(input).filter(({ kind }) => kind === 'heartbeat')),
  }),
  mutant({
    name: 'heartbeats are not sent',
    section: '2.3',
    scenario: 'calm',
    property: 'a takeover has a cause',
    change: brokenPart('failover', (input, reference) => reference(input).filter(({ kind }) => kind !== 'heartbeat')),
  }),
  mutant({
    name: 'the log of an idle guest is silent',
    section: '2.3',
    scenario: 'calm',
    property: 'a takeover has a cause',
    change: without('keepsLogAlive'),
  }),
  mutant({
    name: 'a silence shorter than the time between two heartbeats counts as a failure',
    section: '2.3',
    scenario: 'calm',
    property: 'a takeover has a cause',
    change: startedWith('failover', (options) => ({ ...options, silenceMaxMs: options.heartbeatEveryMs - 10 })),
  }),
  mutant({
    name: 'a backup takes the end of a power-off for a failure',
    section: '2.3',
    scenario: 'power off',
    property: 'a takeover has a cause',
    change: brokenPart('failover', (input, reference, state) =>
      input.kind === 'power-off' && roleOf(state) === 'backup' ? [] : reference(input),
    ),
  }),
  mutant({
    name: 'the network is not told that the guest has moved',
    section: '2.3',
    scenario: 'crash',
    property: 'service goes on',
    change: without('announces'),
  }),
];

/** A new backup: sections 3.1 and 3.3. */
const migration: Mutant[] = [
  mutant({
    name: 'a machine that serves alone looks for no new backup',
    section: '3.1',
    scenario: 'new backup',
    property: 'the pair becomes whole',
    change: without('restoresRedundancy'),
  }),
  mutant({
    name: 'the pages changed since the last round are not sent',
    section: '3.1',
    scenario: 'new backup',
    property: 'the backup follows',
    tamper: tamperedTransfer('image', ({ pages }) => pages.splice(0)),
  }),
  mutant({
    name: 'the list of the last pages leaves out what the guest has changed',
    section: '3.1',
    scenario: 'new backup',
    property: 'the backup follows',
    change: brokenPart('migrate', (input, reference) =>
      reference(input).map((effect) => (effect.kind === 'finish' ? { kind: 'finish', pages: [] } : effect)),
    ),
  }),
  mutant({
    name: 'a further round leaves out what the guest has changed',
    section: '3.1',
    scenario: 'new backup',
    setting: withOptions((options) => ({ ...options, migrate: { roundsMax: 3, stopPagesMax: 0 } })),
    property: 'the backup follows',
    change: brokenPart('migrate', (input, reference) =>
      reference(input).map((effect) => (effect.kind === 'copy' && effect.round > 1 ? { ...effect, pages: [] } : effect)),
    ),
  }),
  mutant({
    name: 'a page of the first round arrives empty',
    section: '3.1',
    scenario: 'new backup',
    property: 'the backup follows',
    tamper: tamperedTransfer('pages', ({ pages, round }) => {
      if (round === 1) pages[0]!.bytes = new Uint8Array(pages[0]!.bytes.length);
    }),
  }),
  mutant({
    name: 'round after round is copied, and the guest is never stopped for the rest',
    section: '3.1',
    scenario: 'new backup',
    property: 'the pair becomes whole',
    change: brokenPartWith(
      'migrate',
      () => ({ round: 1 }),
      (own, input, reference) =>
        input.kind === 'round held' ? [{ kind: 'copy', round: ++own.round, pages: input.dirty }] : reference(input),
    ),
  }),
  mutant({
    name: 'a guest stopped for the rest is never let go on',
    section: '3.1',
    scenario: 'new backup',
    property: 'service goes on',
    change: brokenPart('migrate', (input, reference) => reference(input).filter(({ kind }) => kind !== 'resume')),
  }),
  mutant({
    name: 'the last of a guest goes to its new backup while the disk is busy for it',
    section: '3.3',
    scenario: 'overlapping requests',
    property: 'a switch finds the disk quiet',
    search: { kind: 'all' },
    change: without('quiesces'),
  }),
  mutant({
    name: 'the queue says that the disk is quiet before it is',
    section: '3.3',
    scenario: 'overlapping requests',
    property: 'a switch finds the disk quiet',
    search: { kind: 'all' },
    change: brokenPart('diskQueue', (input, reference) => (input.kind === 'quiesce' ? [{ kind: 'quiesced' }] : reference(input))),
  }),
  mutant({
    name: 'nobody says that the disk is quiet, and the switch never comes',
    section: '3.3',
    scenario: 'emptied server',
    property: 'the pair becomes whole',
    change: brokenPart('diskQueue', (input, reference) => reference(input).filter(({ kind }) => kind !== 'quiesced')),
  }),
  mutant({
    name: 'after the switch of a migration the disk gets nothing more',
    section: '3.3',
    scenario: 'new backup with disk',
    property: 'service goes on',
    change: brokenPart('diskQueue', (input, reference) => (input.kind === 'resume' ? [] : reference(input))),
  }),
];

/** The disk: sections 3.4 and 4. */
const disk: Mutant[] = [
  mutant({
    name: 'a machine that goes live forgets what is pending at the disk',
    section: '3.4',
    scenario: 'disk',
    property: 'service goes on',
    change: without('reissuesDisk'),
  }),
  mutant({
    name: 'the disk still takes what a machine without the flag has asked for',
    section: '2.3',
    scenario: 'overlapping requests',
    property: 'the disk is as written',
    search: { kind: 'all' },
    change: (scenario) => ({ ...scenario, fences: false }),
  }),
  mutant({
    name: 'the disk writes into the guest’s memory while the guest looks',
    section: '3.4',
    scenario: 'reads',
    property: 'the backup follows',
    change: without('bouncesDisk'),
  }),
  mutant({
    name: 'requests for one sector are at the disk at the same time',
    section: '3.4',
    scenario: 'overlapping requests',
    property: 'the disk is as written',
    change: startedWith('diskQueue', (options) => ({ ...options, serialises: false })),
  }),
  mutant({
    name: 'a request that waits for another is forgotten',
    section: '3.4',
    scenario: 'overlapping requests',
    property: 'service goes on',
    search: { kind: 'walks', firstSeed: 2 },
    change: brokenPart('diskQueue', (input, reference) => {
      const effects = reference(input);
      return input.kind === 'done' ? [] : effects;
    }),
  }),
  mutant({
    name: 'a write does not wait for the reads that the backup has still to do',
    section: '4.2',
    scenario: 'reads before writes',
    property: 'the backup follows',
    change: without('writesAwaitBackupReads'),
  }),
  mutant({
    name: 'the backup says of reads that it has still to do that it has done them',
    section: '4.2',
    scenario: 'reads before writes',
    property: 'the backup follows',
    tamper(effect) {
      if (effect.kind === 'heartbeat') effect.heartbeat.consumedSeq += 8;
    },
  }),
  mutant({
    name: 'a new backup with a disk of its own does not get what is on it',
    section: '4.1',
    scenario: 'own disks',
    setting: storing('1', '2', '3'),
    property: 'the disk is as written',
    tamper(effect) {
      if (effect.kind !== 'transfer' || (effect.message.kind !== 'pages' && effect.message.kind !== 'image')) return;
      effect.message.pages = effect.message.pages.filter(({ index }) => index < GUEST_PAGES);
    },
  }),
];

/** A power-off, which is no failure, and leaves nothing undone: sections 2.2 and 2.3. */
const powerOff: Mutant[] = [
  mutant({
    name: 'a power-off ends the pair while outputs are held',
    section: '2.2',
    scenario: 'power off',
    property: 'no output is lost',
    change: without('finishesOutputs'),
  }),
  mutant({
    name: 'a power-off ends the pair while writes are on their way to the disk',
    section: '3.4',
    scenario: 'power off at work',
    setting: whereNothingFails,
    property: 'the disk is as written',
    change: without('finishesOutputs'),
  }),
  mutant({
    name: 'the backup halts as soon as it has replayed a power-off',
    section: '2.2',
    scenario: 'power off',
    property: 'no output is lost',
    change: brokenPart('channel', (input, reference) => reference(input).flatMap(withFinished)),
  }),
  mutant({
    name: 'a sign of life after a power-off says that everything is outside',
    section: '2.2',
    scenario: 'power off at work',
    property: 'no output is lost',
    change: brokenPartWith(
      'channel',
      () => ({ isOff: false }),
      (own, input, reference) => reference(finishedOnceOff(own, input)),
    ),
  }),
  mutant({
    name: 'nobody says after a power-off that everything is outside',
    section: '2.3',
    scenario: 'calm',
    property: 'a takeover has a cause',
    change: brokenLog(({ at, event }) =>
      event.kind === 'control' ? { at, event: { kind: 'control', operation: 'alive' } } : { at, event },
    ),
  }),
  mutant({
    name: 'a backup that goes live with a guest that is off forgets the outputs in doubt',
    section: '2.2',
    scenario: 'power off',
    property: 'no output is lost',
    change: without('remakesOutputs'),
  }),
  mutant({
    name: 'a backup that goes live with a guest that is off forgets what is pending at the disk',
    section: '3.4',
    scenario: 'power off at work',
    property: 'the disk is as written',
    change: without('reissuesDisk'),
  }),
  mutant({
    name: 'a backup halts at the first checkpoint in which the guest is off',
    section: '4',
    scenario: 'power off by checkpoints',
    property: 'no output is lost',
    tamper: tamperedTransfer('checkpoint', ({ rest }) => (rest.isFinished = rest.isOff)),
  }),
  mutant({
    name: 'no checkpoint says that everything is outside',
    section: '4',
    scenario: 'power off by checkpoints',
    setting: whereNothingFails,
    property: 'a takeover has a cause',
    tamper: tamperedTransfer('checkpoint', ({ rest }) => (rest.isFinished = false)),
  }),
];

/** Checkpoints in place of a log: section 4, and Remus (2008). */
const checkpoints: Mutant[] = [
  mutant({
    name: 'an output leaves before its epoch has ended',
    section: '4',
    scenario: 'checkpoints',
    property: 'no output is lost',
    change: brokenPart('checkpoint', (input, reference) => (input.kind === 'output' ? [release(input)] : reference(input))),
  }),
  mutant({
    name: 'an output leaves when its epoch has ended, and the backup does not hold it',
    section: '4',
    scenario: 'checkpoints',
    property: 'no output is lost',
    change: brokenPart('checkpoint', (input, reference) =>
      reference(input).flatMap((effect) =>
        effect.kind === 'capture' ? [effect, ...reference({ kind: 'held', epoch: effect.epoch })] : [effect],
      ),
    ),
  }),
  mutant({
    name: 'a primary that goes on alone keeps the outputs of epochs not held',
    section: '2.3',
    scenario: 'checkpoints',
    property: 'no output is lost',
    change: brokenPart('checkpoint', (input, reference) => {
      const effects = reference(input);
      return input.kind === 'peer lost' ? [] : effects;
    }),
  }),
  mutant({
    name: 'a page changed in an epoch is not sent',
    section: '4',
    scenario: 'checkpoints',
    setting: withTickets,
    property: 'the past stays',
    tamper: tamperedTransfer('checkpoint', ({ pages }) => pages.shift()),
  }),
  mutant({
    name: 'a checkpoint does not say what is pending at the disk',
    section: '3.4',
    scenario: 'disk',
    setting: withOptions((options) => ({ ...options, follows: 'checkpoints' })),
    property: 'service goes on',
    tamper: tamperedTransfer('checkpoint', ({ rest }) => (rest.pendingDisk = [])),
  }),
  mutant({
    name: 'a checkpoint does not say which outputs may not be outside',
    section: '4',
    scenario: 'two harts',
    property: 'no output is lost',
    search: { kind: 'all' },
    tamper: tamperedTransfer('checkpoint', ({ rest }) => (rest.inDoubt = [])),
  }),
];

export const mutants: readonly Mutant[] = [
  ...outputRule,
  ...replay,
  ...channel,
  ...failover,
  ...migration,
  ...disk,
  ...powerOff,
  ...checkpoints,
];

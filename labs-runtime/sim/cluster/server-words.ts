/**
 * What one server did at one event, in words: from the effects that its replica had, and from its state before and after. Each phrase has the server
 * for its subject, e.g. `logs entry 3 (output 0)`.
 */
import type { Output } from '../../ft/log-entry.ts';
import type { ReplicaEffect, ServerId, TransferMessage } from '../../ft/replica/messages.ts';
import { NOBODY } from '../../ft/replica/messages.ts';
import type { ReplicaState } from '../../ft/replica/state.ts';
import type { ClusterState } from './cluster-state.ts';
import { wireOf } from './cluster-state.ts';
import { counted } from './counted.ts';
import type { ClusterLane, Names } from './names.ts';
import { FINISHED, clientLane, diskRequestName, entriesOf, numbered, serverLane } from './names.ts';

/** Something that leaves a server, for another lane. */
export interface Leaving {
  to: ClusterLane;
  words: string;
  /** The phrases say it already. */
  isSaid: boolean;
  /** What is on its way from here on, to be known again where it arrives; undefined where it is there at once, or lost. */
  item?: object;
}

export interface ServerWords {
  phrases: string[];
  leaving: Leaving[];
}

/** A server at an event. */
export interface ServerMoment {
  server: ServerId;
  before: ClusterState;
  after: ClusterState;
  effects: readonly ReplicaEffect[];
  /** The last entry of its pair's log that it has sent before. */
  sentSeq: number;
  names: Names;
}

/** What a server did. */
export function wordsOfServer(moment: ServerMoment): ServerWords {
  const [before, after] = [moment.before.servers[moment.server]!.replica, moment.after.servers[moment.server]!.replica];
  if (after === null) return { phrases: [], leaving: [] };
  const change: Change = { ...moment, was: before ?? NOTHING, is: after, sameLog: before?.generation === after.generation };
  const phrases = [...peerPhrases(change), ...logPhrases(change), ...rolePhrases(change), ...guestPhrases(change)];
  const leaving: Leaving[] = [];
  for (const effect of moment.effects) say(change, effect, phrases, leaving);
  return { phrases, leaving };
}

/** Before a server had a machine. */
const NOTHING = { role: 'halted', peer: NOBODY, destination: NOBODY, held: [], entries: [], inDoubt: [] } as unknown as ReplicaState;

interface Change extends ServerMoment {
  was: ReplicaState;
  is: ReplicaState;
  /** Whether its counts of entries go on, since the pair is the same. */
  sameLog: boolean;
}

function peerPhrases({ was, is }: Change): string[] {
  const phrases: string[] = [];
  if (is.isAtEnd && !was.isAtEnd) {
    const left = is.entries.length === 0 ? '' : `, and holds ${is.entries.length} that it has not replayed`;
    phrases.push(`takes ${serverLane(was.peer)} for failed: accepts no more entries${left}`);
  }
  if (is.destination !== NOBODY && was.destination === NOBODY) phrases.push(`finds ${serverLane(is.destination)} for a new backup`);
  if (is.destination === NOBODY && was.destination !== NOBODY && is.peer === NOBODY)
    phrases.push(`gives ${serverLane(was.destination)} up as a new backup`);
  return phrases;
}

function logPhrases(change: Change): string[] {
  const { was, is, sameLog, names } = change;
  const from = (key: 'consumedSeq' | 'appendedSeq' | 'deliveredSeq' | 'acknowledgedSeq' | 'epoch') => (sameLog ? was[key] : 0);
  const phrases: string[] = [];
  if (is.consumedSeq > from('consumedSeq')) {
    const contents = was.entries.slice(0, is.consumedSeq - from('consumedSeq')).map((entry) => names.entry(entry));
    phrases.push(`replays ${numbered(from('consumedSeq') + 1, is.consumedSeq)} (${contents.join(', ')})`);
  }
  if (is.appendedSeq > from('appendedSeq')) {
    const contents = contentsOf(change, from('appendedSeq') + 1);
    phrases.push(`logs ${numbered(from('appendedSeq') + 1, is.appendedSeq)}${contents === '' ? '' : ` (${contents})`}`);
  }
  if (is.deliveredSeq > from('deliveredSeq')) phrases.push(`holds ${numbered(from('deliveredSeq') + 1, is.deliveredSeq)}`);
  if (is.acknowledgedSeq > from('acknowledgedSeq'))
    phrases.push(`takes ${numbered(from('acknowledgedSeq') + 1, is.acknowledgedSeq)} for acknowledged`);
  if (is.epoch > from('epoch') && is.role === 'backup') phrases.push(`is in the state of checkpoint ${is.epoch}`);
  return phrases;
}

/** What is in the entries that are sent for the first time. */
function contentsOf({ effects, names }: Change, firstSeq: number): string {
  const sent = effects.flatMap((effect) => (effect.kind === 'log bytes' ? names.frames(effect.bytes).flatMap(entriesOf) : []));
  const fresh = sent.filter(({ seq }, index) => seq >= firstSeq && sent.findIndex((each) => each.seq === seq) === index);
  return fresh.map(({ entry }) => names.entry(entry)).join(', ');
}

function rolePhrases({ was, is, effects }: Change): string[] {
  const phrases: string[] = [];
  if (is.role === 'receiving' && was.role !== 'receiving') phrases.push(`begins to take the guest of ${serverLane(is.peer)} over`);
  if (is.role === 'backup' && was.role === 'receiving')
    phrases.push(`has all of the guest: is the backup of ${serverLane(is.peer)}, pair ${is.generation}`);
  const hasSaidSo = effects.some(({ kind }) => kind === 'halts' || kind === 'diverged');
  if (is.role === 'halted' && was.role === 'receiving') phrases.push('forgets what it got');
  else if (is.role === 'halted' && was.role !== 'halted' && !hasSaidSo) phrases.push('stops for good: another has its place');
  return phrases;
}

function guestPhrases({ was, is }: Change): string[] {
  const phrases: string[] = [];
  if (is.isStalledByChannel && !was.isStalledByChannel) phrases.push('stops its guest: the buffer of the log is full');
  if (!is.isStalledByChannel && was.isStalledByChannel && is.peer !== NOBODY) phrases.push('lets its guest go on: the buffer has room');
  if (is.isStalledByGate !== was.isStalledByGate && was !== NOTHING)
    phrases.push(is.isStalledByGate ? 'stops its guest: its outputs wait' : 'lets its guest go on');
  if (is.isSwitching && !was.isSwitching) phrases.push('stops its guest for the switch');
  if (!is.isSwitching && was.isSwitching) phrases.push('lets its guest go on');
  if (is.isOff && !was.isOff) phrases.push('has its guest switched off');
  const known = was.inDoubt.filter(({ output }) => output < is.released);
  if (is.role === 'backup' && known.length > 0) phrases.push(`knows now that output ${known.at(-1)!.output} is outside`);
  return phrases;
}

function say(change: Change, effect: ReplicaEffect, phrases: string[], leaving: Leaving[]): void {
  switch (effect.kind) {
    case 'log bytes':
      return void leaving.push(logBytes(change, effect));
    case 'transfer':
      return void leaving.push(transfer(change, effect));
    case 'heartbeat': {
      const isMuted = change.after.wires[wireOf(change.after, change.server, effect.to)]!.isMuted;
      const words = isMuted ? 'sends a heartbeat, which is lost' : 'sends a heartbeat';
      return void leaving.push({ to: serverLane(effect.to), words, isSaid: false, ...(!isMuted && { item: effect.heartbeat }) });
    }
    case 'test-and-set':
      return void leaving.push(testAndSet(change, effect.generation));
    case 'disk':
      return void leaving.push(disk(change, effect));
    case 'made':
      return made(change, effect, phrases);
    case 'output':
      return leaves(change, effect, phrases, leaving);
    case 'goes live':
      return void phrases.push(goesLiveWords(change));
    case 'announce':
      if (change.before.network.port !== change.server) phrases.push('tells the network that the guest is here');
      return;
    case 'halts':
      return void phrases.push(change.is.finishedSeq > 0 ? 'halts: the power-off is complete' : 'is not the one to go on, and halts');
    case 'diverged':
      return void phrases.push(`cannot follow the log and stops: ${effect.explanation}`);
    case 'find server':
    case 'entropy wanted':
      return;
  }
}

function goesLiveWords({ was, is }: Change): string {
  if (was.role !== 'backup') return 'goes on alone, without a backup';
  return is.isOff ? 'goes live: its guest is off, and it does what is left to do' : 'goes live: its guest serves now';
}

function logBytes(change: Change, effect: Extract<ReplicaEffect, { kind: 'log bytes' }>): Leaving {
  const { server, after } = change;
  const [words, isSaid] = logWords(change, effect.bytes);
  const isOnItsWay = after.wires[wireOf(after, server, effect.to)]!.log.some(({ bytes }) => bytes === effect.bytes);
  const to = serverLane(effect.to);
  return isOnItsWay ? { to, words, isSaid, item: effect.bytes } : { to, words: `${words}, which is lost`, isSaid: false };
}

/** What bytes of the log's stream are, and whether that is said already: `logs entry 3` says that it is sent, too. */
function logWords({ names, was, sameLog, sentSeq }: Change, bytes: Uint8Array): [words: string, isSaid: boolean] {
  const frames = names.frames(bytes);
  const entries = frames.flatMap(entriesOf);
  const acknowledged = frames.findLast((frame) => frame.kind === 'acknowledge');
  if (entries.length > 0) {
    // An entry may have waited for others to share its frame: it was logged before, and is sent for the first time.
    const isNew = entries.every(({ seq }) => seq > (sameLog ? was.appendedSeq : 0));
    const isAgain = entries.every(({ seq }) => seq <= sentSeq);
    return [`sends ${numbered(entries[0]!.seq, entries.at(-1)!.seq)}${isAgain ? ' again' : ''}`, isNew];
  }
  return [
    acknowledged === undefined ? `sends ${counted(bytes.length, 'byte')}` : `acknowledges ${numbered(acknowledged.seq, acknowledged.seq)}`,
    false,
  ];
}

function transfer({ server, after }: Change, { to, message }: Extract<ReplicaEffect, { kind: 'transfer' }>): Leaving {
  const isOnItsWay = after.wires[wireOf(after, server, to)]!.transfer.includes(message);
  const words = `sends ${transferName(message)}`;
  return { to: serverLane(to), words: isOnItsWay ? words : `${words}, which is lost`, isSaid: false, ...(isOnItsWay && { item: message }) };
}

/** A message of state transfer, e.g. `round 1 of its pages (16)`. */
export function transferName(message: TransferMessage): string {
  switch (message.kind) {
    case 'pages':
      return `round ${message.round} of its pages (${message.pages.length})`;
    case 'round held':
      return `word that it holds round ${message.round}`;
    case 'image':
      return `all that is left of its guest, for pair ${message.generation}`;
    case 'ready':
      return 'word that it is ready';
    case 'checkpoint':
      return `checkpoint ${message.epoch} (${counted(message.pages.length, 'page')}${message.rest.isFinished ? `, ${FINISHED}` : ''})`;
    case 'checkpoint held':
      return `word that it holds checkpoint ${message.epoch}`;
  }
}

function testAndSet({ server, after, was }: Change, generation: number): Leaving {
  const isReachable = after.storage.isReachable[server]!;
  const about = was.isAtEnd || was.peer === NOBODY ? '' : `takes ${serverLane(was.peer)} for failed and `;
  const words = `${about}asks the storage for the flag of pair ${generation}${isReachable ? '' : ', which is lost'}`;
  return { to: 'storage', words, isSaid: false };
}

function disk({ after, server }: Change, { request }: Extract<ReplicaEffect, { kind: 'disk' }>): Leaving {
  const isTaken = after.disk.work.some((work) => work.server === server && work.request === request);
  const words = `gives the disk ${diskRequestName(request)}`;
  return { to: 'disk', words: isTaken ? words : `${words}, which it refuses`, isSaid: false };
}

function made({ is, effects, names }: Change, { output, made: what }: Extract<ReplicaEffect, { kind: 'made' }>, phrases: string[]): void {
  const name = `output ${output} (${names.output(what)})`;
  const isGone = effects.some((effect) => effect.kind === 'output' && effect.output === output);
  if (is.role === 'backup') phrases.push(`comes past ${name}`);
  else if (!is.held.some((held) => held.output === output)) phrases.push(isGone ? `makes output ${output}` : `makes ${name}`);
  else if (is.checkpoint !== null) phrases.push(`makes ${name}, and holds it until a checkpoint with it is held`);
  else phrases.push(`makes ${name}, and holds it until entry ${is.appendedSeq} is acknowledged`);
}

function leaves(
  { was, is, names }: Change,
  { output, made: what }: Extract<ReplicaEffect, { kind: 'output' }>,
  phrases: string[],
  leaving: Leaving[],
): void {
  const isAgain = was.role === 'backup' && is.role === 'primary';
  const words = (name: string) => (isAgain ? `makes output ${output} again (${name})` : `lets output ${output} go (${name})`);
  if (what.device === 'network') leaving.push(...what.frames.map((frame) => frameLeaves(frame, names, words)));
  else if (what.device === 'console') leaving.push({ to: 'console', words: words(names.output(what)), isSaid: false });
  else phrases.push(words(names.output(what)));
}

function frameLeaves(frame: Uint8Array, names: Names, words: (name: string) => string): Leaving {
  const answer = names.answer(frame);
  const name = names.output({ device: 'network', frames: [frame] } satisfies Output);
  return { to: answer === undefined ? 'network' : clientLane(answer.client), words: words(name), isSaid: false, item: frame };
}

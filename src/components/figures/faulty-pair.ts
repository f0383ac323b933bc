/**
 * A pair of machines, and one fault of the reader's choice that strikes the primary: the logic of the figure in the chapter on failures. The primary
 * is run by the real recorder, the backup by the real replayer, some attempts behind (walk one, steps 2 and 4; FT paper, sections 1 and 2.2).
 */
import { Machine, RAM_START } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry, Output, Position } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder, type Recorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer, ReplayDivergence } from '../../../labs-runtime/ft/replayer.ts';
import { BUG_REQUEST, imageOf, PACE_ADDRESS, SUM_ADDRESS, summingServer } from './programs.ts';

/**
 * - `plug`: the primary stops;
 * - `bug`: a request comes that the guest has a bug for;
 * - `sum-bit`, `pace-bit`: a bit flips in the primary's memory, in the sum that replies are made from, or in the number of turns that the
 *   guest waits between two looks at its receiver.
 */
export type Fault = 'plug' | 'bug' | 'sum-bit' | 'pace-bit';

export interface FaultSettings {
  fault: Fault;
  /** Where it strikes: a multiple of `ATTEMPTS_PER_POINT`. */
  at: Position;
}

export const ATTEMPTS_PER_POINT = 100;
export const END: Position = 10_000;
/** A request comes each so many attempts, letters in the order of the alphabet, and stops to come at the end. */
const REQUEST_EVERY = 500;
/** How far the backup is behind: more than the time between two requests, so that it holds an entry past the place it runs to. */
const LAG = 600;
const RAM_BYTES = 8192;
const PAGE_BYTES = 4096;
/** The bits that flip: 2 in the sum shows in each reply, 8 in the pace makes it slower. */
const BITS = { 'sum-bit': { address: SUM_ADDRESS, mask: 2 }, 'pace-bit': { address: PACE_ADDRESS, mask: 8 } };
/** CSR with the address of the instruction that trapped. */
const MEPC = 0x341;

/** A letter that a machine printed, and where. */
export interface Letter {
  at: Position;
  letter: string;
}

/** One machine: how far it has come, what it printed, and if its guest crashed, at which instruction. */
export interface Track {
  position: Position;
  letters: Letter[];
  crashedIn?: number;
}

export interface FaultyRun {
  primary: Track;
  /** What it prints before it is live is thrown away. */
  backup: Track & { liveAt?: Position };
  /** What the clients would get without the fault. */
  right: Letter[];
  /** What the clients have got. */
  got: Letter[];
  /** Positions at which the states of both machines were compared, and the first at which they differed. */
  compared: number;
  differAt?: Position;
  /** Why the replay stopped, if it did. */
  divergence?: ReplayDivergence;
}

/** Runs a pair with a fault; yields the same record each time, a point further. */
export function* runPair({ fault, at }: FaultSettings): Generator<FaultyRun> {
  const entries: LogEntry[] = [];
  const primary = new Server((entry) => entries.push(entry));
  const backup = new Follower(entries);
  const run: FaultyRun = { primary: primary.track, backup: backup.track, right: faultless(), got: [], compared: 0 };
  const hashes = new Map<Position, string>();
  for (let now = 0; now <= END + LAG; now += ATTEMPTS_PER_POINT) {
    if (now <= (fault === 'plug' ? at : END) && primary.machine.power === 'on') {
      primary.runTo(now);
      if (now === at) strike(primary, fault);
      hashes.set(primary.machine.position, primary.machine.stateHash());
    }
    if (!run.divergence) follow(run, backup, now - LAG, fault === 'plug' && now - LAG >= at);
    if (backup.track.liveAt === undefined) compare(run, backup.machine, hashes);
    const { liveAt = Infinity } = backup.track;
    run.got = [...primary.track.letters, ...backup.track.letters.filter((letter) => letter.at > liveAt)];
    yield run;
  }
}

/** The backup's part of a step: replays, or is live once it has all of the log of a primary that is dead. */
function follow(run: FaultyRun, backup: Follower, until: Position, isLive: boolean): void {
  try {
    if (isLive) backup.liveTo(until);
    else if (until > 0) backup.replayTo(until);
  } catch (error) {
    if (!(error instanceof ReplayDivergence)) throw error;
    run.divergence = error;
  }
}

/** Holds the backup's state against what the primary's was at that position: once for each, since what is compared is forgotten. */
function compare(run: FaultyRun, backup: Machine, hashes: Map<Position, string>): void {
  const expected = hashes.get(backup.position);
  if (!hashes.delete(backup.position)) return;
  run.compared++;
  if (backup.stateHash() !== expected) run.differAt ??= backup.position;
}

function strike(primary: Server, fault: Fault): void {
  if (fault === 'bug') primary.request(BUG_REQUEST);
  if (fault === 'sum-bit' || fault === 'pace-bit') flipBit(primary.machine, BITS[fault]);
}

/** Pages of a snapshot are shared with others: the one with the bit is copied first. */
function flipBit(machine: Machine, { address, mask }: { address: number; mask: number }): void {
  const snapshot = machine.snapshot();
  const offset = address - RAM_START;
  const pages = snapshot.pages.slice();
  const page = pages[Math.floor(offset / PAGE_BYTES)]!.slice();
  page[offset % PAGE_BYTES]! ^= mask;
  pages[Math.floor(offset / PAGE_BYTES)] = page;
  machine.restore({ ...snapshot, pages });
}

/** What one machine by itself prints if nothing goes wrong. */
function faultless(): Letter[] {
  const server = new Server(() => {});
  server.runTo(END);
  return server.track.letters;
}

/** A machine that is recorded while requests come to it. */
class Server {
  readonly machine: Machine;
  readonly track: Track;
  readonly #recorder: Recorder;

  /** From boot, or from where a replay ended: then with its track and the number of its outputs. */
  constructor(log: (entry: LogEntry) => void, machine = bootedMachine(), track: Track = { position: 0, letters: [] }, outputs = 0) {
    this.machine = machine;
    this.track = track;
    let seq = 0;
    this.#recorder = createRecorder({
      machine,
      outputs,
      clock: () => BigInt(machine.position),
      log: (recorded) => log({ seq: ++seq, ...recorded }),
      output: (_, made) => track.letters.push({ at: machine.position, letter: letterOf(made) }),
    });
  }

  /** Runs to a position, and takes the requests up to it, its own included. */
  runTo(until: Position): void {
    const { machine } = this;
    while (machine.position < until && machine.power === 'on') {
      const next = Math.min(until, (Math.floor(machine.position / REQUEST_EVERY) + 1) * REQUEST_EVERY);
      this.#recorder.run(next);
      if (machine.power === 'on' && next % REQUEST_EVERY === 0) this.request(0x60 + next / REQUEST_EVERY);
    }
    note(this.track, machine);
  }

  request(byte: number): void {
    if (this.machine.power === 'on') this.#recorder.console(byte);
  }
}

/** A machine that replays a log as it grows, and can go live at its end. */
class Follower {
  readonly machine = bootedMachine();
  readonly track: FaultyRun['backup'] = { position: 0, letters: [] };
  readonly #entries: readonly LogEntry[];
  readonly #replayer = createReplayer({
    machine: this.machine,
    output: (_, made) => this.track.letters.push({ at: this.machine.position, letter: letterOf(made) }),
  });
  #live: Server | undefined;

  constructor(entries: readonly LogEntry[]) {
    this.#entries = entries;
  }

  replayTo(until: Position): void {
    const { machine } = this;
    const { consumed, held } = this.#replayer;
    for (const entry of this.#entries.slice(consumed + held)) this.#replayer.accept(entry);
    try {
      this.#replayer.run(Math.max(0, until - machine.position));
    } finally {
      note(this.track, machine);
    }
  }

  /** Replays what is left of the log first. */
  liveTo(until: Position): void {
    if (!this.#live) {
      this.replayTo(Infinity);
      this.track.liveAt = this.machine.position;
      this.#live = new Server(() => {}, this.machine, this.track, this.#replayer.outputs);
    }
    this.#live.runTo(until);
  }
}

function bootedMachine(): Machine {
  const machine = new Machine({ ramBytes: RAM_BYTES });
  machine.load(imageOf(summingServer));
  return machine;
}

function letterOf(made: Output): string {
  return made.device === 'console' ? String.fromCharCode(made.byte) : '';
}

function note(track: Track, machine: Machine): void {
  track.position = machine.position;
  if (machine.power === 'power-off') track.crashedIn = machine.csr(MEPC)!;
}

/** Numbers of the replies, from 0, that the clients got and that are not those of a run without the fault. */
export function wrongReplies({ got, right }: FaultyRun): number[] {
  return [...got.keys()].filter((index) => got[index]!.letter !== right[index]?.letter);
}

/** What a run came to, and whether replication helped, in a few sentences. */
export function describePair({ fault, at }: FaultSettings, run: FaultyRun): string {
  const { primary, backup, right, got, differAt, divergence } = run;
  const total = right.length;
  const wrong = wrongReplies(run);
  switch (fault) {
    case 'plug': {
      const same = wrong.length === 0 && got.length === total;
      const outcome = same ? `The clients got all ${total} replies, each once.` : `The clients got other replies than without the fault.`;
      return `The backup replayed to the end of the log, position ${format(backup.liveAt!)}, and went on from there. ${outcome} Replication ${same ? 'helped' : 'did not help'}.`;
    }
    case 'bug': {
      const both = primary.crashedIn === backup.crashedIn && primary.position === backup.position;
      const where = `at the instruction at 0x${primary.crashedIn!.toString(16)} and were off at position ${format(primary.position)}`;
      return `${both ? 'Both guests crashed' : 'The guests crashed apart, the first'} ${where}. The clients got ${got.length} of ${total} replies. Replication did not help.`;
    }
    default: {
      const states =
        differAt === undefined ? 'No comparison of states showed it.' : `The states differ from position ${format(differAt)} on.`;
      const replies =
        wrong.length === 0
          ? 'All replies were right, if not at the same positions.'
          : `${wrong.length} of ${total} replies were wrong, the first at position ${format(got[wrong[0]!]!.at)}.`;
      const noticed = divergence
        ? `The replay noticed it, ${format(divergence.position - at)} attempts after the fault, and could only stop: there is no backup any more.`
        : 'The replay noticed nothing: the entry of an output says where it was made, and not what it said.';
      return `${states} ${replies} ${noticed} Replication did not help.`;
    }
  }
}

function format(count: number): string {
  return count.toLocaleString('en');
}

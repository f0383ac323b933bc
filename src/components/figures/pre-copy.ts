/**
 * Pre-copy of a running machine in rounds: the logic of the live figure in the chapter on new replicas (FT paper, section 3.1). The copy is made
 * from the pages that were sent and from nothing else, so that a page that is missing or stale would show in its state hash.
 */
import { Machine, type Snapshot } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { DrivenGuest } from './driven-guest.ts';
import { imageOf, pageWriter } from './programs.ts';

export interface PreCopySettings {
  /** Attempts that the guest makes while the link carries one page: the link's bandwidth. */
  attemptsPerPage: number;
  /** The guest is stopped for the rest once no more than so many pages are dirty. */
  pauseAtPages: number;
}

/** What can be copied: a small program that writes at an even pace, or a guest compiled from C. */
export type WorkloadName = 'writer' | 'sieve-crc32' | 'counter';

export interface Workload {
  image: Uint8Array;
  /** A byte comes to the console each so many attempts. */
  requestEvery: number;
}

export async function loadWorkload(name: WorkloadName): Promise<Workload> {
  const image = name === 'writer' ? imageOf(pageWriter) : await guests[name].load();
  return { image, requestEvery: name === 'counter' ? 2048 : Infinity };
}

/** The machine has more memory than a guest needs, as most machines do: 64 pages. */
export const PAGES = 64;
/** After so many rounds one stops waiting for them to get shorter. */
export const ROUNDS_MAX = 10;
const PAGE_BYTES = 4096;
const WARM_UP_ATTEMPTS = 100_000;
/** How long the pair is run after the switch, to see whether both are the same machine. */
const PROOF_ATTEMPTS = 200_000;

/** One round: the pages that it has to send, in order, and how many of them it has sent. In the last the guest stands still. */
export interface Round {
  pages: readonly number[];
  sent: number;
  paused: boolean;
}

export interface PreCopy {
  rounds: Round[];
  /** Whether few enough pages were left at the end, and the rounds did not just run out. */
  converged: boolean;
  /** State hashes of source and copy in the pause, and again after the copy has replayed the source's log. */
  proof?: { atSwitch: readonly [string, string]; later: readonly [string, string]; entries: number };
}

/** Copies a running guest; yields the same record each time, with one page more sent. */
export function* preCopy({ image, requestEvery }: Workload, settings: PreCopySettings): Generator<PreCopy> {
  const source = new Machine({ ramBytes: PAGES * PAGE_BYTES });
  source.load(image);
  const entries: LogEntry[] = [];
  let logging = false;
  const driven = new DrivenGuest({
    machine: source,
    requestEvery,
    log: (recorded) => logging && entries.push({ seq: entries.length + 1, ...recorded }),
  });
  driven.runTo(WARM_UP_ATTEMPTS);

  const record: PreCopy = { rounds: [], converged: false };
  const atSwitch = yield* sendRounds(record, source, driven, settings);
  const copy = new Machine({ ramBytes: PAGES * PAGE_BYTES });
  copy.restore(atSwitch);
  const hashes = [source.stateHash(), copy.stateHash()] as const;
  const outputs = driven.outputs;
  logging = true;
  driven.runTo(source.position + PROOF_ATTEMPTS);
  replay(copy, entries, outputs, source.position);
  record.proof = { atSwitch: hashes, later: [source.stateHash(), copy.stateHash()], entries: entries.length };
  yield record;
}

/** All rounds, and the pause; returns what has arrived on the other side. */
function* sendRounds(record: PreCopy, source: Machine, driven: DrivenGuest, settings: PreCopySettings): Generator<PreCopy, Snapshot> {
  const arrived: Uint8Array[] = Array.from({ length: PAGES }, () => new Uint8Array(PAGE_BYTES));
  let snapshot = source.snapshot();
  let dirty = [...arrived.keys()];
  for (;;) {
    record.converged = dirty.length <= settings.pauseAtPages;
    const round: Round = { pages: dirty, sent: 0, paused: record.converged || record.rounds.length === ROUNDS_MAX };
    record.rounds.push(round);
    for (const page of dirty) {
      arrived[page] = snapshot.pages[page]!;
      round.sent++;
      if (!round.paused) driven.runTo(source.position + settings.attemptsPerPage);
      yield record;
    }
    if (round.paused) return { ...snapshot, pages: arrived };
    [snapshot, dirty] = dirtySince(snapshot, source);
  }
}

/** The machine as it is now, and the pages that it wrote since an earlier snapshot: snapshots share the others. */
function dirtySince(before: Snapshot, machine: Machine): [Snapshot, number[]] {
  const now = machine.snapshot();
  return [now, [...now.pages.keys()].filter((page) => now.pages[page] !== before.pages[page])];
}

/** The backup's part: replays the log, and then runs on to the position up to which nothing more happened. */
function replay(copy: Machine, entries: readonly LogEntry[], outputs: number, position: number): void {
  const replayer = createReplayer({ machine: copy, outputs });
  for (const entry of entries) replayer.accept(entry);
  replayer.run();
  while (copy.position < position) copy.run(position);
}

/** What the copying came to, in a few sentences. */
export function describePreCopy({ attemptsPerPage }: PreCopySettings, { rounds, converged, proof }: PreCopy): string {
  const left = counted(rounds.at(-1)!.pages.length, 'page');
  const live = counted(rounds.length - 1, 'round');
  const why = converged
    ? `After ${live} ${left} and the registers were left.`
    : `It does not converge: after ${live} still ${left} were left.`;
  const pause = `The guest stood still for the time of ${(rounds.at(-1)!.pages.length * attemptsPerPage).toLocaleString('en')} attempts.`;
  if (!proof) return `${why} ${pause}`;
  const same = proof.atSwitch[0] === proof.atSwitch[1] && proof.later[0] === proof.later[1];
  const later = `${PROOF_ATTEMPTS.toLocaleString('en')} attempts and ${counted(proof.entries, 'log entry', 'log entries')} later`;
  const sentence = same ? `Both then had state hash ${proof.atSwitch[0]}, and still agree ${later}.` : 'The copy is not the same machine.';
  return `${why} ${pause} ${sentence}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/**
 * The race between a guest that reads a buffer and a disk that fills it: the logic of the live figure in the chapter on disks and networks.
 * VMware FT, section 3.4. This machine has no device that writes while instructions run. So each machine is stopped before an attempt, and
 * the word is put into its memory there, which is what a disk's store between two of its loads comes to.
 */
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Position } from '../../../labs-runtime/ft/log-entry.ts';
import { imageOf, type Program } from './programs.ts';

export interface RaceSettings {
  /** How many attempts of the guest's the disk takes for a word: the primary's, and the backup's. */
  attemptsPerWord: readonly [number, number];
  bounced: boolean;
}

/** Both machines at one position, the primary first. */
export interface RacePoint {
  position: Position;
  /** Words of the block that the guest could read. */
  words: readonly [number, number];
  /** What the guest has made of all it read so far. */
  digests: readonly [number, number];
}

export interface Race {
  points: RacePoint[];
  /** With a bounce buffer: where the log says that the block is there. */
  copiedAt: Position | undefined;
}

export const POINTS = 75;
export const ATTEMPTS_PER_POINT = 8;
export const BLOCK_WORDS = 8;
const REQUESTED_AT = 60;

const RAM_BYTES = 8192;
const BUFFER_PAGE = 1;
const BLOCK = Array.from({ length: BLOCK_WORDS }, (_, word) => Math.imul(0x9e3779b9, word + 1) >>> 0);
const DIGEST_REGISTER = 8;

/** Reads the eight words of the buffer over and over, and mixes each into a digest by which any difference shows from then on. */
export const bufferReader: Program = [
  [0x80001337, 'lui x6, 0x80001'], // the buffer
  [0x00100413, 'addi x8, x0, 1'], // the digest
  [0x00030493, 'addi x9, x6, 0'], // again: the first word
  [0x02030513, 'addi x10, x6, 32'],
  [0x0004a583, 'lw x11, 0(x9)'], // word:
  [0x00541613, 'slli x12, x8, 5'], // turn the digest by 5 bits
  [0x01b45693, 'srli x13, x8, 27'],
  [0x00d66433, 'or x8, x12, x13'],
  [0x00b44433, 'xor x8, x8, x11'],
  [0x00448493, 'addi x9, x9, 4'],
  [0xfea494e3, 'bne x9, x10, -24'], // to word
  [0xfddff06f, 'jal x0, -36'], // to again
];

/** Runs both machines; yields the same race each time, with one point more. */
export function* runRace({ attemptsPerWord, bounced }: RaceSettings): Generator<Race> {
  const stores = attemptsPerWord.map((attempts) => BLOCK.map((_, word) => REQUESTED_AT + (word + 1) * attempts));
  const copiedAt = stores[0]!.at(-1)!;
  // The backup has the data from the log entry of the copy, and at its place.
  const machines = stores.map((positions) => new ReadingMachine(bounced ? BLOCK.map(() => copiedAt) : positions));
  const race: Race = { points: [], copiedAt: bounced ? copiedAt : undefined };
  for (let point = 1; point <= POINTS; point++) {
    const position = point * ATTEMPTS_PER_POINT;
    for (const machine of machines) machine.runTo(position);
    const [primary, backup] = machines as [ReadingMachine, ReadingMachine];
    race.points.push({ position, words: [primary.words, backup.words], digests: [primary.digest, backup.digest] });
    yield race;
  }
}

/** The first point at which what the guests have read differs. */
export function partedAt({ points }: Race): RacePoint | undefined {
  return points.find(({ digests }) => digests[0] !== digests[1]);
}

/** What a race came to, in a sentence or two. */
export function describeRace(race: Race): string {
  if (race.copiedAt !== undefined)
    return `Both guests got the whole block at position ${race.copiedAt}, with the log entry that says so. Neither ever read what the other did not.`;
  const parted = partedAt(race);
  if (parted === undefined) return 'No read met a word on one machine that was not there on the other. That was luck, and no rule.';
  return (
    `By position ${parted.position} one guest had read a word that was not there yet for the other. ` +
    'The numbers differ from then on, and no log entry is wrong or missing.'
  );
}

/** A machine whose buffer is filled word by word, each before the attempt at its position. */
class ReadingMachine {
  words = 0;
  readonly #machine = new Machine({ ramBytes: RAM_BYTES });
  readonly #positions: readonly Position[];

  constructor(positions: readonly Position[]) {
    this.#machine.load(imageOf(bufferReader));
    this.#positions = positions;
  }

  get digest(): number {
    return this.#machine.registers[DIGEST_REGISTER]!;
  }

  runTo(position: Position): void {
    while ((this.#positions[this.words] ?? Infinity) <= position) {
      this.#machine.run(this.#positions[this.words]!);
      this.#storeWord(this.words++);
    }
    this.#machine.run(position);
  }

  #storeWord(word: number): void {
    const snapshot = this.#machine.snapshot();
    const page = snapshot.pages[BUFFER_PAGE]!.slice();
    new DataView(page.buffer).setUint32(4 * word, BLOCK[word]!, true);
    this.#machine.restore({ ...snapshot, pages: snapshot.pages.map((other, index) => (index === BUFFER_PAGE ? page : other)) });
  }
}

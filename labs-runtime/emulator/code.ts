/**
 * The decoded instructions of a machine, made when they are first attempted. `Ram` keeps them coherent: a store to a word that was decoded
 * comes here. Were that left to FENCE.I, behaviour would depend on how much had been decoded, and a machine restored from a snapshot
 * would diverge from the one it was taken from.
 */
import { decodeInto, Instruction, OPERATION, pairUp, separate, targetIndex } from './decode.ts';

/** Words of RAM in a group of instructions that is made at once: a page of them, so that a group has the number of its page. */
const GROUP_WORDS = 1024;
const GROUP_SHIFT = 10;

/** Stands for every word that nobody asked for yet. Its index is that of no word, so a lookup finds out by comparing it. */
const UNKNOWN = new Instruction(-1);
const UNKNOWN_GROUP: Instruction[] = Array.from({ length: GROUP_WORDS }, () => UNKNOWN);

export class Code {
  /** Instructions by index: `groups[index >>> 10][index & 1023]`, which has another index where the word's is not made yet. */
  readonly groups: Instruction[][];
  readonly #words: Int32Array;
  readonly #before = new Int32Array(GROUP_WORDS);
  /** For each group, contents of its words that differ in none of those that are decoded. */
  readonly #alike: (WeakSet<Uint8Array> | undefined)[] = [];

  constructor(words: Int32Array) {
    this.#words = words;
    // One group more, for the place just past the end of RAM.
    this.groups = Array.from({ length: (words.length >>> GROUP_SHIFT) + 1 }, () => UNKNOWN_GROUP);
  }

  /** The instruction at a word, decoded or not; `index` is at most the number of words in RAM. */
  at(index: number): Instruction {
    let group = this.groups[index >>> GROUP_SHIFT]!;
    if (group === UNKNOWN_GROUP) {
      group = UNKNOWN_GROUP.slice();
      this.groups[index >>> GROUP_SHIFT] = group;
    }
    let instruction = group[index & (GROUP_WORDS - 1)]!;
    if (instruction === UNKNOWN) {
      instruction = new Instruction(index);
      group[index & (GROUP_WORDS - 1)] = instruction;
    }
    return instruction;
  }

  /**
   * Decodes the instruction at a word of RAM. A jump that does not lead to an aligned word in RAM (or to just past it, where fetching faults)
   * is slow, since it may trap.
   */
  decode(instruction: Instruction): void {
    const { index } = instruction;
    const word = this.#words[index]!;
    decodeInto(instruction, word);
    this.#alike[index >>> GROUP_SHIFT] = undefined;
    instruction.next = this.at(index + 1);
    const target = targetIndex(instruction.operation, word, index);
    if (target !== undefined) this.#link(instruction, target);
    if (instruction.next.operation !== OPERATION.undecoded) pairUp(instruction, instruction.next);
    const previous = this.#known(index - 1);
    if (previous !== undefined && previous.operation !== OPERATION.undecoded) pairUp(previous, instruction);
  }

  #link(instruction: Instruction, target: number): void {
    if (Number.isInteger(target) && target >= 0 && target <= this.#words.length) {
      instruction.target = this.at(target);
    } else {
      instruction.operation = OPERATION.slow;
      instruction.alone = OPERATION.slow;
    }
  }

  /** The instruction at a word, if it was ever asked for; the index may be -1. */
  #known(index: number): Instruction | undefined {
    const instruction = this.groups[index >>> GROUP_SHIFT]?.[index & (GROUP_WORDS - 1)];
    return instruction?.index === index ? instruction : undefined;
  }

  /** Forgets what was decoded from `count` words: their content has changed. */
  invalidate(index: number, count: number): void {
    const before = this.#known(index - 1);
    if (before !== undefined) separate(before);
    for (let word = index; word < index + count; word++) {
      const group = this.groups[word >>> GROUP_SHIFT]!;
      if (group === UNKNOWN_GROUP) word |= GROUP_WORDS - 1;
      else group[word & (GROUP_WORDS - 1)]!.operation = OPERATION.undecoded;
    }
  }

  /** Takes note that `content`, which nobody will write to, is that of a group's words now. */
  noteContent(group: number, content: Uint8Array): void {
    if (this.groups[group] !== UNKNOWN_GROUP) (this.#alike[group] ??= new WeakSet()).add(content);
  }

  /** Lets `write` give a group's words the content, and forgets what was decoded from those that differ after it. */
  rewrite(group: number, content: Uint8Array, write: () => void): void {
    if (this.groups[group] === UNKNOWN_GROUP || this.#alike[group]?.has(content) === true) return write();
    const start = group << GROUP_SHIFT;
    const [words, before] = [this.#words, this.#before];
    before.set(words.subarray(start, start + GROUP_WORDS));
    write();
    for (let word = 0; word < GROUP_WORDS; word++) {
      if (words[start + word] !== before[word]) this.invalidate(start + word, 1);
    }
    this.noteContent(group, content);
  }

  /** Whether any of `count` words is decoded. */
  hasDecoded(index: number, count: number): boolean {
    const group = this.groups[index >>> GROUP_SHIFT]!;
    if (group === UNKNOWN_GROUP) return false;
    for (let word = index; word < index + count; word++) {
      if (group[word & (GROUP_WORDS - 1)]!.operation !== OPERATION.undecoded) return true;
    }
    return false;
  }
}

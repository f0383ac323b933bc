/** The disk queue, step by step, and before a disk that moves sectors in any order (VMware FT, sections 3.3 and 3.4). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  diskQueueDefaults,
  start,
  step,
  type DiskQueueInput,
  type DiskQueueRequest,
  type DiskQueueState,
} from '../../../labs-runtime/ft/disk-queue.ts';

const read = (id: number, sector: number, sectors = 1): DiskQueueRequest => ({ id, kind: 'read', sector, sectors });
const write = (id: number, sector: number, sectors = 1): DiskQueueRequest => ({ id, kind: 'write', sector, sectors });
const flush = (id: number): DiskQueueRequest => ({ id, kind: 'flush', sector: 0, sectors: 0 });
const request = (...requests: DiskQueueRequest[]): DiskQueueInput => ({ kind: 'request', requests });
const done = (id: number): DiskQueueInput => ({ kind: 'done', id });
const quiesce: DiskQueueInput = { kind: 'quiesce' };
const resume: DiskQueueInput = { kind: 'resume' };

/** What is to be done: the numbers of requests to issue, and `quiesced`. */
function tell(state: DiskQueueState, ...inputs: DiskQueueInput[]): (number | string)[] {
  return inputs.flatMap((input) => step(state, input)).map((effect) => (effect.kind === 'issue' ? effect.id : effect.kind));
}

const queue = (): DiskQueueState => start(diskQueueDefaults);

describe('requests that touch a common sector (section 3.4)', () => {
  test.each([
    ['a write waits for a write', write(0, 4), write(1, 4)],
    ['a read waits for a write', write(0, 4), read(1, 4)],
    ['a write waits for a read', read(0, 4), write(1, 4)],
    ['the last sector of one and the first of the other are enough', write(0, 4, 3), write(1, 6, 3)],
    ['and so is one inside the other', read(0, 0, 8), write(1, 3)],
  ])('%s', (_, first, second) => {
    const state = queue();
    expect(tell(state, request(first, second))).toEqual([0]);
    expect(tell(state, done(0))).toEqual([1]);
  });

  test.each([
    ['reads of one sector', read(0, 4), read(1, 4)],
    ['writes side by side', write(0, 4, 2), write(1, 6, 2)],
    ['a request of no sectors, inside another', write(0, 4, 4), write(1, 6, 0)],
  ])('%s go at once', (_, first, second) => {
    expect(tell(queue(), request(first, second))).toEqual([0, 1]);
  });

  test('a later one waits behind an earlier one that waits, though the disk has nothing that it overlaps', () => {
    const state = queue();
    expect(tell(state, request(write(0, 0), write(1, 0, 2), read(2, 1)))).toEqual([0]);
    expect(tell(state, done(0))).toEqual([1]);
    expect(tell(state, done(1))).toEqual([2]);
  });

  test('several that waited for one go together', () => {
    const state = queue();
    expect(tell(state, request(write(0, 0, 4), read(1, 1), read(2, 1), write(3, 3)))).toEqual([0]);
    expect(tell(state, done(0))).toEqual([1, 2, 3]);
  });

  test('a flush goes at once, also past writes that wait, and nothing waits for it', () => {
    const state = queue();
    expect(tell(state, request(write(0, 0), write(1, 0), flush(2), write(3, 5)))).toEqual([0, 2, 3]);
    const odd: DiskQueueRequest = { id: 4, kind: 'flush', sector: 0, sectors: 9 };
    expect(tell(state, request(odd))).toEqual([4]);
  });

  test('without serialising everything goes at once', () => {
    expect(tell(start({ serialises: false }), request(write(0, 4), write(1, 4), read(2, 4)))).toEqual([0, 1, 2]);
  });
});

describe('what is told twice, or of nothing', () => {
  test('a request told again is ignored, whether it waits, is with the disk or is done', () => {
    const state = queue();
    tell(state, request(write(0, 0), write(1, 0)));
    expect(tell(state, request(write(0, 0), write(1, 0)))).toEqual([]);
    expect(tell(state, done(0), request(write(0, 0), write(1, 0)))).toEqual([1]);
    expect(tell(state, done(1), request(write(1, 0)), request(write(0, 0)))).toEqual([]);
    expect(state.undone).toEqual([]);
  });

  test('done is ignored of a request that was never made, is done already, or was not issued', () => {
    const state = queue();
    tell(state, request(write(0, 0), write(1, 0)));
    expect(tell(state, done(7), done(1))).toEqual([]);
    expect(tell(state, done(0), done(0))).toEqual([1]);
  });
});

describe('quiescing before a move (section 3.3)', () => {
  test('with nothing on its way it is answered at once, and every time', () => {
    expect(tell(queue(), quiesce, quiesce)).toEqual(['quiesced', 'quiesced']);
  });

  test('nothing more is issued, and the answer comes, once, with the last that was on its way', () => {
    const state = queue();
    tell(state, request(write(0, 0), read(1, 5), write(2, 0)));
    expect(tell(state, quiesce, request(read(3, 9), flush(4)), done(0))).toEqual([]);
    expect(tell(state, done(1))).toEqual(['quiesced']);
    expect(tell(state, done(1), done(2), request(read(5, 6)))).toEqual([]);
  });

  test('resume issues what waited, in the guest’s order and with its conflicts', () => {
    const state = queue();
    expect(tell(state, quiesce, request(write(0, 0), read(1, 0), flush(2), read(3, 9)))).toEqual(['quiesced']);
    expect(tell(state, resume)).toEqual([0, 2, 3]);
    expect(tell(state, resume)).toEqual([]);
    expect(tell(state, done(0))).toEqual([1]);
  });

  test('resume before everything has come back takes the request to quiesce back', () => {
    const state = queue();
    tell(state, request(write(0, 0), read(1, 0)), quiesce);
    expect(tell(state, resume)).toEqual([]);
    expect(tell(state, done(0))).toEqual([1]);
  });
});

const SECTORS = 8;

/** What stays on a disk, and what each read brought, by its number. */
interface Outcome {
  content: number[];
  reads: Record<number, number[]>;
}

/** The range of a request's sectors. */
const sectorsOf = ({ sector, sectors }: DiskQueueRequest): number[] => Array.from({ length: sectors }, (_, index) => sector + index);

/** A sector that request `id` writes holds something that no other request writes: its number from 1. */
const written = (id: number): number => id + 1;

/** The model: one request after the other, in the guest's order. */
function executeInOrder(requests: DiskQueueRequest[]): Outcome {
  const outcome: Outcome = { content: new Array<number>(SECTORS).fill(0), reads: {} };
  for (const each of requests) {
    if (each.kind === 'read') outcome.reads[each.id] = sectorsOf(each).map((sector) => outcome.content[sector]!);
    if (each.kind === 'write') for (const sector of sectorsOf(each)) outcome.content[sector] = written(each.id);
  }
  return outcome;
}

/**
 * A disk that does all it has at the same time: sector by sector, each request's in their order, those of several requests in any order
 * (`pick`). It says that a request is done some time after its last sector.
 */
class Disk {
  readonly outcome: Outcome = { content: new Array<number>(SECTORS).fill(0), reads: {} };
  readonly given: { request: DiskQueueRequest; left: number[] }[] = [];
  /** Number of the last write that it was ever given; -1 before. */
  lastWrite = -1;

  give(given: DiskQueueRequest): void {
    if (given.kind === 'write') this.lastWrite = Math.max(this.lastWrite, given.id);
    this.given.push({ request: given, left: sectorsOf(given) });
  }

  /** Moves one sector of a request, or returns the request's number if there is none left to move. */
  move(pick: number): number | undefined {
    const index = pick % this.given.length;
    const { request: moved, left } = this.given[index]!;
    const sector = left.shift();
    if (sector === undefined) return this.given.splice(index, 1)[0]!.request.id;
    if (moved.kind === 'write') this.outcome.content[sector] = written(moved.id);
    if (moved.kind === 'read') (this.outcome.reads[moved.id] ??= []).push(this.outcome.content[sector]!);
    return undefined;
  }
}

/** A guest, a queue and a disk. The guest makes its requests in order, at any time; the disk moves at any time. */
class Machine {
  readonly disk: Disk;
  /** Requests whose completion the guest has not seen. */
  readonly pending: DiskQueueRequest[] = [];
  /** How many requests were with the disk at a time, at most. */
  atOnceMax = 0;
  quiescedCount = 0;
  readonly requests: DiskQueueRequest[];
  /** What the guest did and saw, in order. */
  readonly history: { kind: 'made' | 'saw done'; id: number }[] = [];
  #made = 0;
  #state: DiskQueueState;

  constructor(requests: DiskQueueRequest[], serialises: boolean, disk = new Disk()) {
    this.requests = requests;
    this.disk = disk;
    this.#state = start({ serialises });
  }

  get mayMake(): boolean {
    return this.#made < this.requests.length;
  }

  get isIdle(): boolean {
    return !this.mayMake && this.pending.length === 0;
  }

  /** One event of those that can happen. */
  event(pick: number): void {
    if (this.mayMake && (pick % 3 === 0 || this.disk.given.length === 0)) return this.make();
    if (this.disk.given.length === 0) throw new Error(`Nothing is with the disk, and ${this.pending.length} requests wait.`);
    this.moveDisk(Math.floor(pick / 3));
  }

  moveDisk(pick: number): void {
    const finished = this.disk.move(pick);
    if (finished === undefined) return;
    this.pending.splice(
      this.pending.findIndex(({ id }) => id === finished),
      1,
    );
    this.history.push({ kind: 'saw done', id: finished });
    this.tell(done(finished));
  }

  make(): void {
    const made = this.requests[this.#made++]!;
    this.pending.push(made);
    this.history.push({ kind: 'made', id: made.id });
    this.tell(request(made));
  }

  tell(input: DiskQueueInput): void {
    // A state is plain data: a copy of it goes on just as well.
    this.#state = structuredClone(this.#state);
    for (const effect of step(this.#state, input)) {
      if (effect.kind === 'quiesced') {
        expect(this.disk.given).toEqual([]);
        this.quiescedCount += 1;
        continue;
      }
      const issued = this.pending.find(({ id }) => id === effect.id);
      if (issued === undefined) throw new Error(`Request ${effect.id} is not pending.`);
      this.disk.give(issued);
    }
    this.atOnceMax = Math.max(this.atOnceMax, this.disk.given.length);
  }

  /** Nothing waits without a reason: a request that is not with the disk overlaps an earlier one that is pending. */
  checkNoNeedlessWait(): void {
    const withDisk = new Set(this.disk.given.map(({ request: given }) => given.id));
    for (const [index, waiting] of this.pending.entries()) {
      if (!withDisk.has(waiting.id)) expect(this.pending.slice(0, index).some((earlier) => overlap(earlier, waiting))).toBe(true);
    }
  }
}

function overlap(left: DiskQueueRequest, right: DiskQueueRequest): boolean {
  return [left, right].some(({ kind }) => kind === 'write') && sectorsOf(left).some((sector) => sectorsOf(right).includes(sector));
}

const requestLists: fc.Arbitrary<DiskQueueRequest[]> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 3 }),
      kind: fc.constantFrom('read' as const, 'write' as const, 'write' as const, 'flush' as const),
      sector: fc.nat({ max: SECTORS - 1 }),
      length: fc.nat({ max: 4 }),
    }),
    { minLength: 2, maxLength: 12 },
  )
  .map((shapes) => {
    let id = -1;
    return shapes.map(({ gap, kind, sector, length }) => {
      id += gap;
      return kind === 'flush' ? flush(id) : { id, kind, sector, sectors: Math.min(length, SECTORS - sector) };
    });
  });
/** What happens next, again and again. */
const picks = fc.infiniteStream(fc.nat({ max: 999 }));

function runToEnd(machine: Machine, events: fc.Stream<number>): Outcome {
  while (!machine.isIdle) machine.event(events.next().value as number);
  // A read of no sectors brings nothing, and the disk above leaves no trace of it.
  for (const { id, kind } of machine.requests) if (kind === 'read') machine.disk.outcome.reads[id] ??= [];
  return machine.disk.outcome;
}

describe('before a disk that moves sectors in any order (section 3.4)', () => {
  const inAnyOrder = (serialises: boolean) =>
    fc.property(requestLists, picks, (requests, events) => {
      expect(runToEnd(new Machine(requests, serialises), events)).toEqual(executeInOrder(requests));
    });

  test('every request is done, and content and reads are those of the guest’s own order', () => {
    fc.assert(inAnyOrder(true), { numRuns: 1000 });
  });

  test('without serialising a run is found in which they are not', () => {
    expect(fc.check(inAnyOrder(false), { numRuns: 1000 }).errorInstance).toMatchObject({ name: 'AssertionError' });
  });

  test('without serialising, of two writes to one sector the first can be the one that stays', () => {
    const machine = new Machine([write(0, 3), write(1, 3)], false);
    machine.make();
    machine.make();
    machine.disk.move(1);
    machine.disk.move(0);
    expect(machine.disk.outcome.content[3]).toBe(written(0));
    expect(executeInOrder(machine.requests).content[3]).toBe(written(1));
  });

  test('what overlaps nothing never waits, and the disk gets several at once', () => {
    let atOnceMax = 0;
    fc.assert(
      fc.property(requestLists, picks, (requests, events) => {
        const machine = new Machine(requests, true);
        while (!machine.isIdle) {
          machine.event(events.next().value as number);
          machine.checkNoNeedlessWait();
        }
        atOnceMax = Math.max(atOnceMax, machine.atOnceMax);
      }),
    );
    expect(atOnceMax).toBeGreaterThan(3);
  });

  test('quiesced anywhere the disk runs dry, whatever the guest asks for meanwhile, and resumed all is as in the guest’s own order', () => {
    fc.assert(
      fc.property(requestLists, picks, fc.nat({ max: 20 }), (requests, events, quiesceAfter) => {
        const machine = new Machine(requests, true);
        for (let count = 0; count < quiesceAfter && !machine.isIdle; count++) machine.event(events.next().value as number);
        machine.tell(quiesce);
        if (machine.mayMake) machine.make();
        while (machine.disk.given.length > 0) machine.moveDisk(events.next().value as number);
        expect(machine.quiescedCount).toBe(1);
        machine.tell(resume);
        expect(runToEnd(machine, events)).toEqual(executeInOrder(requests));
      }),
      { numRuns: 300 },
    );
  });

  /** The host dies after some events. Its backup has heard of some of them, of every write that reached the disk at least (section 2.2). */
  const goLiveAnywhere = (serialises: boolean) =>
    fc.property(requestLists, picks, fc.nat({ max: 40 }), fc.nat({ max: 99 }), (requests, events, crashAfter, pick) => {
      const dead = new Machine(requests, serialises);
      for (let count = 0; count < crashAfter && !dead.isIdle; count++) dead.event(events.next().value as number);
      const { disk, history } = dead;
      const heardMin = history.findIndex(({ kind, id }) => kind === 'made' && id === disk.lastWrite) + 1;
      const heard = history.slice(0, heardMin + (pick % (history.length - heardMin + 1)));
      // The device's pending requests come again, in their order, and after them what the guest goes on to ask for.
      const seen = new Set(heard.filter(({ kind }) => kind === 'saw done').map(({ id }) => id));
      const remaining = requests.filter(({ id }) => !seen.has(id));
      disk.given.length = 0;
      expect(runToEnd(new Machine(remaining, serialises, disk), events).content).toEqual(executeInOrder(requests).content);
    });

  test('requests that a dead host left half done, or done unseen, issued again at go-live, leave what they would have left once', () => {
    fc.assert(goLiveAnywhere(true), { numRuns: 1000 });
  });

  test('without serialising it is not', () => {
    expect(fc.check(goLiveAnywhere(false), { numRuns: 1000 }).errorInstance).toMatchObject({ name: 'AssertionError' });
  });
});

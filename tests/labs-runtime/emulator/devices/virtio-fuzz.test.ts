/**
 * Whatever a guest writes to the registers and rings of a virtio device, and whatever comes from outside between two attempts: the machine
 * neither throws nor hangs, and a copy of it at any point goes on the same.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stop } from '../../../../labs-runtime/emulator/machine.ts';
import { Machine } from '../../../../labs-runtime/emulator/machine.ts';
import { bytesOf, jal, RAM, SPIN } from '../assembler.ts';
import { BLOCK, block, DISK_SECTORS, ENTRIES, headOf, places, request } from './block-driver.ts';
import { buffer, bufferAt as entropyBufferAt, ENTROPY, entropy } from './entropy-driver.ts';
import { bufferAt, bufferToFill, frameToSend, NET, setup as networkSetup, TRANSMIT } from './network-driver.ts';
import type { Store } from './virtio-driver.ts';
import { areas, codeOf, descriptor, NEEDS_RESET, offer, REGISTER, SIZE, word } from './virtio-driver.ts';

/** The rings and buffers lie in the first 64 KiB, the program behind them. */
const CODE = 0x10000;
const RAM_BYTES = 0x40000;

interface Subject {
  start: number;
  queues: number;
  /** Entries of each queue. */
  size: number;
  setup: Store[];
  /** A well-made buffer that begins with that descriptor, for `offer`; `salt` makes it one of several kinds. */
  wellMade(queue: number, index: number, salt: number): { head: number; stores: Store[] };
  /** Where the buffers lie. */
  bufferAt(queue: number, index: number): number;
  /** Something comes from outside; says what, and whether the machine took it. */
  comes(machine: Machine, choice: number): string;
  status(machine: Machine): number;
  /** What has to happen in some of the runs, so that they prove something. */
  reaches: string[];
}

const bytes = (length: number, from: number) => Uint8Array.from({ length }, (_, index) => from + index);

/** Hands something in; sees that it is taken as foretold, and that nothing changes if it is not. */
function handIn(machine: Machine, isForetold: boolean, give: () => boolean): boolean {
  const hash = machine.stateHash();
  expect(give()).toBe(isForetold);
  expect(machine.stateHash() === hash).toBe(!isForetold);
  return isForetold;
}

const network: Subject = {
  start: NET,
  queues: 2,
  size: SIZE,
  setup: networkSetup,
  wellMade: (queue, index, salt) => ({ head: index, stores: queue === TRANSMIT ? frameToSend(index, [index, salt]) : bufferToFill(index) }),
  bufferAt,
  comes: (machine, choice) => {
    const frame = bytes(choice % 400, choice);
    return `receive: ${handIn(machine, machine.canReceive(frame.length), () => machine.receiveFrame(frame))}`;
  },
  status: (machine) => machine.snapshot().core.net.status,
  reaches: ['needs reset', 'receive-buffers', 'receive: false', 'receive: true', 'transmit'],
};

const entropySource: Subject = {
  start: ENTROPY,
  queues: 1,
  size: SIZE,
  setup: entropy.setup,
  wellMade: (_, index, salt) => ({ head: index, stores: buffer(index, 1 + (salt % 300)) }),
  bufferAt: (_, index) => entropyBufferAt(index),
  comes: (machine, choice) => {
    const given = bytes(choice % 300, choice);
    const isWanted = given.length > 0 && given.length <= machine.entropyWanted;
    return `provide: ${handIn(machine, isWanted, () => machine.provideEntropy(given))}`;
  },
  status: (machine) => machine.snapshot().core.entropy.status,
  reaches: ['entropy', 'needs reset', 'provide: false', 'provide: true'],
};

const REQUEST_TYPES = [0, 0, 0, 1, 1, 4, 8, 11];

const disk: Subject = {
  start: BLOCK,
  queues: 1,
  size: ENTRIES,
  setup: block.setup,
  wellMade: (_, index, salt) => {
    const number = index % 5;
    const sector = salt % (DISK_SECTORS + 20);
    return {
      head: headOf(number),
      stores: request(number, REQUEST_TYPES[salt % REQUEST_TYPES.length]!, sector, salt % 3 === 0 ? 1024 : 512),
    };
  },
  bufferAt: (_, index) => places(index % 5).data,
  comes: completeOne,
  status: (machine) => machine.snapshot().core.block.registers.status,
  reaches: ['ahead', 'complete: false', 'complete: true', 'disk', 'needs reset'],
};

/** Completes one of the pending requests or one from before, or writes some of a read's data ahead. */
function completeOne(machine: Machine, choice: number): string {
  const { nextId } = machine.snapshot().core.block;
  if (nextId === 0) return 'no request yet';
  const pending = machine.pendingDiskRequests;
  const chosen = choice % 4 === 0 ? undefined : pending[choice % Math.max(pending.length, 1)];
  if (chosen === undefined) {
    const id = choice % nextId;
    if (pending.some((each) => each.id === id)) return 'pending still';
    expect(machine.canCompleteDisk(id, 'error')).toBe(false);
    return `complete: ${handIn(machine, false, () => machine.completeDisk(id, 'error'))}`;
  }
  const { id, kind, byteCount } = chosen;
  if (kind === 'read' && choice % 3 === 0) {
    machine.writeDiskBuffer(id, choice % (byteCount + 1), bytes(byteCount - (choice % (byteCount + 1)), choice));
    return `ahead ${id}`;
  }
  const status = choice % 5 === 0 ? 'error' : 'ok';
  const data = kind === 'read' && status === 'ok' ? bytes(byteCount, choice) : undefined;
  expect(machine.canCompleteDisk(id, status, data)).toBe(true);
  return `complete: ${handIn(machine, true, () => machine.completeDisk(id, status, data))}`;
}

/** A store as it stands, a driver that sets up anew, one that offers well-made buffers, or something from outside. */
type Step = { stores: Store[] } | 'set up' | { queue: number; indices: number[]; salt: number } | { comes: number };

function stepsFor({ start, queues, size, bufferAt }: Subject): fc.Arbitrary<Step[]> {
  const queue = fc.nat(queues - 1);
  const notified = fc.oneof({ weight: 9, arbitrary: queue }, { weight: 1, arbitrary: fc.constant(queues) }); // the last one is not there
  const index = fc.nat(size - 1);
  const offsets = [...Object.values(REGISTER), 0x0ac, 0x0fc];
  const addresses = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(queue, fc.nat(16 * size)).map(([each, at]) => areas(each).descriptors + 4 * Math.floor(at / 4)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(queue, fc.nat(2 * size), fc.constantFrom('available' as const, 'used' as const))
        .map(([each, at, area]) => areas(each)[area] + 2 * at),
    },
    { weight: 2, arbitrary: fc.constantFrom(...offsets).map((offset) => start + offset) },
  );
  const values = fc.oneof(
    fc.nat(size + 1),
    fc.constantFrom(0, 1, 2, 3, 11, 15, 64, 0x8000, 0xffff, -1),
    fc.tuple(queue, index).map(([each, at]) => bufferAt(each, at)),
    fc.tuple(fc.nat(0xfff), fc.constantFrom(0x4000, 0x5000, 0x3f000)).map(([low, page]) => RAM + page + low),
    fc.integer(),
  );
  const single = fc
    .record({ address: addresses, size: fc.constantFrom(1 as const, 2 as const, 4 as const), value: values })
    .map((each) => ({ stores: [{ ...each, address: each.address - (each.address % each.size) }] }));
  const described = fc
    .record({ queue, index, length: fc.oneof(fc.nat(1200), fc.integer()), flags: fc.nat(7), next: fc.nat(size) })
    .map(({ queue: each, index: at, ...rest }) => ({ stores: descriptor(each, at, { address: bufferAt(each, at), ...rest }) }));
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: single },
    { weight: 1, arbitrary: notified.map((each) => ({ stores: [word(start + REGISTER.queueNotify, each)] })) },
    { weight: 2, arbitrary: described },
    { weight: 1, arbitrary: fc.constant('set up' as const) },
    { weight: 6, arbitrary: fc.record({ queue, indices: fc.array(index, { maxLength: Math.min(size, 5) }), salt: fc.nat(1000) }) },
    { weight: 5, arbitrary: fc.record({ comes: fc.nat(100_000) }) },
  );
  return fc.array(step, { minLength: 1, maxLength: 25 });
}

/** The stores of each step, in order. Buffers are offered behind those that the same driver offered before. */
function storesOf({ start, size, setup, queues, wellMade }: Subject, steps: Step[]): Store[][] {
  const offered = new Array<number>(queues).fill(0);
  return steps.map((step) => {
    if (step === 'set up') {
      offered.fill(0);
      return [...setup, ...offered.flatMap((_, queue) => offer(queue, [], 0, size))];
    }
    if ('stores' in step) return step.stores;
    if ('comes' in step) return [];
    const { queue, indices, salt } = step;
    const before = offered[queue]!;
    offered[queue] = before + indices.length;
    const buffers = indices.map((index, place) => wellMade(queue, index, salt + place));
    const heads = buffers.map(({ head }) => head);
    return [...buffers.flatMap(({ stores }) => stores), ...offer(queue, heads, before, size), word(start + REGISTER.queueNotify, queue)];
  });
}

/** Runs the steps as a program; `move` may exchange the machine between two of them. Returns what happened, and the machine. */
function play(subject: Subject, steps: Step[], move: (machine: Machine) => Machine): [string[], Machine] {
  const seen: string[] = [];
  const setup = codeOf(subject.setup);
  const code = storesOf(subject, steps).map((stores) => codeOf(stores));
  const image = new Uint8Array(RAM_BYTES);
  image.set(bytesOf([jal(0, CODE)]));
  image.set(bytesOf([setup, code.flat(), SPIN]), CODE);
  let machine = createMachine();
  machine.load(image);
  let until = 1 + setup.length;
  steps.forEach((step, index) => {
    until += code[index]!.length;
    for (let stop: Stop; (stop = machine.run(until)).reason !== 'position';) {
      const content = JSON.stringify(stop, (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value));
      seen.push(`${stop.reason} at ${machine.position}: ${content}`);
    }
    machine = move(machine);
    if (typeof step === 'object' && 'comes' in step) seen.push(subject.comes(machine, step.comes));
  });
  return [seen, machine];
}

function createMachine(): Machine {
  return new Machine({ ramBytes: RAM_BYTES, diskSectors: DISK_SECTORS });
}

function copyOf(machine: Machine): Machine {
  const copy = createMachine();
  copy.restore(machine.snapshot());
  expect(copy.stateHash()).toBe(machine.stateHash());
  return copy;
}

describe.each<[string, Subject]>([
  ['the network device', network],
  ['the block device', disk],
  ['the entropy device', entropySource],
])('whatever a guest does with %s', (_, subject) => {
  test('neither throws nor hangs the machine, and a copy of it at any point goes on the same', () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(stepsFor(subject), (steps) => {
        const [seen, machine] = play(subject, steps, (same) => same);
        const [again, moved] = play(subject, steps, (old) => {
          if ((subject.status(old) & NEEDS_RESET) !== 0) reached.add('needs reset');
          return copyOf(old);
        });
        expect(again).toEqual(seen);
        expect(moved.stateHash()).toBe(machine.stateHash());
        expect(moved.snapshot().core).toEqual(machine.snapshot().core);
        for (const each of seen) reached.add(/^((receive|provide|complete): )?[a-z-]+/.exec(each)![0]);
      }),
      { numRuns: 300 },
    );
    expect([...reached].sort()).toEqual(expect.arrayContaining(subject.reaches));
  });
});

/**
 * The key-value guest on a disk: what it has answered is there after a crash at any moment, with writes that were under way kept, lost or
 * torn; what it cannot promise it does not answer, and a disk that has lost something it says so of.
 */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { decodeReply, encodeRequest, type KeyValueCommand, type KeyValueRequest } from '../../../labs-runtime/guests/key-value-protocol.ts';
import { createPrng, type Prng } from '../../../labs-runtime/sim/prng.ts';
import { bytes, KeyValueModel } from './key-value-model.ts';
import { type Fate, ModelDisk, SECTOR_BYTES } from './model-disk.ts';
import { RecordedGuest } from './recorded-guest.ts';

const GUEST = 'key-value-disk';
const DISK_SECTORS = guests[GUEST].diskSectors!;

/** The guest's own numbers: how many records its log has, and how many sectors a copy of its store and the record before it. */
const LOG_RECORDS = 32;
const LOG_START = DISK_SECTORS - LOG_RECORDS;
const AREA_SECTORS = LOG_START / 2;

async function booted(disk: ModelDisk): Promise<RecordedGuest> {
  return RecordedGuest.boot(GUEST, { disk });
}

/** Boots on a disk and expects the guest to serve, with so many keys after so many changes. */
async function serving(disk: ModelDisk, keys: number, changes: number): Promise<RecordedGuest> {
  const guest = await booted(disk);
  expect(guest.settle()).toBe('wait');
  expect(guest.text).toBe(`key-value on disk, ${keys} keys after ${changes} changes, at 10.0.0.1 port 7000\n`);
  guest.takeFrames();
  return guest;
}

function request(number: number, command: KeyValueCommand, key = 'k', client = 1): KeyValueRequest {
  return { ...command, client, request: number, key: bytes(key) };
}

const get: KeyValueCommand = { op: 'get' };
const remove: KeyValueCommand = { op: 'delete' };
const put = (value: string): KeyValueCommand => ({ op: 'put', value: bytes(value) });
const append = (value: string): KeyValueCommand => ({ op: 'append', value: bytes(value) });

/** Status and value of the answer to a request. */
function told(guest: RecordedGuest, asked: KeyValueRequest): string {
  const [frame] = guest.ask(encodeRequest(asked));
  const answer = decodeReply(frame!)!;
  return `${answer.status} ${Buffer.from(answer.value).toString('latin1')}`.trimEnd();
}

/** A disk on which the guest has carried out so many changes, of one key, and has lost its power then. */
async function diskAfter(changes: number): Promise<ModelDisk> {
  const disk = ModelDisk.blank(DISK_SECTORS);
  const guest = await serving(disk, 0, 0);
  for (let number = 1; number <= changes; number++) expect(told(guest, request(number, put(`value ${number}`)))).toBe('ok');
  return new ModelDisk(disk.stable);
}

describe('key-value-disk', () => {
  it.each([1, 2, LOG_RECORDS - 1, LOG_RECORDS, LOG_RECORDS + 1, 2 * LOG_RECORDS + 1, 3 * LOG_RECORDS + 5])(
    'has everything again after a loss of power behind %i changes, and goes on from there',
    async (changes) => {
      const disk = await diskAfter(changes);
      const guest = await serving(disk, 1, changes);
      expect(told(guest, request(changes + 1, get))).toBe(`ok value ${changes}`);
      expect(told(guest, request(changes + 2, append('!')))).toBe('ok');
      await guest.expectReplay();
      const again = await serving(new ModelDisk(disk.stable), 1, changes + 1);
      expect(told(again, request(changes + 3, get))).toBe(`ok value ${changes}!`);
    },
  );

  it('answers a change that comes again after a crash as before, and does not carry it out twice', async () => {
    const disk = ModelDisk.blank(DISK_SECTORS);
    const before = await serving(disk, 0, 0);
    expect(told(before, request(1, append('x')))).toBe('ok');
    expect(told(before, request(1, remove, 'other', 2))).toBe('not found');
    expect(told(before, request(2, put('there now'), 'other'))).toBe('ok');
    const after = await serving(new ModelDisk(disk.stable), 2, 3);
    // It did nothing, and that was its answer: carried out now, it would delete.
    expect(told(after, request(1, remove, 'other', 2))).toBe('not found');
    expect(told(after, request(2, put('there now'), 'other'))).toBe('ok');
    expect(after.ask(encodeRequest(request(1, append('x'))))).toEqual([]);
    expect(told(after, request(3, get))).toBe('ok x');
    expect(told(after, request(4, get, 'other'))).toBe('ok there now');
  });

  it('answers a change once it is written and the disk is flushed, and not before', async () => {
    const guest = await serving(ModelDisk.blank(DISK_SECTORS), 0, 0);
    guest.recorder.packet(encodeRequest(request(1, put('v'))));
    for (const [kind, byteCount] of [
      ['write', SECTOR_BYTES],
      ['flush', 0],
    ] as const) {
      expect(guest.recorder.run(guest.machine.position + 100_000)).toBe('wait');
      expect(guest.requests).toMatchObject([{ kind, byteCount }]);
      expect(guest.takeFrames()).toEqual([]);
      guest.answerDisk();
    }
    expect(guest.recorder.run(guest.machine.position + 100_000)).toBe('wait');
    expect(guest.requests).toEqual([]);
    expect(guest.takeFrames().length).toBe(1);
  });

  it('does nothing to the disk for a get, nor for a request that comes again', async () => {
    const guest = await serving(ModelDisk.blank(DISK_SECTORS), 0, 0);
    expect(told(guest, request(1, put('v')))).toBe('ok');
    for (const asked of [request(1, put('v')), request(2, get), request(2, get)]) {
      guest.recorder.packet(encodeRequest(asked));
      expect(guest.recorder.run(guest.machine.position + 100_000)).toBe('wait');
      expect(guest.requests).toEqual([]);
      expect(guest.takeFrames().length).toBe(1);
    }
  });

  it('keeps its timer going while the disk works, and does not lose the frames that come meanwhile', async () => {
    const guest = await serving(ModelDisk.blank(DISK_SECTORS), 0, 0);
    guest.recorder.packet(encodeRequest(request(1, append('a'))));
    guest.recorder.run(guest.machine.position + 100_000);
    guest.recorder.packet(encodeRequest(request(1, append('b'), 'k', 2)));
    guest.recorder.run(guest.machine.position + 100_000);
    for (let tick = 1; tick <= 3; tick++) {
      guest.ticks = guest.machine.interruptTimer();
      guest.recorder.interrupt(7);
      expect(guest.recorder.run(guest.machine.position + 100_000)).toBe('wait');
      expect(guest.machine.interruptTimer()).toBe(guest.ticks + 10_000n);
    }
    expect(guest.requests.length).toBe(1);
    expect(guest.takeFrames()).toEqual([]);
    expect(guest.settle()).toBe('wait');
    expect(guest.takeFrames().map((frame) => decodeReply(frame)!.client)).toEqual([1, 2]);
    expect(told(guest, request(2, get))).toBe('ok ab');
    await guest.expectReplay();
  });

  it('asks a disk again that fails, and answers when it works', async () => {
    const disk = ModelDisk.blank(DISK_SECTORS);
    const guest = await serving(disk, 0, 0);
    guest.recorder.packet(encodeRequest(request(1, put('v'))));
    const kinds: string[] = [];
    for (const status of ['error', 'ok', 'error', 'ok', 'ok'] as const) {
      guest.recorder.run(guest.machine.position + 100_000);
      kinds.push(guest.requests[0]!.kind);
      expect(guest.answerDisk(status)).toBe(true);
    }
    expect(kinds).toEqual(['write', 'write', 'flush', 'write', 'flush']);
    expect(guest.settle()).toBe('wait');
    expect(guest.takeFrames().length).toBe(1);
    await serving(new ModelDisk(disk.stable), 1, 1);
  });

  it('stops without an answer when a disk fails three times', async () => {
    const guest = await serving(ModelDisk.blank(DISK_SECTORS), 0, 0);
    guest.recorder.packet(encodeRequest(request(1, put('v'))));
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(guest.recorder.run(guest.machine.position + 100_000)).toBe('wait');
      guest.answerDisk('error');
    }
    expect(guest.settle()).toBe('power-off');
    expect(guest.takeFrames()).toEqual([]);
    expect(guest.text).toContain('key-value on disk stops: the disk cannot be written\n');
  });

  it('stops at boot when the disk cannot be read', async () => {
    const guest = await booted(ModelDisk.blank(DISK_SECTORS));
    for (let attempt = 1; attempt <= 3; attempt++) {
      guest.recorder.run(guest.machine.position + 100_000);
      guest.answerDisk('error');
    }
    expect(guest.settle()).toBe('power-off');
    expect(guest.text).toBe('key-value on disk stops: the disk cannot be read\n');
  });

  it.each([0, 1, DISK_SECTORS - 1])('says what it needs, and powers off, with a disk of %i sectors', async (diskSectors) => {
    const machine = new Machine({ ramBytes: guests[GUEST].ramBytes, diskSectors });
    machine.load(await guests[GUEST].load());
    const guest = new RecordedGuest(GUEST, machine);
    expect(guest.settle()).toBe('power-off');
    expect(guest.text).toBe(`key-value-disk needs a network device and a disk of ${DISK_SECTORS} sectors that can flush\n`);
  });

  it('uses no sector beyond those that it says it needs, and all that it says', async () => {
    const disk = await diskAfter(2 * LOG_RECORDS + 2);
    const isUsed = (sector: number) => disk.stable.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES).some((byte) => byte !== 0);
    expect(disk.stable.length).toBe(DISK_SECTORS * SECTOR_BYTES);
    for (let record = 0; record < LOG_RECORDS; record++) expect(isUsed(LOG_START + record)).toBe(true);
    expect(isUsed(0) && isUsed(AREA_SECTORS)).toBe(true);
  });

  describe('on a disk that is not as it left it', () => {
    /** A disk with one byte of a sector changed. */
    function damaged(disk: ModelDisk, sector: number, at = 16): ModelDisk {
      const copy = disk.stable.slice();
      copy[sector * SECTOR_BYTES + at]! ^= 1;
      return new ModelDisk(copy);
    }

    /** Sector of record `number` of the log. */
    const sectorOf = (number: number) => LOG_START + (number % LOG_RECORDS);

    async function expectStop(disk: ModelDisk, reason: string): Promise<void> {
      const guest = await booted(disk);
      expect(guest.settle()).toBe('power-off');
      expect(guest.text).toBe(`key-value on disk stops: ${reason}\n`);
      expect(guest.takeFrames()).toEqual([]);
    }

    it.each(['a kind', 'a sequence number', 'a length', 'a payload', 'a checksum'])(
      'takes a last record with %s damaged for none',
      async (what) => {
        const at = { 'a kind': 0, 'a sequence number': 4, 'a length': 8, 'a payload': 40, 'a checksum': 511 }[what]!;
        await serving(damaged(await diskAfter(5), sectorOf(5), at), 1, 4);
      },
    );

    it('takes a disk with anything on it for an empty one if no record is on it', async () => {
      const prng = createPrng(7);
      await serving(new ModelDisk(Uint8Array.from({ length: DISK_SECTORS * SECTOR_BYTES }, () => prng.int(256))), 0, 0);
    });

    it.each([1, 2, 4])('stops when record %i of 5 is gone, since later ones were promised', async (number) => {
      await expectStop(damaged(await diskAfter(5), sectorOf(number)), 'the disk has lost a record of the log');
    });

    it('goes on from the older copy while the newer one is not complete', async () => {
      // Behind the 65th change area 0 has the copy of 64; all records that come after the copy of 32, which is in area 1, are in the log.
      const disk = await diskAfter(2 * LOG_RECORDS);
      const guest = await serving(disk, 1, 2 * LOG_RECORDS);
      guest.recorder.packet(encodeRequest(request(2 * LOG_RECORDS + 1, put('new'))));
      guest.recorder.run(guest.machine.position + 2_000_000);
      expect(guest.requests).toMatchObject([{ kind: 'write', byteCount: (AREA_SECTORS - 1) * SECTOR_BYTES, sector: 1 }]);
      guest.answerDisk();
      guest.recorder.run(guest.machine.position + 2_000_000);
      guest.answerDisk(); // the flush: the copy is there, but not the record that says so
      await serving(new ModelDisk(disk.stable), 1, 2 * LOG_RECORDS);
    });

    it('stops when the newest copy is damaged, or the record that says that it is there', async () => {
      const disk = await diskAfter(2 * LOG_RECORDS + 3);
      await expectStop(damaged(disk, 0), 'the disk has lost a record of the log');
      await expectStop(damaged(disk, 5, 0), 'the disk has lost a copy of the store');
      // The other area's copy is older and not needed any more.
      await serving(damaged(disk, AREA_SECTORS), 1, 2 * LOG_RECORDS + 3);
    });
  });
});

describe('key-value-disk, crashed at moments given by a seed', () => {
  /** What was under way when a disk crashed: so that a reader of this test knows that it has been everywhere. */
  const crashes = { idle: 0, read: 0, record: 0, flush: 0, copy: 0 };
  const fates: Fate[] = [];
  const unanswered = { 'carried out': 0, forgotten: 0 };
  const CLIENTS = [1, 2, 3];
  const KEYS = ['a', 'b', 'c', 'd'];

  function randomCommand(prng: Prng): KeyValueCommand {
    const value = bytes(String.fromCharCode(97 + prng.int(26)).repeat(1 + prng.int(8)));
    return prng.pick<KeyValueCommand>([
      get,
      remove,
      { op: 'put', value },
      { op: 'append', value },
      { op: 'append', value },
      { op: 'compare-and-set', expected: bytes('a'), value },
    ]);
  }

  /** Clients that each wait for an answer before they ask for the next thing, and that ask again now and then. */
  class Clients {
    readonly waiting = new Map<number, KeyValueRequest>();
    readonly #prng: Prng;
    #number = 0;

    constructor(prng: Prng) {
      this.#prng = prng;
    }

    next(): KeyValueRequest {
      const client = this.#prng.pick(CLIENTS);
      const asked = this.waiting.get(client) ?? request(++this.#number, randomCommand(this.#prng), this.#prng.pick(KEYS), client);
      this.waiting.set(client, asked);
      return asked;
    }

    answered(client: number, number: number): void {
      if (this.waiting.get(client)?.request === number) this.waiting.delete(client);
    }
  }

  /** From one boot to the next crash. */
  class Life {
    /** Changes carried out whose answers were seen: nothing may lose them. */
    promised = 0;
    readonly guest: RecordedGuest;
    readonly model: KeyValueModel;
    readonly #prng: Prng;
    readonly #clients: Clients;
    /** What the guest owes: the model's answer to each frame it was given, and how many changes the model had made by then. */
    readonly #owed: { answer: NonNullable<ReturnType<KeyValueModel['ask']>>; changes: number }[] = [];

    constructor(guest: RecordedGuest, model: KeyValueModel, clients: Clients, prng: Prng) {
      this.guest = guest;
      this.model = model;
      this.#clients = clients;
      this.#prng = prng;
      this.promised = model.changes.length;
    }

    /** Lets the guest run a little, and one thing happen to it. */
    step(): void {
      const { guest } = this;
      guest.recorder.run(guest.machine.position + 1 + this.#prng.int(this.#prng.pick([100, 3000, 30_000])));
      this.#checkAnswers();
      if (this.#prng.int(2) === 0) guest.answerDisk();
      else this.#ask();
    }

    #ask(): void {
      if (!this.guest.machine.canReceive(300)) return;
      const asked = this.#clients.next();
      expect(this.guest.recorder.packet(encodeRequest(asked))).toBe(true);
      const answer = this.model.ask(asked);
      if (answer !== undefined) this.#owed.push({ answer, changes: this.model.changes.length });
    }

    #checkAnswers(): void {
      const replies = this.guest.takeFrames().map(decodeReply);
      for (const reply of replies) {
        if (reply === undefined) continue; // the announcement
        const { answer, changes } = this.#owed.shift()!;
        expect(reply).toEqual(answer);
        this.promised = changes;
        this.#clients.answered(reply.client, reply.request);
      }
    }
  }

  function countCrash(guest: RecordedGuest): void {
    const [request] = guest.requests;
    if (request === undefined) crashes.idle++;
    else if (request.kind === 'write') crashes[request.byteCount > SECTOR_BYTES ? 'copy' : 'record']++;
    else crashes[request.kind]++;
  }

  /** Says when the machine crashes: after some steps, or rather while it writes a copy of its store, which is seldom. */
  function crashMoments(guest: RecordedGuest, prng: Prng): { isOver: () => boolean } {
    let steps = 1 + prng.int(prng.pick([40, 400, 1200]));
    const isWritingCopy = () => guest.requests.some(({ kind, byteCount }) => kind === 'write' && byteCount > SECTOR_BYTES);
    return { isOver: () => --steps < 0 || (isWritingCopy() && prng.int(8) === 0) };
  }

  /** Lets the guest boot. False if it crashes before it serves. */
  function recoversBefore(moments: { isOver: () => boolean }, guest: RecordedGuest, prng: Prng): boolean {
    while (!guest.text.endsWith('\n')) {
      if (moments.isOver()) return false;
      guest.recorder.run(guest.machine.position + prng.int(100_000));
      if (prng.int(8) > 0) guest.answerDisk();
    }
    return true;
  }

  /** A model that has made the first of these changes only, as a guest has after its recovery. */
  function modelAfter(changes: readonly KeyValueRequest[], count: number): KeyValueModel {
    const model = new KeyValueModel();
    for (const change of changes.slice(0, count)) model.ask(change);
    return model;
  }

  /** How many changes the guest says it has recovered. */
  function recoveredChanges(guest: RecordedGuest): number {
    return Number(/after (\d+) changes/.exec(guest.text)![1]);
  }

  it.each(Array.from({ length: 30 }, (_, index) => index + 1))('loses nothing that it answered (seed %i)', async (seed) => {
    const prng = createPrng(seed);
    const clients = new Clients(prng);
    let disk = ModelDisk.blank(DISK_SECTORS);
    let model = new KeyValueModel();
    let promised = 0;
    for (let crash = 0; crash < 8; crash++) {
      const guest = await booted(disk);
      const moments = crashMoments(guest, prng);
      if (recoversBefore(moments, guest, prng)) {
        const recovered = recoveredChanges(guest);
        expect(recovered).toBeGreaterThanOrEqual(promised);
        expect(recovered).toBeLessThanOrEqual(model.changes.length);
        if (model.changes.length > promised) unanswered[recovered > promised ? 'carried out' : 'forgotten']++;
        model = modelAfter(model.changes, recovered);
        const life = new Life(guest, model, clients, prng);
        while (!moments.isOver()) life.step();
        promised = life.promised;
      }
      countCrash(guest);
      disk = disk.crash(guest.requests, prng, fates);
    }
    await expectAll(disk, model, promised);
  });

  /** Boots once more, and expects every key to have the value that it has in a model that has made as many changes. */
  async function expectAll(disk: ModelDisk, model: KeyValueModel, promised: number): Promise<void> {
    const guest = await booted(disk);
    expect(guest.settle()).toBe('wait');
    guest.takeFrames();
    const recovered = recoveredChanges(guest);
    expect(recovered).toBeGreaterThanOrEqual(promised);
    const expected = modelAfter(model.changes, recovered);
    for (const [index, key] of KEYS.entries()) {
      const asked = request(1 + index, get, key, 99);
      const [frame] = guest.ask(encodeRequest(asked));
      expect(decodeReply(frame!)).toEqual(expected.ask(asked));
    }
    await guest.expectReplay();
  }

  it('was hit in every state that it can be in, and requests without an answer were found carried out and not', () => {
    for (const [state, count] of Object.entries(crashes)) expect(count, state).toBeGreaterThanOrEqual(5);
    for (const fate of ['kept', 'lost', 'torn']) expect(fates.filter((each) => each === fate).length, fate).toBeGreaterThan(5);
    expect(unanswered['carried out']).toBeGreaterThan(5);
    expect(unanswered.forgotten).toBeGreaterThan(5);
  });
});

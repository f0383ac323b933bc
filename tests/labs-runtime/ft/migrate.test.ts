/** The source of a migration, step by step, and with a memory that is written to while it is copied (VMware FT, section 3.1). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  migrateDefaults,
  start,
  step,
  type MigrateEffect,
  type MigrateInput,
  type MigrateOptions,
  type MigratePhase,
  type MigrateState,
} from '../../../labs-runtime/ft/migrate.ts';

const begin: MigrateInput = { kind: 'begin', pages: [0, 1, 2, 3, 4, 5, 6, 7] };
const held = (...dirty: number[]): MigrateInput => ({ kind: 'round held', dirty });
const ready: MigrateInput = { kind: 'ready' };
const lost: MigrateInput = { kind: 'peer lost' };

function tell(state: MigrateState, ...inputs: MigrateInput[]): MigrateEffect[] {
  return inputs.flatMap((input) => step(state, input));
}

/** A source that has been told these things. */
function after(...inputs: MigrateInput[]): MigrateState {
  const state = start({ roundsMax: 3, stopPagesMax: 2 });
  tell(state, ...inputs);
  return state;
}

describe('FT VMotion, the source’s side (section 3.1)', () => {
  test('sends all of memory first, then what was changed meanwhile, and stops the guest for the little that is left', () => {
    const state = start({ roundsMax: 8, stopPagesMax: 2 });
    expect(tell(state, begin)).toEqual([{ kind: 'copy', round: 1, pages: [0, 1, 2, 3, 4, 5, 6, 7] }]);
    expect(tell(state, held(1, 4, 6))).toEqual([{ kind: 'copy', round: 2, pages: [1, 4, 6] }]);
    expect(tell(state, held(4, 6))).toEqual([{ kind: 'stop' }, { kind: 'finish', pages: [4, 6] }]);
    expect(tell(state, ready)).toEqual([{ kind: 'resume' }]);
    expect(state.phase).toBe('done');
  });

  test('a guest that changes nothing is stopped after one round, and no page is sent twice', () => {
    expect(tell(after(begin), held())).toEqual([{ kind: 'stop' }, { kind: 'finish', pages: [] }]);
  });

  test('a guest that never calms down is stopped after the last round, however much is left', () => {
    const state = after(begin, held(1, 2, 3), held(1, 2, 3));
    expect(state.round).toBe(3);
    expect(tell(state, held(1, 2, 3, 4))).toEqual([{ kind: 'stop' }, { kind: 'finish', pages: [1, 2, 3, 4] }]);
  });

  test('a destination lost in a round is forgotten, the guest is never stopped, and the next one gets everything anew', () => {
    const state = after(begin, held(1, 2, 3));
    expect(tell(state, lost)).toEqual([{ kind: 'abandon' }]);
    expect(state).toEqual(after());
    expect(tell(state, held(1), ready)).toEqual([]);
    expect(tell(state, begin)).toEqual([{ kind: 'copy', round: 1, pages: [0, 1, 2, 3, 4, 5, 6, 7] }]);
  });

  test('a destination lost while it gets the rest may go live as a backup: the guest stays stopped until it is heard again or the flag decides (section 2.3)', () => {
    const state = after(begin, held());
    expect(tell(state, lost)).toEqual([]);
    expect(tell(state, lost, held(), begin)).toEqual([]);
    expect(state.phase).toBe('switching');
    expect(tell(state, ready)).toEqual([{ kind: 'resume' }]);
  });

  const expected: Record<MigratePhase, { reach: MigrateInput[]; heard: string[] }> = {
    idle: { reach: [], heard: ['begin'] },
    copying: { reach: [begin], heard: ['round held', 'peer lost'] },
    switching: { reach: [begin, held()], heard: ['ready'] },
    done: { reach: [begin, held(), ready], heard: [] },
  };
  test.each(Object.entries(expected))('while %s it ignores what does not fit', (phase, { reach, heard }) => {
    for (const input of [begin, held(1), ready, lost]) {
      const state = after(...reach);
      expect(state.phase).toBe(phase);
      const effects = tell(state, input);
      expect([input.kind, effects.length > 0]).toEqual([input.kind, heard.includes(input.kind)]);
      if (!heard.includes(input.kind)) expect(state).toEqual(after(...reach));
    }
  });

  test('stops the guest sooner by default for 4 pages than for 5, and after 8 rounds in any case', () => {
    const atMost = (pages: number[]): string[] => tell(start(migrateDefaults), begin, held(...pages)).map(({ kind }) => kind);
    expect(atMost([0, 1, 2, 3])).toEqual(['copy', 'stop', 'finish']);
    expect(atMost([0, 1, 2, 3, 4])).toEqual(['copy', 'copy']);
    const busy = tell(start(migrateDefaults), begin, ...Array.from({ length: 8 }, () => held(0, 1, 2, 3, 4)));
    expect(busy.map(({ kind }) => kind)).toEqual([...Array.from({ length: 8 }, () => 'copy'), 'stop', 'finish']);
  });
});

/** A source's memory, a destination's, and a guest that writes. A page is one number here. */
class Migration {
  memory: number[];
  image: (number | undefined)[];
  isRunning = true;
  rounds = 0;
  finishPages: number[] | undefined;
  memoryAtStop: number[] | undefined;
  #dirty = new Set<number>();
  #state: MigrateState;
  #writes = 0;

  constructor(options: MigrateOptions, pages: number) {
    this.memory = Array.from({ length: pages }, (_, page) => page);
    this.image = this.memory.map(() => undefined);
    this.#state = start(options);
  }

  /** The guest writes to these pages, each time something new. */
  write(pages: number[]): void {
    if (!this.isRunning) throw new Error('A stopped guest writes nothing.');
    for (const page of pages) {
      this.memory[page] = 1000 + this.#writes++;
      this.#dirty.add(page);
    }
  }

  begin(): void {
    this.tell({ kind: 'begin', pages: this.memory.map((_, page) => page) });
  }

  roundHeld(): void {
    this.tell({ kind: 'round held', dirty: [...this.#dirty].sort((left, right) => left - right) });
  }

  tell(input: MigrateInput): void {
    // A state is plain data: a copy of it goes on just as well.
    this.#state = structuredClone(this.#state);
    for (const effect of step(this.#state, input)) this.#perform(effect);
  }

  #perform(effect: MigrateEffect): void {
    switch (effect.kind) {
      case 'copy':
        expect(this.isRunning).toBe(true);
        expect(effect.round).toBe(++this.rounds);
        this.#dirty.clear();
        return this.#send(effect.pages);
      case 'stop':
        this.isRunning = false;
        this.memoryAtStop = [...this.memory];
        return;
      case 'finish':
        expect(this.isRunning).toBe(false);
        this.finishPages = effect.pages;
        return this.#send(effect.pages);
      case 'resume':
        this.isRunning = true;
        return;
      case 'abandon':
        this.rounds = 0;
        this.image = this.memory.map(() => undefined);
        return;
    }
  }

  #send(pages: number[]): void {
    for (const page of pages) this.image[page] = this.memory[page];
  }
}

describe('a migration of a guest that writes on (section 3.1)', () => {
  const PAGES = 12;
  const options = fc.record({ roundsMax: fc.integer({ min: 1, max: 6 }), stopPagesMax: fc.nat({ max: 4 }) });
  /** What the guest writes while each round is on its way. */
  const writes = fc.array(fc.uniqueArray(fc.nat({ max: PAGES - 1 }), { maxLength: 8 }), { minLength: 6, maxLength: 6 });

  test('the image is the source’s memory at the stop; rounds are bounded, and the pause too unless the rounds ran out', () => {
    fc.assert(
      fc.property(options, writes, ({ roundsMax, stopPagesMax }, dirtied) => {
        const migration = new Migration({ roundsMax, stopPagesMax }, PAGES);
        migration.write([0, 5]);
        migration.begin();
        for (const pages of dirtied) {
          if (!migration.isRunning) break;
          migration.write(pages);
          migration.roundHeld();
        }
        expect(migration.isRunning).toBe(false);
        expect(migration.image).toEqual(migration.memoryAtStop);
        expect(migration.rounds).toBeLessThanOrEqual(roundsMax);
        if (migration.rounds < roundsMax) expect(migration.finishPages!.length).toBeLessThanOrEqual(stopPagesMax);
        migration.tell(ready);
        expect(migration.isRunning).toBe(true);
        expect(migration.memory).toEqual(migration.memoryAtStop);
      }),
      { numRuns: 500 },
    );
  });

  test('a guest whose destination is lost in any round goes on undisturbed, and a second destination gets a whole image', () => {
    fc.assert(
      fc.property(options, writes, fc.nat({ max: 5 }), ({ roundsMax, stopPagesMax }, dirtied, lostAfter) => {
        const migration = new Migration({ roundsMax, stopPagesMax }, PAGES);
        migration.begin();
        for (const pages of dirtied.slice(0, lostAfter)) {
          if (!migration.isRunning) break;
          migration.write(pages);
          migration.roundHeld();
        }
        fc.pre(migration.isRunning);
        migration.tell(lost);
        expect(migration.isRunning).toBe(true);
        migration.write([1, 2, 3, 4, 5]);
        migration.begin();
        for (let round = 0; round < roundsMax; round++) if (migration.isRunning) migration.roundHeld();
        expect(migration.image).toEqual(migration.memoryAtStop);
      }),
      { numRuns: 500 },
    );
  });
});

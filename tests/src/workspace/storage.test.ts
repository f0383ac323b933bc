/** The promise of the workspace's storage: whatever happens, each text that was once saved or typed can still be found. */
import { describe, expect, test } from 'vitest';
import { Draft, type KeyValueStore } from '../../../src/workspace/storage.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';

class MapStore implements KeyValueStore {
  readonly map = new Map<string, string>();
  bytesMax = Infinity;

  get(key: string): string | undefined {
    return this.map.get(key);
  }

  set(key: string, value: string): void {
    const others = [...this.map].filter(([name]) => name !== key).reduce((sum, [name, text]) => sum + name.length + text.length, 0);
    if (others + key.length + value.length > this.bytesMax) throw new DOMException('full', 'QuotaExceededError');
    this.map.set(key, value);
  }

  keys(): string[] {
    return [...this.map.keys()];
  }
}

const starter = 'the starter';
let clockMs = 0;
let tabs = 0;

function openDraft(store: KeyValueStore): Draft {
  tabs += 1;
  return new Draft({ store, name: 'lab/file.ts', starter, tab: `tab${tabs}`, nowMs: () => ++clockMs });
}

/** Every text that can be found again, on the screens given or in the store. */
function findable(store: KeyValueStore, drafts: Draft[]): string[] {
  const reader = openDraft(store);
  return [...drafts.map((draft) => draft.text), reader.text, ...reader.versions().map((version) => version.text)];
}

describe('one tab', () => {
  test('starts with the starter and restores what was saved', () => {
    const store = new MapStore();
    const draft = openDraft(store);
    expect(draft.text).toBe(starter);
    draft.change('mine');
    expect(draft.dirty).toBe(true);
    expect(draft.flush()).toEqual({ saved: true, kept: undefined });
    expect(openDraft(store).text).toBe('mine');
  });

  test('keeps the old text on reset, also across a reload', () => {
    const store = new MapStore();
    const draft = openDraft(store);
    draft.change('hours of work');
    expect(draft.replace(starter, 'reset')?.text).toBe('hours of work');
    expect(draft.text).toBe(starter);
    const reloaded = openDraft(store);
    expect(reloaded.text).toBe(starter);
    expect(reloaded.versions().map(({ text, reason }) => [text, reason])).toEqual([['hours of work', 'reset']]);
  });

  test('lists a text once, by when it was last kept', () => {
    const draft = openDraft(new MapStore());
    for (const text of ['first', 'second', 'first']) {
      draft.change(text);
      draft.replace(starter, 'reset');
    }
    expect(draft.versions().map((version) => version.text)).toEqual(['first', 'second']);
  });

  test('does not reset when the old text cannot be kept', () => {
    const store = new MapStore();
    const draft = openDraft(store);
    draft.change('hours of work');
    store.bytesMax = 20;
    expect(draft.replace(starter, 'reset')).toBeUndefined();
    expect(draft.text).toBe('hours of work');
  });

  test('says so when the text could not be saved, and saves it once there is room', () => {
    const store = new MapStore();
    store.bytesMax = 10;
    const draft = openDraft(store);
    draft.change('too much');
    expect(draft.flush().saved).toBe(false);
    expect(draft.dirty).toBe(true);
    store.bytesMax = Infinity;
    expect(draft.flush().saved).toBe(true);
    expect(openDraft(store).text).toBe('too much');
  });

  test('works without a store, unsaved', () => {
    const refuse = () => {
      throw new DOMException('no', 'SecurityError');
    };
    const draft = openDraft({ get: refuse, set: refuse, keys: refuse });
    expect(draft.text).toBe(starter);
    draft.change('mine');
    expect(draft.flush().saved).toBe(false);
    expect(draft.catchUp()).toEqual({ changed: false, saved: false, kept: undefined });
    expect(draft.text).toBe('mine');
  });

  test('starts over from what something else wrote under its key', () => {
    const store = new MapStore();
    openDraft(store).replace('x', 'reset');
    for (const key of store.keys()) store.set(key, '{"not": "ours"}');
    const draft = openDraft(store);
    expect(draft.text).toBe(starter);
    expect(draft.versions()).toEqual([]);
  });

  test('writes the text on the screen again when the store was emptied', () => {
    const store = new MapStore();
    const draft = openDraft(store);
    draft.change('mine');
    draft.flush();
    store.map.clear();
    expect(draft.catchUp().saved).toBe(true);
    expect(openDraft(store).text).toBe('mine');
  });
});

describe('two tabs', () => {
  test('an untouched tab takes over what the other saved', () => {
    const store = new MapStore();
    const [one, other] = [openDraft(store), openDraft(store)];
    one.change('written in one');
    one.flush();
    expect(other.catchUp()).toEqual({ changed: true, kept: undefined, saved: true });
    expect(other.text).toBe('written in one');
    expect(other.versions()).toEqual([]);
  });

  test('of two texts typed at once the later save wins and the earlier is kept', () => {
    const store = new MapStore();
    const [one, other] = [openDraft(store), openDraft(store)];
    one.change('from one');
    other.change('from other');
    one.flush();
    const result = other.catchUp();
    expect(result.kept?.text).toBe('from one');
    expect(other.text).toBe('from other');
    expect(one.catchUp().changed).toBe(true);
    expect(one.text).toBe('from other');
    expect(one.versions().map((version) => version.text)).toEqual(['from one']);
  });

  test('a tab that slept through the other tab’s writing does not overwrite it unkept', () => {
    const store = new MapStore();
    const [awake, asleep] = [openDraft(store), openDraft(store)];
    awake.change('long work');
    awake.flush();
    asleep.change('one stray key');
    expect(asleep.flush().kept?.text).toBe('long work');
  });

  test('a write that the other tab’s write crossed is kept as a version', () => {
    const store = new MapStore();
    const [one, other] = [openDraft(store), openDraft(store)];
    // Browsers may show each of two tabs an old store for a moment: both write over the same base.
    one.change('from one');
    one.flush();
    store.map.clear();
    other.change('from other');
    other.flush();
    expect(one.catchUp().kept?.text).toBe('from one');
    expect(findable(store, [])).toEqual(expect.arrayContaining(['from one', 'from other']));
  });

  test('equal texts are no conflict', () => {
    const store = new MapStore();
    const [one, other] = [openDraft(store), openDraft(store)];
    one.change('same');
    other.change('same');
    one.flush();
    expect(other.flush()).toEqual({ saved: true, kept: undefined });
    expect(other.versions()).toEqual([]);
  });

  test.for([1, 2, 3, 4, 5, 6, 7, 8])('seed %i: what a tab last typed can always be found, whatever the order of events', (seed) => {
    const prng = createPrng(seed);
    const store = new MapStore();
    const drafts = [openDraft(store), openDraft(store), openDraft(store)];
    /** What was typed into each tab, and not replaced by more typing. */
    const typed = new Map<Draft, string>();
    for (let turn = 0; turn < 200; turn += 1) {
      const draft = drafts[prng.int(drafts.length)]!;
      const action = prng.int(10);
      if (action < 4) {
        // Typing replaces the text on this screen, wherever that was typed: nobody would look for it.
        typed.forEach((text, tab) => text === draft.text && typed.delete(tab));
        draft.change(`text ${turn}`);
        typed.set(draft, draft.text);
      } else if (action < 7) draft.flush();
      else if (action < 9) draft.catchUp();
      else draft.replace(starter, 'reset');
      for (const [tab, text] of typed) {
        expect(findable(store, drafts), `seed ${seed}, turn ${turn}, tab ${drafts.indexOf(tab)}`).toContain(text);
      }
    }
  });
});

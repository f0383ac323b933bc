/** The browser's side of `storage.ts`: localStorage as a key-value store, and a name for this tab. */
import type { KeyValueStore } from './storage.ts';

/** localStorage, or a store whose every call throws where the browser refuses it (then the page says "not saved"). */
export function browserStore(): KeyValueStore {
  return {
    get: (key) => window.localStorage.getItem(key) ?? undefined,
    set: (key, value) => window.localStorage.setItem(key, value),
    keys: () => Object.keys(window.localStorage),
  };
}

/** Whether the store takes what is written to it. Private windows and full disks may not. */
export function storeWorks(store: KeyValueStore): boolean {
  const key = 'lockstep/probe';
  try {
    store.set(key, '1');
    return store.get(key) === '1';
  } catch {
    return false;
  }
}

/** A name no other open tab has. */
export function tabName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

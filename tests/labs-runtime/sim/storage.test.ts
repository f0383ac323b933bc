/** The flag on the shared storage (VMware FT, section 2.3). */
import { describe, expect, test } from 'vitest';
import { SharedStorage } from '../../../labs-runtime/sim/storage.ts';

describe('the shared storage', () => {
  test('gives the flag to the first that asks, and to it again when it asks again', () => {
    const storage = new SharedStorage({ isExclusive: true });
    expect(storage.testAndSet('backup', 1)).toEqual({ owner: 'backup', fate: 'answered' });
    expect(storage.testAndSet('primary', 1)).toEqual({ owner: 'backup', fate: 'answered' });
    expect(storage.testAndSet('backup', 1)).toEqual({ owner: 'backup', fate: 'answered' });
  });

  test('a later pair has a flag of its own to win, an earlier one has lost its own', () => {
    const storage = new SharedStorage({ isExclusive: true });
    storage.testAndSet('backup', 1);
    expect(storage.testAndSet('primary', 2).owner).toBe('primary');
    expect(storage.testAndSet('backup', 1).owner).toBe('primary');
  });

  test('an attempt that does not reach it changes nothing; one whose answer is lost has happened', () => {
    const storage = new SharedStorage({ isExclusive: true });
    storage.reachable.primary = false;
    expect(storage.testAndSet('primary', 1).fate).toBe('unreachable');
    expect(storage.flag).toBeUndefined();
    storage.answersToLose.backup = 1;
    expect(storage.testAndSet('backup', 1)).toEqual({ owner: 'backup', fate: 'answer lost' });
    expect(storage.flag).toEqual({ generation: 1, owner: 'backup' });
    expect(storage.testAndSet('backup', 1)).toEqual({ owner: 'backup', fate: 'answered' });
  });

  test('turned off, it lets everyone win', () => {
    const storage = new SharedStorage({ isExclusive: false });
    expect(storage.testAndSet('backup', 1).owner).toBe('backup');
    expect(storage.testAndSet('primary', 1).owner).toBe('primary');
  });
});

/** The machine of a server between many states of it: states come back, and hashes are of their moment. */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../../labs-runtime/emulator/machine.ts';
import { RewindingGuest, RunningGuest } from '../../../../labs-runtime/ft/replica/guest-slot.ts';
import { bootedMachine } from '../recorded-run.ts';

describe('a machine that goes back and forth', () => {
  it('comes back to every state, and goes on from there the same', async () => {
    const slot = new RewindingGuest({});
    const boot = slot.load((await bootedMachine('counter')).snapshot());
    const states = [boot];
    const hashes = [boot.hash];
    for (let step = 0; step < 5; step++) {
      const machine = slot.open(states.at(-1)!);
      machine.run(machine.position + 7);
      const state = slot.save();
      states.push(state);
      hashes.push(state.hash);
    }
    expect(new Set(hashes).size).toBe(6);
    for (const index of [2, 0, 4, 1, 3]) {
      const machine = slot.open(states[index]!);
      expect(machine.stateHash()).toBe(hashes[index]);
      machine.run(machine.position + 7);
      expect(slot.save().hash).toBe(hashes[index + 1]);
    }
  });

  it('is left as it is where it is in that state already', async () => {
    const slot = new RewindingGuest({});
    const state = slot.load((await bootedMachine('counter')).snapshot());
    const first = slot.open(state);
    first.run(9);
    const later = slot.save();
    expect(slot.open(later).position).toBe(9);
  });

  it('has the hash of a state even later, as the machine would give it', async () => {
    const slot = new RewindingGuest({});
    const machine = await bootedMachine('counter');
    const state = slot.load(machine.snapshot());
    slot.open(state).run(9);
    slot.save();
    expect(state.hash).toBe(machine.stateHash());
    expect(state.snapshot.core).toEqual(machine.snapshot().core);
  });

  it('has the hash of a state that nobody asked for before the machine went to another', async () => {
    const slot = new RewindingGuest({});
    const machine = await bootedMachine('sort');
    const first = slot.load(machine.snapshot());
    slot.open(first).run(200_000);
    const second = slot.save();
    expect(second.snapshot.pages).not.toEqual(first.snapshot.pages);
    slot.open(first);
    machine.run(200_000);
    expect(second.hash).toBe(machine.stateHash());
  });
});

describe('a machine that only goes on', () => {
  it('is its own state, with a hash that is of the moment', async () => {
    const slot = new RunningGuest({});
    const image = await bootedMachine('counter');
    const boot = slot.load(image.snapshot());
    expect(boot.hash).toBe(image.stateHash());
    const machine = slot.open();
    machine.run(9);
    expect(slot.open()).toBe(machine);
    expect(slot.save().hash).toBe(machine.stateHash());
    machine.run(18);
    expect(slot.save().hash).toBe(machine.stateHash());
    expect(slot.save().hash).not.toBe(new Machine().stateHash());
  });
});

import { expect, test } from 'vitest';
import { boot, li, lw, NOP, SPIN, sw, SYSCON } from '../assembler.ts';

const command = (value: number) => [li(1, SYSCON), li(2, value), sw(2, 1, 0), NOP, SPIN];

for (const [value, reason] of [
  [0x5555, 'power-off'],
  [0x7777, 'reboot'],
] as const) {
  test(`writing 0x${value.toString(16)} stops the machine for ${reason} until it is reset`, () => {
    const machine = boot(command(value));
    expect(machine.run(100)).toEqual({ reason });
    expect(machine.position).toBe(5);
    const hash = machine.stateHash();
    expect(machine.run(5)).toEqual({ reason });
    expect(machine.run(100)).toEqual({ reason });
    expect([machine.position, machine.stateHash()]).toEqual([5, hash]);
    machine.reset();
    expect(machine.run(4)).toEqual({ reason: 'position' });
  });
}

test('being off is part of snapshot and state hash', () => {
  const machine = boot(command(0x5555));
  machine.run(100);
  const snapshot = machine.snapshot();
  const other = boot([NOP]);
  other.restore(snapshot);
  expect(other.run(100)).toEqual({ reason: 'power-off' });
  other.restore({ ...snapshot, core: { ...snapshot.core, power: 'reboot' } });
  expect(other.stateHash()).not.toBe(machine.stateHash());
});

test('other values do nothing, and the register reads as zero', () => {
  const machine = boot([li(1, SYSCON), li(2, 0x15555), sw(2, 1, 0), lw(2, 1, 0), SPIN]);
  expect(machine.run(100)).toEqual({ reason: 'position' });
  expect(machine.registers[2]).toBe(0);
});

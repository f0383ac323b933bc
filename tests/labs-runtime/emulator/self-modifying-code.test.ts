import { describe, expect, test } from 'vitest';
import { addi, beq, boot, bne, FENCE_I, jal, jalr, li, NOP, RAM, runAll, SPIN, stores, sw } from './assembler.ts';

const { sb, sh } = stores;

// The manual lets a hart see its own stores to code late, until FENCE.I. This machine always sees them at once, so that what it does
// never depends on what it has decoded before: a machine restored from a snapshot has decoded nothing.

describe('a store to code is seen by the next fetch, with and without fence.i', () => {
  for (const fence of [NOP, FENCE_I]) {
    test(`by a word, a half and a byte${fence === NOP ? '' : ', after fence.i'}`, () => {
      const loop = (store: number[], patched: number) => {
        // First round: the patch point runs as it is and is decoded. Then the store changes it, and it runs again.
        const head = [li(1, RAM + 4 * 20), li(2, patched), addi(5, 0, 2)].flat();
        const jump = [...head, jal(0, 4 * (20 - head.length))];
        while (jump.length < 20) jump.push(NOP);
        const body = [addi(3, 3, 1), addi(5, 5, -1), ...store, fence];
        return [...jump, ...body, bne(5, 0, -4 * body.length), SPIN];
      };
      const run = (store: number[], patched: number) => {
        const machine = boot(loop(store, patched));
        machine.run(60);
        return machine.registers[3];
      };
      expect(run([sw(2, 1, 0)], addi(3, 3, 0x100))).toBe(0x101);
      expect(run([sh(2, 1, 2)], addi(3, 3, 0x100) >>> 16)).toBe(0x101);
      expect(run([sb(2, 1, 3)], 0x10)).toBe(0x102);
    });
  }

  test('even for the very next instruction', () => {
    const machine = runAll([li(1, RAM + 4 * 5), li(2, addi(3, 0, 9)), sw(2, 1, 0), NOP]);
    expect(machine.registers[3]).toBe(9);
  });

  test('by a misaligned store over two instructions', () => {
    // Writes the upper half of one ADDI, making its immediate 0x11, and the lower half of the next, making its rd x2.
    const target = RAM + 4 * 8;
    const machine = boot([
      li(1, target),
      li(2, 0x81130111),
      addi(5, 0, 2),
      jal(0, 12),
      NOP,
      NOP,
      addi(3, 3, 1),
      addi(3, 3, 1),
      addi(5, 5, -1),
      sw(2, 1, 2),
      bne(5, 0, -16),
      SPIN,
    ]);
    machine.run(40);
    expect(machine.registers[3]).toBe(1 + 1 + 0x11);
    expect(machine.registers[2]).toBe(1 + 1 + 0x11 + 1);
  });

  test('an instruction that overwrites itself runs as it was, then as it is', () => {
    const machine = boot([li(1, RAM + 16), li(2, addi(4, 4, 1)), sw(2, 1, 0), beq(0, 0, -4)]);
    machine.run(7);
    expect([machine.registers[4], machine.pc]).toEqual([1, RAM + 20]);
  });

  test('code that a program writes and then calls', () => {
    const routine = RAM + 0x800;
    const machine = runAll([li(1, routine), li(2, addi(3, 0, 42)), sw(2, 1, 0), li(2, jalr(0, 6, 0)), sw(2, 1, 4), jalr(6, 1, 0)]);
    machine.run(machine.position + 2);
    expect([machine.registers[3], machine.pc]).toEqual([42, RAM + 4 * 9]);
  });
});

/** The excerpts of recorded runs: that each attempt is the instruction executed there, and each entry stands at its place (FT paper, section 2.1). */
import { expect, test } from 'vitest';
import { excerptOf } from '../../../../src/components/figures/log-excerpt.ts';
import { clockTable, twoThreads } from '../../../../src/components/figures/programs.ts';

test('an output is logged behind the attempt that made it, a clock read before the one that asks', () => {
  expect(excerptOf({ program: clockTable, from: 838, to: 842 })).toEqual([
    { position: 838, text: 'addi x10, x10, 97', isEntry: false },
    { position: 839, text: 'sb x10, 0(x7)', isEntry: false },
    { position: 840, text: 'entry 1: output 0', isEntry: true },
    { position: 840, text: 'entry 2: the clock said 840', isEntry: true },
    { position: 840, text: 'lw x10, -8(x5)', isEntry: false },
    { position: 841, text: 'xor x8, x8, x10', isEntry: false },
  ]);
});

test('an interrupt comes before an attempt, which is then the first of the handler', () => {
  const rows = excerptOf({ program: twoThreads, from: 17, to: 24, interruptsAt: [18] });
  expect(rows.map(({ text }) => text)).toEqual([
    'addi x7, x7, 1',
    'entry 1: interrupt on line 7',
    'csrrs x29, mepc, x0',
    'csrrw x29, mscratch, x29',
    'csrrw x0, mepc, x29',
    'sw x0, 0(x31)',
    'mret',
    'lw x12, 0(x30)',
  ]);
});

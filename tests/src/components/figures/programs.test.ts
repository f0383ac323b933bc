/** The words of the figures' programs, against the assembler of the emulator's tests, which knows nothing of them. */
import { expect, test } from 'vitest';
import { clockTable, imageOf, pageWriter, summingServer, twoThreads, type Program } from '../../../../src/components/figures/programs.ts';
import * as assembler from '../../../labs-runtime/emulator/assembler.ts';

const { addi, arithmetic, beq, bne, branches, csrrs, csrrsi, csrrw, immediates, jal, loads, lui, lw, MRET, sb, sw } = assembler;
const encoders: Record<string, (...numbers: number[]) => number> = {
  ...{ addi, beq, bne, csrrs, csrrsi, csrrw, jal, lui, mret: () => MRET },
  ...immediates,
  ...arithmetic,
  ...branches,
  // Written `lw rd, offset(base)` and `sw source, offset(base)`.
  ...{ lbu: flipped(loads.lbu), lw: flipped(lw), sb: flipped(sb), sw: flipped(sw) },
};
const CSRS: Record<string, number> = { mstatus: 0x300, mie: 0x304, mtvec: 0x305, mscratch: 0x340, mepc: 0x341 };

function flipped(encode: (register: number, base: number, offset: number) => number): (...numbers: number[]) => number {
  return (register, offset, base) => encode(register!, base!, offset!);
}

function encode(assembly: string): number {
  const [name, ...operands] = assembly.split(/[\s,()]+/).filter((part) => part !== '');
  const numbers = operands.map((operand) => CSRS[operand] ?? Number(operand.replace(/^x(?=\d)/, '')));
  return encoders[name!]!(...numbers);
}

function disagreements(program: Program): string[] {
  return program.filter(([word, assembly]) => encode(assembly) !== word).map(([, assembly]) => assembly);
}

test('the assembler tells a wrong word', () => {
  expect(disagreements([[0x00100413, 'addi x8, x0, 2']])).toEqual(['addi x8, x0, 2']);
});

test.each(Object.entries({ clockTable, pageWriter, summingServer, twoThreads }))('each word of %s is its assembly', (_, program) => {
  expect(disagreements(program)).toEqual([]);
});

test('an image has the words in order, least significant byte first', () => {
  expect([...imageOf([clockTable[0]!, clockTable[3]!])]).toEqual([0xb7, 0xc2, 0x00, 0x11, 0x13, 0x04, 0x10, 0x00]);
});

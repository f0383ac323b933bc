/**
 * The disassembler against the tests' assembler, which knows the listings of the unprivileged ISA on its own: for any operands, the text
 * names the instruction and operands that were put in, or the pseudo-instruction that stands for them.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { csrName } from '../../../labs-runtime/emulator/csr-names.ts';
import { disassemble, REGISTER_NAMES } from '../../../labs-runtime/emulator/disassemble.ts';
import { CSR } from '../../../labs-runtime/emulator/csr.ts';
import {
  addi,
  arithmetic,
  atomics,
  auipc,
  beq,
  branches,
  csrrc,
  csrrci,
  csrrs,
  csrrsi,
  csrrw,
  csrrwi,
  EBREAK,
  ECALL,
  FENCE,
  FENCE_I,
  immediates,
  jal,
  jalr,
  loads,
  lui,
  MRET,
  NOP,
  RAM,
  SPIN,
  stores,
  typeR,
  WFI,
} from './assembler.ts';

const name = (register: number) => REGISTER_NAMES[register]!;
/** Registers for which no pseudo-instruction is meant: x0 and x1 are left out. */
const register = fc.integer({ min: 2, max: 31 });
/** Immediates for which none is: 0, 1, 255 and -1 are left out. */
const immediate = fc.integer({ min: -2048, max: 2047 }).filter((value) => ![0, 1, 255, -1].includes(value));

function holds<Values extends [unknown, ...unknown[]]>(
  arbitraries: { [K in keyof Values]: fc.Arbitrary<Values[K]> },
  check: (...values: Values) => void,
) {
  fc.assert(
    fc.property(...arbitraries, (...values) => void check(...values)),
    { numRuns: 50 },
  );
}

describe('every instruction with its operands', () => {
  test.each(Object.entries(arithmetic))('%s', (mnemonic, assemble) => {
    holds([register, register, register], (rd, rs1, rs2) =>
      expect(disassemble(assemble(rd, rs1, rs2), RAM)).toBe(`${mnemonic} ${name(rd)}, ${name(rs1)}, ${name(rs2)}`),
    );
  });

  test.each(Object.entries(immediates))('%s', (mnemonic, assemble) => {
    const isShift = mnemonic.startsWith('s') && !mnemonic.startsWith('slt');
    holds([register, register, immediate], (rd, rs1, value) => {
      const operand = isShift ? value & 31 : value;
      expect(disassemble(assemble(rd, rs1, operand), RAM)).toBe(`${mnemonic} ${name(rd)}, ${name(rs1)}, ${operand}`);
    });
  });

  test.each([...Object.entries(loads), ...Object.entries(stores)])('%s', (mnemonic, assemble) => {
    holds([register, register, fc.integer({ min: -2048, max: 2047 })], (value, base, offset) =>
      expect(disassemble(assemble(value, base, offset), RAM)).toBe(`${mnemonic} ${name(value)}, ${offset}(${name(base)})`),
    );
  });

  test.each(Object.entries(branches))('%s, to an absolute address', (mnemonic, assemble) => {
    holds([register, register, fc.integer({ min: -2048, max: 2047 })], (rs1, rs2, halfwords) => {
      const target = (RAM + 2 * halfwords).toString(16);
      expect(disassemble(assemble(rs1, rs2, 2 * halfwords), RAM)).toBe(`${mnemonic} ${name(rs1)}, ${name(rs2)}, 0x${target}`);
    });
  });

  test('jal and jalr', () => {
    holds([register, fc.integer({ min: -(2 ** 19), max: 2 ** 19 - 1 })], (rd, halfwords) =>
      expect(disassemble(jal(rd, 2 * halfwords), RAM)).toBe(`jal ${name(rd)}, 0x${(RAM + 2 * halfwords).toString(16)}`),
    );
    holds([register, register, immediate], (rd, rs1, offset) =>
      expect(disassemble(jalr(rd, rs1, offset), RAM)).toBe(`jalr ${name(rd)}, ${offset}(${name(rs1)})`),
    );
  });

  test.each([
    ['lui', lui],
    ['auipc', auipc],
  ])('%s', (mnemonic, assemble) => {
    holds([register, fc.nat({ max: 0xfffff })], (rd, upper) =>
      expect(disassemble(assemble(rd, upper), RAM)).toBe(`${mnemonic} ${name(rd)}, 0x${upper.toString(16)}`),
    );
  });

  test.each(Object.entries(atomics).filter(([mnemonic]) => mnemonic !== 'lr'))('%s.w, with its ordering', (mnemonic, assemble) => {
    holds([register, register, register, fc.nat({ max: 3 })], (rd, address, source, order) => {
      const suffix = ['', '.rl', '.aq', '.aqrl'][order];
      const text = disassemble(assemble(rd, address, source) | (order << 25), RAM);
      expect(text).toBe(`${mnemonic}.w${suffix} ${name(rd)}, ${name(source)}, (${name(address)})`);
    });
  });

  test.each(Object.entries({ csrrw, csrrs, csrrc }))('%s', (mnemonic, assemble) => {
    holds([register, register, fc.constantFrom(...Object.values(CSR))], (rd, rs1, csr) =>
      expect(disassemble(assemble(rd, csr, rs1), RAM)).toBe(`${mnemonic} ${name(rd)}, ${csrName(csr)}, ${name(rs1)}`),
    );
  });

  test.each(Object.entries({ csrrwi, csrrsi, csrrci }))('%s', (mnemonic, assemble) => {
    holds([register, fc.nat({ max: 31 }), fc.constantFrom(...Object.values(CSR))], (rd, value, csr) =>
      expect(disassemble(assemble(rd, csr, value), RAM)).toBe(`${mnemonic} ${name(rd)}, ${csrName(csr)}, ${value}`),
    );
  });
});

test.each<[string, number]>([
  ['nop', NOP],
  ['li a0, -1', addi(10, 0, -1)],
  ['mv a0, sp', addi(10, 2, 0)],
  ['not a0, a1', immediates.xori(10, 11, -1)],
  ['neg a0, a1', arithmetic.sub(10, 0, 11)],
  ['zext.b a0, a1', immediates.andi(10, 11, 255)],
  ['seqz a0, a1', immediates.sltiu(10, 11, 1)],
  ['snez a0, a1', arithmetic.sltu(10, 0, 11)],
  ['sltz a0, a1', arithmetic.slt(10, 11, 0)],
  ['sgtz a0, a1', arithmetic.slt(10, 0, 11)],
  ['beqz a0, 0x80000010', beq(10, 0, 16)],
  ['bnez a0, 0x7ffffff0', branches.bne(10, 0, -16)],
  ['blez a0, 0x80000010', branches.bge(0, 10, 16)],
  ['bgez a0, 0x80000010', branches.bge(10, 0, 16)],
  ['bltz a0, 0x80000010', branches.blt(10, 0, 16)],
  ['bgtz a0, 0x80000010', branches.blt(0, 10, 16)],
  ['bltu a0, zero, 0x80000010', branches.bltu(10, 0, 16)],
  ['j 0x80000000', SPIN],
  ['jal 0x80000010', jal(1, 16)],
  ['jr a0', jalr(0, 10, 0)],
  ['jr 8(a0)', jalr(0, 10, 8)],
  ['jalr a0', jalr(1, 10, 0)],
  ['jalr -4(a0)', jalr(1, 10, -4)],
  ['jalr t0, a0', jalr(5, 10, 0)],
  ['ret', jalr(0, 1, 0)],
  ['lr.w.aq a0, (a1)', atomics.lr(10, 11, 0) | (2 << 25)],
  ['csrr a0, mstatus', csrrs(10, 0x300, 0)],
  ['csrw mtvec, a0', csrrw(0, 0x305, 10)],
  ['csrs mie, a0', csrrs(0, 0x304, 10)],
  ['csrc mie, a0', csrrc(0, 0x304, 10)],
  ['csrwi mscratch, 3', csrrwi(0, 0x340, 3)],
  ['csrsi mstatus, 8', csrrsi(0, 0x300, 8)],
  ['csrci mstatus, 8', csrrci(0, 0x300, 8)],
  ['csrr a0, 0x7c0', csrrs(10, 0x7c0, 0)],
  ['rdcycle a0', csrrs(10, 0xc00, 0)],
  ['rdtimeh a0', csrrs(10, 0xc81, 0)],
  ['fence', FENCE],
  ['fence rw, o', 0x0340000f],
  ['fence.tso', 0x8330000f],
  ['fence.i', FENCE_I],
  ['ecall', ECALL],
  ['ebreak', EBREAK],
  ['mret', MRET],
  ['wfi', WFI],
  ['unimp', csrrw(0, 0xc00, 0)],
])('%s', (text, word) => {
  expect(disassemble(word, RAM)).toBe(text);
  expect(disassemble(word | 0, RAM)).toBe(text);
});

test.each<[string, number]>([
  ['zero, which the ISA keeps illegal', 0],
  ['all ones, which it keeps illegal too', 0xffffffff],
  ['a load of 64 bits', 0x00003003],
  ['a shift by more than 31', 0x02051513],
  ['an arithmetic operation with a stray bit', typeR(0x33, 0, 0x40, 10, 10, 10)],
  ['SRET: there is no supervisor mode', 0x10200073],
  ['LR with a source', atomics.lr(10, 11, 12)],
  ['a 64-bit atomic', typeR(0x2f, 3, 0, 10, 11, 12)],
])('%s comes out as a word', (_, word) => {
  expect(disassemble(word, RAM)).toBe(`.word 0x${word.toString(16).padStart(8, '0')}`);
});

test('any word at any address has a text, and one for either sign of the number', () => {
  fc.assert(
    fc.property(fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffffffff }), (word, address) => {
      const text = disassemble(word, address);
      expect(text).toMatch(/^[.a-z0-9]+( [-a-z0-9(), ]+)?$/);
      expect(disassemble(word | 0, address)).toBe(text);
    }),
  );
});

test('every register the machine has is named', () => {
  for (const [known, number] of Object.entries(CSR)) expect(csrName(number)).toBe(known);
});

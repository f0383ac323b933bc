import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as asm from './assembler.ts';

const { addi, arithmetic, auipc, branches, immediates, jal, jalr, li, lui, NOP, RAM, runAll } = asm;

/** Result of rd = x1 op x2. */
function compute(operation: (rd: number, rs1: number, rs2: number) => number, left: number, right: number): number {
  return runAll([li(1, left), li(2, right), operation(3, 1, 2)]).registers[3]!;
}

function computeImmediate(operation: (rd: number, rs1: number, immediate: number) => number, left: number, right: number): number {
  return runAll([li(1, left), operation(3, 1, right)]).registers[3]!;
}

const signed = (value: number) => BigInt(value | 0);
const unsigned = (value: number) => BigInt(value >>> 0);
const low = (value: bigint) => Number(BigInt.asUintN(32, value));
const divideByZero = 0xffffffff;

/** The manual's definition of each operation, in exact arithmetic. */
const models: Record<keyof typeof arithmetic, (left: number, right: number) => number> = {
  add: (a, b) => low(signed(a) + signed(b)),
  sub: (a, b) => low(signed(a) - signed(b)),
  sll: (a, b) => low(unsigned(a) << (unsigned(b) % 32n)),
  slt: (a, b) => (signed(a) < signed(b) ? 1 : 0),
  sltu: (a, b) => (unsigned(a) < unsigned(b) ? 1 : 0),
  xor: (a, b) => low(unsigned(a) ^ unsigned(b)),
  srl: (a, b) => low(unsigned(a) >> (unsigned(b) % 32n)),
  sra: (a, b) => low(signed(a) >> (unsigned(b) % 32n)),
  or: (a, b) => low(unsigned(a) | unsigned(b)),
  and: (a, b) => low(unsigned(a) & unsigned(b)),
  mul: (a, b) => low(signed(a) * signed(b)),
  mulh: (a, b) => low((signed(a) * signed(b)) >> 32n),
  mulhsu: (a, b) => low((signed(a) * unsigned(b)) >> 32n),
  mulhu: (a, b) => low((unsigned(a) * unsigned(b)) >> 32n),
  div: (a, b) => (b === 0 ? divideByZero : low(signed(a) / signed(b))),
  divu: (a, b) => (b === 0 ? divideByZero : low(unsigned(a) / unsigned(b))),
  rem: (a, b) => (b === 0 ? a >>> 0 : low(signed(a) % signed(b))),
  remu: (a, b) => (b === 0 ? a >>> 0 : low(unsigned(a) % unsigned(b))),
};

const corners = [0, 1, 2, 3, 31, 32, 33, 0x7f, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];
const operand = fc.oneof(fc.constantFrom(...corners), fc.integer({ min: 0, max: 0xffffffff }));

describe('register-register instructions (RV32I and M)', () => {
  for (const name of Object.keys(models) as (keyof typeof arithmetic)[]) {
    test(`${name} agrees with exact arithmetic on every pair of corner values`, () => {
      for (const left of corners) {
        for (const right of corners) {
          expect(compute(arithmetic[name], left, right), `${name} ${left}, ${right}`).toBe(models[name](left, right));
        }
      }
    });

    test(`${name} agrees with exact arithmetic on random values`, () => {
      fc.assert(
        fc.property(operand, operand, (a, b) => compute(arithmetic[name], a, b) === models[name](a, b)),
        { numRuns: 200 },
      );
    });
  }

  test('division by zero gives all ones and leaves the dividend as remainder (M extension, table of semantics)', () => {
    expect(compute(arithmetic.div, 7, 0)).toBe(0xffffffff);
    expect(compute(arithmetic.divu, 7, 0)).toBe(0xffffffff);
    expect(compute(arithmetic.rem, -7, 0)).toBe(0xfffffff9);
    expect(compute(arithmetic.remu, -7, 0)).toBe(0xfffffff9);
  });

  test('signed overflow of a division gives the dividend and remainder zero', () => {
    expect(compute(arithmetic.div, 0x80000000, -1)).toBe(0x80000000);
    expect(compute(arithmetic.rem, 0x80000000, -1)).toBe(0);
  });

  test('division rounds towards zero and the remainder has the sign of the dividend', () => {
    expect(compute(arithmetic.div, -20, 6)).toBe(0xfffffffd);
    expect(compute(arithmetic.rem, -20, 6)).toBe(0xfffffffe);
    expect(compute(arithmetic.rem, 20, -6)).toBe(2);
  });

  test('a result may replace either of its operands', () => {
    expect(runAll([li(1, 5), li(2, 9), arithmetic.sub(1, 1, 2)]).registers[1]).toBe(0xfffffffc);
    expect(runAll([li(1, 5), li(2, 9), arithmetic.sub(2, 1, 2)]).registers[2]).toBe(0xfffffffc);
    expect(runAll([li(1, 0x12345678), arithmetic.mulhu(1, 1, 1)]).registers[1]).toBe(0x014b66dc);
  });
});

describe('register-immediate instructions', () => {
  const modelOf = { addi: 'add', slti: 'slt', sltiu: 'sltu', xori: 'xor', ori: 'or', andi: 'and' } as const;
  const shiftOf = { slli: 'sll', srli: 'srl', srai: 'sra' } as const;

  for (const [name, model] of Object.entries(modelOf) as [keyof typeof modelOf, keyof typeof models][]) {
    test(`${name} sign-extends its immediate and then acts as ${model}`, () => {
      const agrees = (left: number, right: number) => computeImmediate(immediates[name], left, right) === models[model](left, right);
      for (const left of corners) {
        for (const right of [-2048, -1, 0, 1, 2047]) expect(agrees(left, right), `${name} ${left}, ${right}`).toBe(true);
      }
      fc.assert(fc.property(operand, fc.integer({ min: -2048, max: 2047 }), agrees), { numRuns: 200 });
    });
  }

  for (const [name, model] of Object.entries(shiftOf) as [keyof typeof shiftOf, keyof typeof models][]) {
    test(`${name} shifts by each amount from 0 to 31`, () => {
      for (const left of corners) {
        for (let amount = 0; amount < 32; amount++) {
          expect(computeImmediate(immediates[name], left, amount)).toBe(models[model](left, amount));
        }
      }
    });
  }

  test('lui fills the upper 20 bits and clears the rest', () => {
    expect(runAll([lui(1, 0xfffff)]).registers[1]).toBe(0xfffff000);
    expect(runAll([lui(1, 0x12345)]).registers[1]).toBe(0x12345000);
  });

  test('auipc adds to the address of the instruction itself', () => {
    expect(runAll([NOP, auipc(1, 0)]).registers[1]).toBe(RAM + 4);
    expect(runAll([NOP, NOP, auipc(1, 0x1)]).registers[1]).toBe(RAM + 8 + 0x1000);
    expect(runAll([NOP, auipc(1, 0x80000)]).registers[1]).toBe(4);
  });

  test('x0 stays zero whatever is written to it', () => {
    expect(runAll([addi(0, 0, 5), lui(0, 1), jal(0, 4), addi(1, 0, 0)]).registers.slice(0, 2)).toEqual(new Uint32Array([0, 0]));
  });

  test('every register can be written and read', () => {
    const code = Array.from({ length: 31 }, (_, index) => addi(index + 1, index, 1));
    expect(Array.from(runAll(code).registers)).toEqual(Array.from({ length: 32 }, (_, index) => index));
  });
});

describe('jumps and branches', () => {
  const conditions: Record<keyof typeof branches, (left: number, right: number) => boolean> = {
    beq: (a, b) => unsigned(a) === unsigned(b),
    bne: (a, b) => unsigned(a) !== unsigned(b),
    blt: (a, b) => signed(a) < signed(b),
    bge: (a, b) => signed(a) >= signed(b),
    bltu: (a, b) => unsigned(a) < unsigned(b),
    bgeu: (a, b) => unsigned(a) >= unsigned(b),
  };

  for (const name of Object.keys(branches) as (keyof typeof branches)[]) {
    test(`${name} jumps exactly when its condition holds`, () => {
      for (const left of corners) {
        for (const right of corners) {
          const machine = runAll([li(1, left), li(2, right), branches[name](1, 2, 0x7c)]);
          expect(machine.pc, `${name} ${left}, ${right}`).toBe(RAM + 0x10 + (conditions[name](left, right) ? 0x7c : 4));
        }
      }
    });
  }

  test('branches reach every even multiple of four in their range, both ways', () => {
    for (const distance of [-4096, -2048, -1024, -4, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4092]) {
      const code = [...Array.from({ length: 1024 }, () => NOP), asm.beq(0, 0, distance)];
      expect(runAll(code).pc).toBe(RAM + 4096 + distance);
    }
  });

  test('jal links the next instruction and reaches its whole range', () => {
    for (const bit of [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) {
      const machine = runAll([NOP, jal(1, 2 ** bit)]);
      expect(machine.pc).toBe(RAM + 4 + 2 ** bit);
      expect(machine.registers[1]).toBe(RAM + 8);
    }
    expect(runAll([NOP, NOP, jal(1, -8)]).pc).toBe(RAM);
  });

  test('jalr clears the lowest bit of its target, and may link into its own base register', () => {
    const machine = runAll([li(1, RAM + 0x101), jalr(1, 1, -0x20)]);
    expect(machine.pc).toBe(RAM + 0xe0);
    expect(machine.registers[1]).toBe(RAM + 12);
  });

  test('a loop runs as often as it says', () => {
    const code = [addi(1, 0, 100), addi(2, 2, 3), addi(1, 1, -1), asm.bne(1, 0, -8), asm.SPIN];
    const machine = asm.boot(code);
    expect(machine.run(301)).toEqual({ reason: 'position' });
    expect(machine.registers[2]).toBe(300);
    expect(machine.pc).toBe(RAM + 16);
  });

  test('fence and fence.i retire and change nothing', () => {
    const machine = runAll([li(1, 5), asm.FENCE, asm.FENCE_I, 0x8330000f, addi(1, 1, 1)]);
    expect(machine.registers[1]).toBe(6);
    expect(Array.from(machine.registers).filter((value) => value !== 0)).toEqual([6]);
  });
});

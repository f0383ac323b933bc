/**
 * Every instruction of RV32IMA, Zicsr, Zifencei and Zicntr by its name, against a model of the manual: one attempt on edge operands,
 * and random programs of many attempts, in which the fast path runs what it has decoded before.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../labs-runtime/emulator/machine.ts';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { createPrng, type Prng } from '../../../labs-runtime/sim/prng.ts';
import { boot, branches, bytesOf, HANDLER, jal, NOP, RAM } from './assembler.ts';
import { CSR } from './modes.ts';
import { bits, immediate, type Listed, type ListedName, LISTING, type ModelState, ModelTrap } from './listing.ts';

/** The instruction set listings, extension by extension. */
const EXTENSIONS: Record<string, string> = {
  RV32I:
    'lui auipc jal jalr beq bne blt bge bltu bgeu lb lh lw lbu lhu sb sh sw addi slti sltiu xori ori andi slli srli srai ' +
    'add sub sll slt sltu xor srl sra or and fence fence.tso pause ecall ebreak',
  Zifencei: 'fence.i',
  Zicsr: 'csrrw csrrs csrrc csrrwi csrrsi csrrci',
  Zicntr: 'rdcycle rdtime rdinstret rdcycleh rdtimeh rdinstreth',
  M: 'mul mulh mulhsu mulhu div divu rem remu',
  A: 'lr.w sc.w amoswap.w amoadd.w amoxor.w amoand.w amoor.w amomin.w amomax.w amominu.w amomaxu.w',
};

/** Words that an assembler makes: the one thing here that neither the machine nor its tests have a say in. */
const ASSEMBLED: [text: string, word: number][] = [
  ['lui a0, 0x12345', 0x12345537],
  ['auipc t6, 0xfffff', 0xffffff97],
  ['jal ra, 0x1234', 0x234010ef],
  ['jalr s0, -2048(a1)', 0x80058467],
  ['beq a0, a1, 0xffe', 0x7eb50fe3],
  ['bne t0, t1, -4096', 0x80629063],
  ['blt s2, s3, 0x800', 0x013940e3],
  ['bge s4, s5, -2', 0xff5a5fe3],
  ['bltu a6, a7, 16', 0x01186863],
  ['bgeu t3, t4, -2048', 0x81de70e3],
  ['lb a0, -1(sp)', 0xfff10503],
  ['lh a1, 2047(gp)', 0x7ff19583],
  ['lw a2, -2048(tp)', 0x80022603],
  ['lbu a3, 1(t0)', 0x0012c683],
  ['lhu a4, 1365(t1)', 0x55535703],
  ['sb a5, -1(t2)', 0xfef38fa3],
  ['sh a6, 2047(s0)', 0x7f041fa3],
  ['sw a7, -2048(s1)', 0x8114a023],
  ['addi s2, s3, -1', 0xfff98913],
  ['slti s4, s5, 2047', 0x7ffaaa13],
  ['sltiu s6, s7, -2048', 0x800bbb13],
  ['xori s8, s9, 1365', 0x555ccc13],
  ['ori s10, s11, -1366', 0xaaaded13],
  ['andi t3, t4, 15', 0x00fefe13],
  ['slli t5, t6, 31', 0x01ff9f13],
  ['srli a0, a1, 1', 0x0015d513],
  ['srai a2, a3, 16', 0x4106d613],
  ['add a0, a1, a2', 0x00c58533],
  ['sub a3, a4, a5', 0x40f706b3],
  ['sll a6, a7, s2', 0x01289833],
  ['slt s3, s4, s5', 0x015a29b3],
  ['sltu s6, s7, s8', 0x018bbb33],
  ['xor s9, s10, s11', 0x01bd4cb3],
  ['srl t3, t4, t5', 0x01eede33],
  ['sra t6, zero, ra', 0x40105fb3],
  ['or sp, gp, tp', 0x0041e133],
  ['and t0, t1, t2', 0x007372b3],
  ['fence rw, w', 0x0310000f],
  ['fence.tso', 0x8330000f],
  ['pause', 0x0100000f],
  ['ecall', 0x00000073],
  ['ebreak', 0x00100073],
  ['fence.i', 0x0000100f],
  ['csrrw a0, mscratch, a1', 0x34059573],
  ['csrrs a2, mscratch, a3', 0x3406a673],
  ['csrrc a4, mscratch, a5', 0x3407b773],
  ['csrrwi a6, mscratch, 31', 0x340fd873],
  ['csrrsi a7, mscratch, 1', 0x3400e8f3],
  ['csrrci s2, mscratch, 16', 0x34087973],
  ['rdcycle a0', 0xc0002573],
  ['rdtime a1', 0xc01025f3],
  ['rdinstret a2', 0xc0202673],
  ['rdcycleh a3', 0xc80026f3],
  ['rdtimeh a4', 0xc8102773],
  ['rdinstreth a5', 0xc82027f3],
  ['mul a0, a1, a2', 0x02c58533],
  ['mulh a3, a4, a5', 0x02f716b3],
  ['mulhsu a6, a7, s2', 0x0328a833],
  ['mulhu s3, s4, s5', 0x035a39b3],
  ['div s6, s7, s8', 0x038bcb33],
  ['divu s9, s10, s11', 0x03bd5cb3],
  ['rem t3, t4, t5', 0x03eeee33],
  ['remu t6, t0, t1', 0x0262ffb3],
  ['lr.w a0, (a1)', 0x1005a52f],
  ['sc.w.aqrl a2, a3, (a4)', 0x1ed7262f],
  ['amoswap.w.aq a5, a6, (a7)', 0x0d08a7af],
  ['amoadd.w.rl s2, s3, (s4)', 0x033a292f],
  ['amoxor.w s5, s6, (s7)', 0x216baaaf],
  ['amoand.w s8, s9, (s10)', 0x619d2c2f],
  ['amoor.w s11, t3, (t4)', 0x41ceadaf],
  ['amomin.w t5, t6, (t0)', 0x81f2af2f],
  ['amomax.w a0, a1, (a2)', 0xa0b6252f],
  ['amominu.w a3, a4, (a5)', 0xc0e7a6af],
  ['amomaxu.w a6, a7, (s2)', 0xe119282f],
];

const NAMES = Object.keys(LISTING) as ListedName[];
const listed = (name: ListedName): Listed => LISTING[name];
const isOne = (name: ListedName, word: number) => ((word & listed(name).mask) ^ listed(name).match) === 0;

describe('the listing', () => {
  test('has each instruction of the manual once', () => {
    expect(NAMES).toEqual(Object.values(EXTENSIONS).flatMap((names) => names.split(' ')));
  });

  test('knows each word that an assembler makes by its name, and by no other', () => {
    // FENCE.TSO and PAUSE are fences too.
    const isFence = (name: string) => name === 'fence.tso' || name === 'pause';
    const seen = ASSEMBLED.map(([text, word]) => {
      const assembled = text.split(' ')[0]!.replace(/\.(aq|rl|aqrl)$/, '');
      const names = NAMES.filter((name) => isOne(name, word));
      expect(names, text).toEqual(isFence(assembled) ? ['fence', assembled] : [assembled]);
      return assembled;
    });
    expect(seen).toEqual(NAMES);
  });
});

describe('immediates', () => {
  /** The number in an instruction's text, as the assembly syntax has it. */
  const numberIn = (text: string) => {
    const [, sign, digits] = /(-?)(0x[0-9a-f]+|\d+)(?:\([a-z0-9]+\))?$/.exec(text)!;
    return sign === '-' ? -BigInt(digits!) : BigInt(digits!);
  };

  test.each([
    ['I', 'jalr lb lh lw lbu lhu addi slti sltiu xori ori andi'],
    ['S', 'sb sh sw'],
    ['B', 'beq bne blt bge bltu bgeu'],
    ['J', 'jal'],
    ['U', 'lui auipc'],
  ] as const)('of format %s are what the assembler put there', (format, names) => {
    for (const name of names.split(' ')) {
      const [text, word] = ASSEMBLED.find(([assembled]) => assembled.startsWith(`${name} `))!;
      expect(immediate[format](word), text).toBe(format === 'U' ? numberIn(text) << 12n : numberIn(text));
    }
  });
});

const RAM_BYTES = 8192;
/** Where the programs lie, and the middle of what they load and store. */
const CODE_BYTES = 0x100;
const DATA = RAM + 0x1000;
const POSITION = 1000;
const RETIRED = 900;

const blank = boot([NOP], RAM_BYTES).snapshot();

const CORNERS = [0, 1, 2, 31, 32, 0x7f, 0x80, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff];
const operand = (prng: Prng) => (prng.int(3) === 0 ? prng.next() : prng.pick(CORNERS));

/** A hart between two attempts, as the model has it. */
function randomState(prng: Prng, code: readonly number[]): ModelState {
  const ram = Uint8Array.from({ length: RAM_BYTES }, (_, offset) => (offset < CODE_BYTES ? 0 : prng.next() & 0xff));
  ram.set(bytesOf(code));
  return {
    x: Array.from({ length: 32 }, (_, number) => (number === 0 ? 0n : BigInt(operand(prng)))),
    pc: BigInt(RAM),
    ram,
    reserved: prng.int(2) === 0 ? undefined : BigInt(DATA + 4 * prng.int(16)),
    mscratch: BigInt(operand(prng)),
    cycle: (BigInt(prng.next()) << 32n) + BigInt(operand(prng)),
    instret: (BigInt(prng.next()) << 32n) + BigInt(operand(prng)),
    time: (BigInt(prng.next()) << 32n) + BigInt(operand(prng)),
  };
}

/** The same hart in the machine. */
function snapshotOf(state: ModelState): Snapshot {
  const hart = {
    ...blank.core.harts[0]!,
    registers: state.x.map((value) => Number(BigInt.asIntN(32, value))),
    pc: Number(state.pc) | 0,
    position: POSITION,
    unretired: POSITION - RETIRED,
    mscratch: Number(state.mscratch) | 0,
    mtvec: HANDLER | 0,
    cycleOffset: state.cycle - BigInt(POSITION),
    retiredOffset: state.instret - BigInt(RETIRED),
  };
  const reservations = [state.reserved === undefined ? -1 : (Number(state.reserved) - RAM) / 4];
  const pages = blank.pages.map((_, page) => state.ram.slice(4096 * page, 4096 * (page + 1)));
  return { ...blank, core: { ...blank.core, harts: [hart], reservations }, pages };
}

/** One attempt of the model: fetches, finds the instruction in the listing, does it. Returns the trap that it ends in, if any. */
function attemptInModel(state: ModelState): ModelTrap | undefined {
  const offset = Number(state.pc) - RAM;
  const isInRam = offset >= 0 && offset < RAM_BYTES;
  const word = isInRam ? new DataView(state.ram.buffer).getUint32(offset, true) : 0;
  try {
    if (!isInRam) throw new ModelTrap(1, state.pc);
    const name = NAMES.find((candidate) => isOne(candidate, word));
    if (name === undefined) throw new ModelTrap(2, BigInt(word));
    listed(name).attempt(state, word);
    state.instret += 1n;
    return undefined;
  } catch (error) {
    if (!(error instanceof ModelTrap)) throw error;
    return error;
  } finally {
    state.cycle += 1n;
  }
}

/** Runs a machine, in calls of at most so many attempts, and gives each read of the clock the same value. */
function run(machine: Machine, until: number, time: bigint, attemptsMax = Infinity): void {
  while (machine.position < until) {
    const stop = machine.run(Math.min(until, machine.position + attemptsMax));
    if (stop.reason === 'clock') machine.provideClock(time);
    else expect(stop.reason).toBe('position');
  }
}

/** What both have, in one form. */
function seenOf(machine: Machine): object {
  const { reservations } = machine.snapshot().core;
  return {
    x: Array.from(machine.registers, BigInt),
    reserved: reservations[0] === -1 ? undefined : BigInt(RAM + 4 * reservations[0]!),
    mscratch: BigInt(machine.csr(CSR.mscratch)!),
    cycle: counterOf(machine, CSR.mcycle, CSR.mcycleh),
    instret: counterOf(machine, CSR.minstret, CSR.minstreth),
    pc: BigInt(machine.pc),
    trap: machine.pc === HANDLER ? [machine.csr(CSR.mcause), machine.csr(CSR.mtval), machine.csr(CSR.mepc)] : undefined,
  };
}

function counterOf(machine: Machine, low: number, high: number): bigint {
  return (BigInt(machine.csr(high)!) << 32n) + BigInt(machine.csr(low)!);
}

function expectSame(machine: Machine, state: ModelState, trap: ModelTrap | undefined): void {
  const { x, reserved, mscratch, cycle, instret, pc } = state;
  const wrapped = { x, reserved, mscratch, cycle: BigInt.asUintN(64, cycle), instret: BigInt.asUintN(64, instret) };
  const end = trap === undefined ? { pc, trap } : { pc: BigInt(HANDLER), trap: [trap.code, Number(trap.value), Number(pc)] };
  expect(seenOf(machine)).toEqual({ ...wrapped, ...end });
  expect(Buffer.compare(machine.readRam(RAM, RAM_BYTES), state.ram)).toBe(0);
}

function restored(snapshot: Snapshot): Machine {
  const machine = new Machine({ ramBytes: RAM_BYTES });
  machine.restore(snapshot);
  return machine;
}

/** Any instruction of that name: the bits that are not fixed are random. */
function randomWordOf(prng: Prng, name: ListedName): number {
  const { mask, match } = listed(name);
  return ((prng.next() & ~mask) | match) >>> 0;
}

const LOADS: readonly ListedName[] = ['lb', 'lh', 'lw', 'lbu', 'lhu'];
const STORES: readonly ListedName[] = ['sb', 'sh', 'sw'];
const ATOMICS = NAMES.filter((name) => name.endsWith('.w'));

/** Mostly makes the base register of an access or of JALR lead to where something is. */
function aim(prng: Prng, name: ListedName, word: number, state: ModelState): void {
  const base = Number(bits(word, 19, 15));
  const isAccess = LOADS.includes(name) || STORES.includes(name) || ATOMICS.includes(name);
  if (!(isAccess || name === 'jalr') || base === 0 || prng.int(8) === 0) return;
  const distance = ATOMICS.includes(name) ? 0n : STORES.includes(name) ? immediate.S(word) : immediate.I(word);
  const isAligned = prng.int(4) > 0;
  const target = isAligned ? DATA + 4 * prng.int(16) : DATA + prng.int(64);
  state.x[base] = BigInt.asUintN(32, BigInt(target) - distance);
}

describe('each instruction does what the manual says, and nothing else', () => {
  test.each(NAMES)('%s', (name) => {
    const causes = new Set<number | undefined>();
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const prng = createPrng(seed);
        const word = randomWordOf(prng, name);
        const state = randomState(prng, [word]);
        aim(prng, name, word, state);
        const machine = restored(snapshotOf(state));
        const trap = attemptInModel(state);
        run(machine, POSITION + 1, state.time);
        expectSame(machine, state, trap);
        causes.add(trap?.code);
      }),
      { numRuns: 100 },
    );
    // None only ever trapped, but for the two that are there to do that.
    if (name !== 'ecall' && name !== 'ebreak') expect(causes).toContain(undefined);
  });
});

/** The immediate of a branch or a jump within the code, from its `index`th word. */
const within = (prng: Prng, index: number, length: number) => 4 * (prng.int(length) - index);

/** Registers that lead to the data and to the code; no instruction of the programs writes them. */
const [TO_DATA, TO_CODE] = [8, 9];

/** An instruction for a program: accesses go through x8, jumps stay in the code; results go anywhere else. */
function randomStep(prng: Prng, index: number, length: number): number {
  // Some instructions stand beside each other in what compilers make, and the fast path knows such pairs.
  const name = prng.int(3) > 0 ? prng.pick(['addi', 'bne', 'add', 'lw', 'slli', 'or', 'sw'] as const) : prng.pick(NAMES);
  if (name in branches) {
    return branches[name as keyof typeof branches](prng.int(32), prng.int(32), within(prng, index, length));
  }
  let rd = prng.int(4) === 0 ? 0 : prng.int(32);
  if (rd === TO_DATA || rd === TO_CODE) rd = 5;
  if (name === 'jal') return jal(rd, within(prng, index, length));
  const word = randomWordOf(prng, name);
  const withFields = (fields: number, values: number) => ((word & ~fields) | (values & fields)) >>> 0;
  const RD = 0xf80;
  const RS1 = 0xf8000;
  if (name === 'jalr') return withFields(RD | RS1 | 0xfff00000, (rd << 7) | (TO_CODE << 15) | ((4 * prng.int(length)) << 20));
  if (STORES.includes(name)) return withFields(RS1, TO_DATA << 15);
  if (LOADS.includes(name) || ATOMICS.includes(name)) return withFields(RD | RS1, (rd << 7) | (TO_DATA << 15));
  const isFixed = (listed(name).mask & RD) !== 0;
  return isFixed ? word : withFields(RD, rd << 7);
}

describe('programs of all instructions', () => {
  test('do what the model does, attempt by attempt, in one call or several, decoded before or not', () => {
    let attempts = 0;
    const ends = new Set<number | undefined>();
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, attemptsMax) => {
        const prng = createPrng(seed);
        const length = 2 + prng.int(14);
        const state = randomState(
          prng,
          Array.from({ length }, (_, index) => randomStep(prng, index, length)),
        );
        state.x[TO_DATA] = BigInt(DATA);
        state.x[TO_CODE] = BigInt(RAM);
        const snapshot = snapshotOf(state);
        let trap: ModelTrap | undefined;
        let made = 0;
        while (made < 60 && trap === undefined) {
          trap = attemptInModel(state);
          made++;
        }
        const machine = restored(snapshot);
        run(machine, POSITION + made, state.time);
        expectSame(machine, state, trap);
        // The same again: pages that did not change keep their decoded instructions.
        machine.restore(snapshot);
        run(machine, POSITION + made, state.time, attemptsMax);
        expectSame(machine, state, trap);
        attempts += made;
        ends.add(trap?.code);
      }),
      { numRuns: 1500 },
    );
    expect(attempts).toBeGreaterThan(10_000);
    expect(ends.size).toBeGreaterThan(3);
  });
});

/**
 * Turns an instruction word back into assembly, for people: the monitor's views and the report of a divergence. It reads the bits by itself,
 * from the instruction listings of the unprivileged ISA, and prints the pseudo-instructions of the RISC-V assembly programmer's manual where
 * one fits. The machine never runs what is printed here.
 */
import { csrName } from './csr-names.ts';
import { immediateB, immediateI, immediateJ, immediateS, OPCODE } from './decode.ts';

/** ABI names of x0 to x31 (RISC-V ELF psABI, integer register convention). */
export const REGISTER_NAMES = [
  ...['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5'],
  ...['a6', 'a7', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'],
] as const;

const ZERO = 0;
const RETURN_ADDRESS = 1;

/** Mnemonics by funct3; undefined where the encoding is reserved. */
const BRANCHES = ['beq', 'bne', undefined, undefined, 'blt', 'bge', 'bltu', 'bgeu'];
const LOADS = ['lb', 'lh', 'lw', undefined, 'lbu', 'lhu'];
const STORES = ['sb', 'sh', 'sw'];
const IMMEDIATES = ['addi', 'slli', 'slti', 'sltiu', 'xori', 'srli', 'ori', 'andi'];
const REGISTERS = ['add', 'sll', 'slt', 'sltu', 'xor', 'srl', 'or', 'and'];
const ALTERNATIVES = ['sub', undefined, undefined, undefined, undefined, 'sra'];
const MULTIPLICATIONS = ['mul', 'mulh', 'mulhsu', 'mulhu', 'div', 'divu', 'rem', 'remu'];
const CSR_ACCESSES = [undefined, 'csrrw', 'csrrs', 'csrrc', undefined, 'csrrwi', 'csrrsi', 'csrrci'];

/** Mnemonics of atomics by funct5. */
const ATOMICS = new Map([
  [0x00, 'amoadd.w'],
  [0x01, 'amoswap.w'],
  [0x02, 'lr.w'],
  [0x03, 'sc.w'],
  [0x04, 'amoxor.w'],
  [0x08, 'amoor.w'],
  [0x0c, 'amoand.w'],
  [0x10, 'amomin.w'],
  [0x14, 'amomax.w'],
  [0x18, 'amominu.w'],
  [0x1c, 'amomaxu.w'],
]);

/** Instructions that are one word each. */
const WHOLE_WORDS = new Map([
  [0x00000013, 'nop'],
  [0x0000100f, 'fence.i'],
  [0x8330000f, 'fence.tso'],
  [0x0ff0000f, 'fence'],
  [0x00000073, 'ecall'],
  [0x00100073, 'ebreak'],
  [0x30200073, 'mret'],
  [0x10500073, 'wfi'],
  [0xc0001073, 'unimp'],
  [0x00008067, 'ret'],
]);

/** An instruction's fields, registers as numbers. */
interface Fields {
  word: number;
  /** Address of the instruction: branches and jumps are relative to it. */
  address: number;
  funct3: number;
  funct7: number;
  rd: number;
  rs1: number;
  rs2: number;
}

/**
 * The instruction word (of either sign) at `address`, e.g. `addi a0, a0, -1` or `bnez a0, 0x80000010`; targets are absolute addresses.
 * What is no instruction of RV32IMA, Zicsr, Zifencei or machine mode comes out as `.word 0x...`.
 */
export function disassemble(instruction: number, address: number): string {
  const word = instruction >>> 0;
  const fields: Fields = {
    word: instruction | 0,
    address,
    funct3: (word >>> 12) & 7,
    funct7: word >>> 25,
    rd: (word >>> 7) & 0x1f,
    rs1: (word >>> 15) & 0x1f,
    rs2: (word >>> 20) & 0x1f,
  };
  return WHOLE_WORDS.get(word) ?? byOpcode(fields) ?? `.word ${hexadecimal(word, 8)}`;
}

function byOpcode(fields: Fields): string | undefined {
  const { word, rd } = fields;
  switch (word & 0x7f) {
    case OPCODE.lui:
      return write('lui', name(rd), hexadecimal(word >>> 12));
    case OPCODE.auipc:
      return write('auipc', name(rd), hexadecimal(word >>> 12));
    case OPCODE.jal:
      return jump(fields);
    case OPCODE.jalr:
      return jumpRegister(fields);
    case OPCODE.branch:
      return branch(fields);
    case OPCODE.load:
      return access(LOADS[fields.funct3], rd, immediateI(word), fields.rs1);
    case OPCODE.store:
      return access(STORES[fields.funct3], fields.rs2, immediateS(word), fields.rs1);
    case OPCODE.immediate:
      return withImmediate(fields);
    case OPCODE.register:
      return withRegisters(fields);
    case OPCODE.fence:
      return fence(fields);
    case OPCODE.atomic:
      return atomic(fields);
    case OPCODE.system:
      return controlRegister(fields);
    default:
      return undefined;
  }
}

function jump({ word, address, rd }: Fields): string {
  const target = absolute(address + immediateJ(word));
  if (rd === ZERO) return write('j', target);
  return rd === RETURN_ADDRESS ? write('jal', target) : write('jal', name(rd), target);
}

function jumpRegister({ word, funct3, rd, rs1 }: Fields): string | undefined {
  if (funct3 !== 0) return undefined;
  const offset = immediateI(word);
  const target = offset === 0 ? name(rs1) : `${offset}(${name(rs1)})`;
  if (rd === ZERO) return write('jr', target);
  return rd === RETURN_ADDRESS ? write('jalr', target) : write('jalr', name(rd), target);
}

/** Comparing with zero has mnemonics of its own, except where unsigned: there it is always or never true. */
function branch({ word, address, funct3, rs1, rs2 }: Fields): string | undefined {
  const mnemonic = BRANCHES[funct3];
  if (mnemonic === undefined) return undefined;
  const target = absolute(address + immediateB(word));
  const isUnsigned = funct3 >= 6;
  if (rs2 === ZERO && !isUnsigned) return write(`${mnemonic}z`, name(rs1), target);
  if (rs1 === ZERO && mnemonic === 'bge') return write('blez', name(rs2), target);
  if (rs1 === ZERO && mnemonic === 'blt') return write('bgtz', name(rs2), target);
  return write(mnemonic, name(rs1), name(rs2), target);
}

function access(mnemonic: string | undefined, register: number, offset: number, base: number): string | undefined {
  return mnemonic === undefined ? undefined : write(mnemonic, name(register), `${offset}(${name(base)})`);
}

function withImmediate({ word, funct3, funct7, rd, rs1, rs2 }: Fields): string | undefined {
  const mnemonic = IMMEDIATES[funct3]!;
  const value = immediateI(word);
  if (mnemonic === 'slli' || mnemonic === 'srli') return shift(mnemonic, funct7, [name(rd), name(rs1), String(rs2)]);
  if (mnemonic === 'addi' && rs1 === ZERO) return write('li', name(rd), String(value));
  if (mnemonic === 'addi' && value === 0) return write('mv', name(rd), name(rs1));
  if (mnemonic === 'xori' && value === -1) return write('not', name(rd), name(rs1));
  if (mnemonic === 'sltiu' && value === 1) return write('seqz', name(rd), name(rs1));
  if (mnemonic === 'andi' && value === 255) return write('zext.b', name(rd), name(rs1));
  return write(mnemonic, name(rd), name(rs1), String(value));
}

function shift(mnemonic: 'slli' | 'srli', funct7: number, operands: string[]): string | undefined {
  if (funct7 === 0) return write(mnemonic, ...operands);
  return funct7 === 0x20 && mnemonic === 'srli' ? write('srai', ...operands) : undefined;
}

function withRegisters({ funct3, funct7, rd, rs1, rs2 }: Fields): string | undefined {
  const mnemonic = [REGISTERS, MULTIPLICATIONS][funct7]?.[funct3] ?? (funct7 === 0x20 ? ALTERNATIVES[funct3] : undefined);
  if (mnemonic === undefined) return undefined;
  if (mnemonic === 'sub' && rs1 === ZERO) return write('neg', name(rd), name(rs2));
  if (mnemonic === 'sltu' && rs1 === ZERO) return write('snez', name(rd), name(rs2));
  if (mnemonic === 'slt' && rs2 === ZERO) return write('sltz', name(rd), name(rs1));
  if (mnemonic === 'slt' && rs1 === ZERO) return write('sgtz', name(rd), name(rs2));
  return write(mnemonic, name(rd), name(rs1), name(rs2));
}

/** FENCE with the sets of what comes before and after it: device input and output, memory reads and writes. */
function fence({ word, funct3, rd, rs1 }: Fields): string | undefined {
  if (funct3 !== 0 || word >>> 28 !== 0 || rd !== 0 || rs1 !== 0) return undefined;
  return write('fence', accessSet((word >>> 24) & 0xf), accessSet((word >>> 20) & 0xf));
}

function accessSet(bits: number): string {
  const set = [...'iorw'].filter((_, index) => (bits & (8 >>> index)) !== 0).join('');
  return set === '' ? '0' : set;
}

function atomic({ funct3, funct7, rd, rs1, rs2 }: Fields): string | undefined {
  const mnemonic = ATOMICS.get(funct7 >>> 2);
  if (funct3 !== 2 || mnemonic === undefined) return undefined;
  const ordered = mnemonic + ['', '.rl', '.aq', '.aqrl'][funct7 & 3];
  if (mnemonic !== 'lr.w') return write(ordered, name(rd), name(rs2), `(${name(rs1)})`);
  return rs2 === ZERO ? write(ordered, name(rd), `(${name(rs1)})`) : undefined;
}

/** Without a register for the old value, or without anything to set, an access has a shorter name. */
function controlRegister({ word, funct3, rd, rs1 }: Fields): string | undefined {
  const mnemonic = CSR_ACCESSES[funct3];
  if (mnemonic === undefined) return undefined;
  const csr = csrName(word >>> 20);
  const operand = funct3 >= 4 ? String(rs1) : name(rs1);
  if (mnemonic === 'csrrs' && rs1 === ZERO) return readOnly(csr, rd);
  if (rd === ZERO) return write(mnemonic.replace('rr', 'r'), csr, operand);
  return write(mnemonic, name(rd), csr, operand);
}

/** The three counters of the unprivileged ISA have a mnemonic each. */
function readOnly(csr: string, rd: number): string {
  return /^(cycle|time|instret)h?$/.test(csr) ? write(`rd${csr}`, name(rd)) : write('csrr', name(rd), csr);
}

function write(mnemonic: string, ...operands: string[]): string {
  return `${mnemonic} ${operands.join(', ')}`;
}

function name(register: number): string {
  return REGISTER_NAMES[register]!;
}

function absolute(address: number): string {
  return hexadecimal(address >>> 0);
}

function hexadecimal(value: number, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/**
 * Names of the control and status registers, as assembly has them: what the disassembler prints and a register view is labelled with.
 * Privileged architecture, chapter 2 (the tables of CSR addresses), for the levels that code of this machine can mention.
 */

const NAMES = new Map<number, string>([
  [0x001, 'fflags'],
  [0x002, 'frm'],
  [0x003, 'fcsr'],
  ...inOrder(0x100, ['sstatus']),
  ...inOrder(0x104, ['sie', 'stvec', 'scounteren']),
  [0x10a, 'senvcfg'],
  ...inOrder(0x140, ['sscratch', 'sepc', 'scause', 'stval', 'sip']),
  [0x180, 'satp'],
  ...inOrder(0x300, ['mstatus', 'misa', 'medeleg', 'mideleg', 'mie', 'mtvec', 'mcounteren']),
  [0x30a, 'menvcfg'],
  ...inOrder(0x310, ['mstatush']),
  [0x31a, 'menvcfgh'],
  [0x320, 'mcountinhibit'],
  ...numbered(0x323, 'mhpmevent', 3, 31),
  ...inOrder(0x340, ['mscratch', 'mepc', 'mcause', 'mtval', 'mip']),
  ...inOrder(0x34a, ['mtinst', 'mtval2']),
  ...numbered(0x3a0, 'pmpcfg', 0, 15),
  ...numbered(0x3b0, 'pmpaddr', 0, 63),
  ...inOrder(0x740, ['mnscratch', 'mnepc', 'mncause']),
  [0x744, 'mnstatus'],
  [0x747, 'mseccfg'],
  [0x757, 'mseccfgh'],
  ...inOrder(0x7a0, ['tselect', 'tdata1', 'tdata2', 'tdata3']),
  [0x7a8, 'mcontext'],
  ...inOrder(0x7b0, ['dcsr', 'dpc', 'dscratch0', 'dscratch1']),
  [0xb00, 'mcycle'],
  [0xb02, 'minstret'],
  ...numbered(0xb03, 'mhpmcounter', 3, 31),
  [0xb80, 'mcycleh'],
  [0xb82, 'minstreth'],
  ...numbered(0xb83, 'mhpmcounter', 3, 31, 'h'),
  ...inOrder(0xc00, ['cycle', 'time', 'instret']),
  ...numbered(0xc03, 'hpmcounter', 3, 31),
  ...inOrder(0xc80, ['cycleh', 'timeh', 'instreth']),
  ...numbered(0xc83, 'hpmcounter', 3, 31, 'h'),
  ...inOrder(0xf11, ['mvendorid', 'marchid', 'mimpid', 'mhartid', 'mconfigptr']),
]);

/** The name of the CSR with that number, e.g. `mstatus` for 0x300; its number in hexadecimal where the tables name none. */
export function csrName(number: number): string {
  return NAMES.get(number) ?? `0x${number.toString(16)}`;
}

/** Names of consecutive numbers from `first`. */
function inOrder(first: number, names: readonly string[]): [number, string][] {
  return names.map((name, index) => [first + index, name]);
}

/** `stem` with the numbers `from` to `to`, at consecutive CSR numbers from `first`. */
function numbered(first: number, stem: string, from: number, to: number, ending = ''): [number, string][] {
  return Array.from({ length: to - from + 1 }, (_, index) => [first + index, `${stem}${from + index}${ending}`]);
}

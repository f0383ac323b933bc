/** Physical memory protection, sentence by sentence. Privileged architecture, section 3.7. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { addi, atomics, boot, csrrs, csrrw, HANDLER, li, loads, NOP, RAM, runAll, runToTrap, stores, withHandler } from './assembler.ts';
import { bootUser, CAUSE, CSR, MACHINE, MPRV, runToUserTrap, set, USER } from './modes.ts';

const READ = 1;
const WRITE = 2;
const EXECUTE = 4;
const ALL = READ | WRITE | EXECUTE;
const OFF = 0;
const TOR = 0x08;
const NA4 = 0x10;
const NAPOT = 0x18;
const LOCKED = 0x80;

const DATA = RAM + 0x800;

/** pmpaddr for an address, and for a naturally aligned range of `bytes`. */
const top = (address: number) => address / 4;
const napot = (address: number, bytes: number) => (address + bytes / 2) / 4 - 1;

/** Lets the word at the start of RAM be fetched, and nothing else. */
const FETCHABLE = [EXECUTE | NA4, top(RAM)] as const;

/** Entries from entry 0 on, as code that writes all addresses and then the configurations. */
function entries(...list: Entries): number[] {
  const words = [0, 4, 8, 12].map((first) =>
    list.slice(first, first + 4).reduce((word, [configuration], index) => word | (configuration << (8 * index)), 0),
  );
  const addresses = list.flatMap(([, address], index) => set(CSR.pmpaddr0 + index, address));
  return [...addresses, ...words.flatMap((word, index) => (word === 0 ? [] : set(CSR.pmpcfg0 + index, word)))];
}

type Access = 'load' | 'store' | 'fetch';

type Entries = readonly (readonly [configuration: number, address: number])[];

interface Situation {
  instruction: number;
  /** Content of x1; x2 holds 0x5a5a5a5a. */
  address?: number;
  privilege?: number;
  mstatus?: number;
  pc?: number;
}

const blank = boot([NOP], 16384).snapshot();

/**
 * A machine about to attempt one instruction, in user mode if nothing else is said, with those entries in force. It is made from a snapshot,
 * so that any entries can be in force for that very instruction.
 */
function about(list: Entries, { instruction, address = 0, privilege = USER, mstatus = 0, pc = RAM }: Situation): Machine {
  const filled = Array.from({ length: 16 }, (_, index) => list[index] ?? [0, 0]);
  const pmp = { configurations: filled.map(([configuration]) => configuration), addresses: filled.map(([, value]) => value | 0) };
  const hart = blank.core.harts[0]!;
  const registers = hart.registers.with(1, address | 0).with(2, 0x5a5a5a5a);
  const harts = [{ ...hart, registers, pmp, privilege, mstatus, mtvec: HANDLER | 0, pc: pc | 0 }];
  const page = Math.floor((pc - RAM) / 4096);
  const content = blank.pages[page]!.slice();
  new DataView(content.buffer).setUint32((pc - RAM) % 4096, instruction, true);
  const machine = new Machine({ ramBytes: blank.ramBytes });
  machine.restore({ ...blank, core: { ...blank.core, harts }, pages: blank.pages.with(page, content) });
  return machine;
}

/** The exception that the machine's next attempt ends in, if any. */
function causeOf(machine: Machine): number | undefined {
  machine.run(machine.position + 1);
  return machine.pc === HANDLER ? machine.csr(CSR.mcause) : undefined;
}

/**
 * Whether an access of `size` bytes is allowed, of user mode if nothing else is said; a fetch is one of four. The instruction that loads or
 * stores may be fetched, unless one of the first 15 entries says otherwise.
 */
function allows(list: Entries, access: Access, address: number, size = 4, privilege = USER): boolean {
  if (list.length > 15) throw new Error('the last entry is for the instruction');
  if (access === 'fetch') return causeOf(about(list, { instruction: NOP, privilege, pc: address })) === undefined;
  const all = [...Array.from({ length: 15 }, (_, index) => list[index] ?? ([0, 0] as const)), FETCHABLE];
  const [load, store] = { 1: [loads.lbu, stores.sb], 2: [loads.lhu, stores.sh], 4: [loads.lw, stores.sw] }[size]!;
  const instruction = access === 'load' ? load!(3, 1, 0) : store!(2, 1, 0);
  const cause = causeOf(about(all, { instruction, address, privilege }));
  if (cause !== undefined) expect(cause).toBe(access === 'load' ? CAUSE.loadAccess : CAUSE.storeAccess);
  return cause === undefined;
}

describe('the registers (section 3.7.1)', () => {
  /** What machine mode reads after code. */
  const read = (csr: number, code: number[]) => runAll([code, csrrs(1, csr, 0)].flat()).registers[1]!;

  test('after a reset all entries are off and unlocked', () => {
    const machine = boot([NOP]);
    for (let index = 0; index < 4; index++) expect(machine.csr(CSR.pmpcfg0 + index)).toBe(0);
    for (let entry = 0; entry < 16; entry++) expect(machine.csr(CSR.pmpaddr0 + entry)).toBe(0);
  });

  test('there are 16 entries, four in each of four configuration registers, and no more', () => {
    for (let index = 0; index < 4; index++) {
      const machine = runAll(set(CSR.pmpcfg0 + index, 0x1f0f1711));
      for (let other = 0; other < 4; other++) expect(machine.csr(CSR.pmpcfg0 + other)).toBe(other === index ? 0x1f0f1711 : 0);
    }
    for (const number of [CSR.pmpcfg0 + 4, CSR.pmpcfg0 + 15, CSR.pmpaddr0 + 16, CSR.pmpaddr0 + 63]) {
      expect(runToTrap([csrrs(1, number, 0)]).cause).toBe(CAUSE.illegal);
    }
  });

  test('an address register holds bits 33 to 2 of an address: all 32', () => {
    for (let entry = 0; entry < 16; entry++) {
      const machine = runAll([li(30, 0xdeadbeef), csrrw(0, CSR.pmpaddr0 + entry, 30)]);
      for (let other = 0; other < 16; other++) expect(machine.csr(CSR.pmpaddr0 + other)).toBe(other === entry ? 0xdeadbeef : 0);
    }
  });

  test('of every configuration byte, bits 5 and 6 read as zero, and writable but not readable is not writable', () => {
    for (let byte = 0; byte < 256; byte++) {
      for (const place of [0, 3]) {
        const code = [...li(30, byte << (8 * place)), csrrw(0, CSR.pmpcfg0 + 2, 30)];
        const isReserved = (byte & (READ | WRITE)) === WRITE;
        const expected = byte & ~0x60 & (isReserved ? ~WRITE : -1);
        expect(read(CSR.pmpcfg0 + 2, code) >>> (8 * place), `byte ${byte}`).toBe(expected);
      }
    }
  });

  test('the instructions that set and clear bits work on them as on any CSR', () => {
    expect(read(CSR.pmpcfg0, [...set(CSR.pmpcfg0, 0x0b0b), ...li(1, 0x0406), csrrs(0, CSR.pmpcfg0, 1)])).toBe(0x0f0f);
  });
});

describe('locks (section 3.7.1.2)', () => {
  const locked = (mode: number) => entries([READ | TOR, 0x111], [LOCKED | READ | mode, 0x222], [READ | TOR, 0x333]);

  test('a locked entry keeps configuration and address, whatever its mode, and its neighbours do not', () => {
    for (const mode of [OFF, TOR, NA4, NAPOT]) {
      const machine = runAll(
        [locked(mode), set(CSR.pmpaddr0 + 1, 0x999), set(CSR.pmpaddr0 + 2, 0x777), set(CSR.pmpcfg0, 0x1f1f1f1f)].flat(),
      );
      expect(machine.csr(CSR.pmpcfg0), `mode ${mode}`).toBe((0x1f1f001f | ((LOCKED | READ | mode) << 8)) >>> 0);
      expect([machine.csr(CSR.pmpaddr0 + 1), machine.csr(CSR.pmpaddr0 + 2)]).toEqual([0x222, 0x777]);
    }
  });

  test('a locked range from the address before it holds that address too; locked in another mode it does not', () => {
    for (const [mode, address] of [
      [TOR, 0x111],
      [OFF, 0x888],
      [NA4, 0x888],
      [NAPOT, 0x888],
    ] as const) {
      const machine = runAll([locked(mode), set(CSR.pmpaddr0, 0x888)].flat());
      expect(machine.csr(CSR.pmpaddr0), `mode ${mode}`).toBe(address);
    }
  });

  test('the address before an unlocked range is free', () => {
    expect(runAll([entries([0, 0x111], [READ | TOR, 0x222]), set(CSR.pmpaddr0, 0x888)].flat()).csr(CSR.pmpaddr0)).toBe(0x888);
  });

  test('that holds over the border of two configuration registers, and for the last entry', () => {
    const border = [set(CSR.pmpaddr0 + 3, 0x111), set(CSR.pmpcfg0 + 1, LOCKED | TOR)].flat();
    expect(runAll([border, set(CSR.pmpaddr0 + 3, 0x888)].flat()).csr(CSR.pmpaddr0 + 3)).toBe(0x111);
    const last = [set(CSR.pmpaddr0 + 15, 0x111), set(CSR.pmpcfg0 + 3, (LOCKED | NAPOT) << 24)].flat();
    const machine = runAll([last, set(CSR.pmpaddr0 + 15, 0x888), set(CSR.pmpaddr0 + 14, 0x888), set(CSR.pmpcfg0 + 3, 0)].flat());
    expect([machine.csr(CSR.pmpaddr0 + 15), machine.csr(CSR.pmpaddr0 + 14)]).toEqual([0x111, 0x888]);
    expect(machine.csr(CSR.pmpcfg0 + 3)).toBe(((LOCKED | NAPOT) << 24) >>> 0);
  });

  test('only a reset unlocks', () => {
    const machine = runAll([locked(NAPOT), set(CSR.pmpcfg0, 0)].flat());
    expect(machine.csr(CSR.pmpcfg0)).toBe((LOCKED | READ | NAPOT) << 8);
    const other = boot([NOP]);
    other.restore(machine.snapshot());
    expect(other.csr(CSR.pmpcfg0)).toBe((LOCKED | READ | NAPOT) << 8);
    machine.reset();
    expect([machine.csr(CSR.pmpcfg0), machine.csr(CSR.pmpaddr0 + 1)]).toEqual([0, 0]);
  });
});

describe('which bytes an entry applies to (section 3.7.1.1, address matching)', () => {
  const reach = (list: Entries, first: number, last: number) => {
    for (const access of ['load', 'store', 'fetch'] as const) {
      expect(allows(list, access, first), `${access} at first`).toBe(true);
      expect(allows(list, access, last - 3), `${access} at last`).toBe(true);
      expect(allows(list, access, first - 4), `${access} before first`).toBe(false);
      expect(allows(list, access, last + 1), `${access} after last`).toBe(false);
    }
    expect(allows(list, 'load', first, 1)).toBe(true);
    expect(allows(list, 'load', last, 1)).toBe(true);
    expect(allows(list, 'load', first - 1, 1)).toBe(false);
    expect(allows(list, 'load', last + 1, 1)).toBe(false);
  };

  test('NA4 to four', () => {
    reach([[ALL | NA4, top(DATA)]], DATA, DATA + 3);
    reach([[ALL | NA4, top(DATA + 4)]], DATA + 4, DATA + 7);
  });

  test('NAPOT to 2^(n+3) for n trailing ones', () => {
    for (let bytes = 8; bytes <= 2048; bytes *= 2) reach([[ALL | NAPOT, napot(DATA, bytes)]], DATA, DATA + bytes - 1);
    // The bits that the ones take the place of are not an address: any other address in the range gives the same register.
    expect(napot(DATA, 32)).toBe(top(DATA) | 0b011);
  });

  test('TOR from the address before to below its own; entry 0 from address 0', () => {
    reach(
      [
        [OFF, top(DATA)],
        [ALL | TOR, top(DATA + 0x20)],
      ],
      DATA,
      DATA + 0x1f,
    );
    expect(allows([[ALL | TOR, top(DATA)]], 'load', DATA - 4)).toBe(true);
    expect(allows([[ALL | TOR, top(DATA)]], 'load', DATA)).toBe(false);
  });

  test('TOR takes the address before it whatever mode that entry is in', () => {
    for (const mode of [OFF, NA4, NAPOT, TOR]) {
      const list = [
        [EXECUTE | mode, top(DATA)],
        [READ | TOR, top(DATA + 0x20)],
      ] as const;
      expect(allows(list, 'load', DATA + 0x1c), `mode ${mode}`).toBe(true);
      expect(allows(list, 'load', DATA + 0x20), `mode ${mode}`).toBe(false);
    }
  });

  test('TOR that ends where it begins, or before, matches nothing', () => {
    for (const end of [DATA, DATA - 8, 0]) {
      const list = [
        [OFF, top(DATA)],
        [ALL | TOR, top(end)],
      ] as const;
      for (const address of [DATA - 8, DATA - 4, DATA, DATA + 4]) expect(allows(list, 'load', address)).toBe(false);
    }
  });

  test('an entry that is off matches nothing', () => {
    expect(allows([[ALL, top(DATA)]], 'load', DATA)).toBe(false);
    expect(allows([[ALL, napot(RAM, 16384)]], 'load', DATA)).toBe(false);
  });

  test('the widest ranges reach every address', () => {
    const everything = [
      [NAPOT, 0xffffffff], // 2^35 bytes: more than there are
      [NAPOT, 0x7fffffff], // 2^34 bytes, from 0
      [NAPOT, 0x3fffffff], // 2^33
      [NAPOT, 0x1fffffff], // 2^32
      [TOR, 0xffffffff],
      [TOR, 0x40000000],
    ] as const;
    for (const [mode, address] of everything) {
      for (const place of [RAM + 4, DATA, RAM + 16380]) {
        expect(allows([[ALL | mode, address]], 'load', place)).toBe(true);
        expect(allows([[ALL | mode, address]], 'store', place)).toBe(true);
        expect(allows([[ALL | mode, address]], 'fetch', place)).toBe(true);
        expect(allows([[EXECUTE | mode, address]], 'load', place)).toBe(false);
      }
      // Both ends of the address space: what is refused there is a fault of the map, so look at the permission by a device at a low address.
      const machine = about([[ALL | mode, address]], { instruction: loads.lbu(3, 1, 0), address: 0x10000005 });
      expect(causeOf(machine)).toBeUndefined();
    }
    expect(allows([[ALL | NAPOT, 0x0fffffff]], 'load', DATA)).toBe(false); // the lower half only
    expect(allows([[ALL | NAPOT, 0x2fffffff]], 'load', DATA)).toBe(true); // the upper half
    expect(allows([[ALL | NAPOT, 0x5fffffff]], 'load', DATA)).toBe(false); // 2^32 bytes from 2^32 on
  });

  test('addresses beyond 32 bits are not folded into the 32-bit ones', () => {
    expect(allows([[ALL | NA4, top(DATA) + 2 ** 30]], 'load', DATA)).toBe(false);
    expect(
      allows(
        [
          [OFF, 2 ** 30],
          [ALL | TOR, top(DATA) + 2 ** 30],
        ] as const,
        'load',
        DATA,
      ),
    ).toBe(false);
  });

  test('device registers are protected as memory is', () => {
    const uart = 0x10000005;
    expect(causeOf(about([[ALL | NAPOT, napot(RAM, 16384)]], { instruction: loads.lbu(3, 1, 0), address: uart }))).toBe(CAUSE.loadAccess);
    const both = [
      [ALL | NAPOT, napot(RAM, 16384)],
      [READ | NAPOT, napot(0x10000000, 8)],
    ] as const;
    expect(causeOf(about(both, { instruction: loads.lbu(3, 1, 0), address: uart }))).toBeUndefined();
    expect(causeOf(about(both, { instruction: stores.sb(2, 1, 0), address: 0x10000000 }))).toBe(CAUSE.storeAccess);
  });
});

describe('permissions and priority (sections 3.7.1.2 and 3.7.1.3)', () => {
  test('reads, writes and fetches need R, W and X, each its own', () => {
    for (const permissions of [0, READ, READ | WRITE, EXECUTE, READ | EXECUTE, ALL]) {
      const list = [[permissions | NAPOT, napot(DATA, 64)]] as const;
      expect(allows(list, 'load', DATA), `R of ${permissions}`).toBe((permissions & READ) !== 0);
      expect(allows(list, 'store', DATA), `W of ${permissions}`).toBe((permissions & WRITE) !== 0);
      expect(allows(list, 'fetch', DATA), `X of ${permissions}`).toBe((permissions & EXECUTE) !== 0);
    }
  });

  test('atomics: LR needs R, SC and AMOs need W', () => {
    for (const [permissions, instruction, cause] of [
      [READ, atomics.lr(3, 1, 0), undefined],
      [EXECUTE, atomics.lr(3, 1, 0), CAUSE.loadAccess],
      [READ, atomics.sc(3, 1, 2), CAUSE.storeAccess],
      [READ | WRITE, atomics.sc(3, 1, 2), undefined],
      [READ, atomics.amoadd(3, 1, 2), CAUSE.storeAccess],
      [READ | WRITE, atomics.amoadd(3, 1, 2), undefined],
    ] as const) {
      expect(causeOf(about([[permissions | NAPOT, napot(DATA, 64)], FETCHABLE], { instruction, address: DATA }))).toBe(cause);
    }
  });

  test('a refused access changes nothing, and mtval has its address', () => {
    const stored = about([FETCHABLE], { instruction: stores.sw(2, 1, 0), address: DATA });
    expect(causeOf(stored)).toBe(CAUSE.storeAccess);
    expect([stored.csr(CSR.mtval), stored.csr(CSR.mepc), stored.readRam(DATA, 4)]).toEqual([DATA, RAM, new Uint8Array(4)]);
    const loaded = about([FETCHABLE], { instruction: loads.lw(1, 1, 0), address: DATA });
    expect(causeOf(loaded)).toBe(CAUSE.loadAccess);
    expect([loaded.csr(CSR.mtval), loaded.registers[1]]).toEqual([DATA, DATA]);
    const fetched = about([FETCHABLE], { instruction: addi(1, 0, 1), address: 7, pc: DATA });
    expect(causeOf(fetched)).toBe(CAUSE.instructionAccess);
    expect([fetched.csr(CSR.mtval), fetched.csr(CSR.mepc), fetched.registers[1]]).toEqual([DATA, DATA, 7]);
  });

  test('the entry of the lowest number decides, whether it gives or takes', () => {
    const hole = [
      [NA4, top(DATA + 8)],
      [READ | NAPOT, napot(DATA, 64)],
    ] as const;
    expect([4, 8, 12].map((distance) => allows(hole, 'load', DATA + distance))).toEqual([true, false, true]);
    const island = [
      [READ | NA4, top(DATA + 8)],
      [NAPOT, napot(DATA, 64)],
    ] as const;
    expect([4, 8, 12].map((distance) => allows(island, 'load', DATA + distance))).toEqual([false, true, false]);
    const far = [
      ...Array.from({ length: 13 }, () => [OFF, 0] as const),
      [READ | NA4, top(DATA)] as const,
      [ALL | NAPOT, napot(DATA, 64)] as const,
    ];
    expect([allows(far, 'load', DATA), allows(far, 'store', DATA), allows(far, 'store', DATA + 4)]).toEqual([true, false, true]);
  });

  test('an access that has bytes inside and outside of the deciding entry fails, even where the next entry has them all', () => {
    const edge = [
      [ALL | NAPOT, napot(DATA, 8)],
      [ALL | NAPOT, napot(RAM, 16384)],
    ] as const;
    for (const access of ['load', 'store'] as const) {
      for (const distance of [-3, -2, -1, 5, 6, 7]) expect(allows(edge, access, DATA + distance, 4), `${access} ${distance}`).toBe(false);
      for (const distance of [-4, 1, 2, 3, 4, 8]) expect(allows(edge, access, DATA + distance, 4), `${access} ${distance}`).toBe(true);
      for (const distance of [-1, 7]) expect(allows(edge, access, DATA + distance, 2)).toBe(false);
      for (const distance of [-2, 1, 5, 8]) expect(allows(edge, access, DATA + distance, 2)).toBe(true);
    }
  });

  test('a refused access over an edge writes none of its bytes', () => {
    const machine = about([[ALL | NAPOT, napot(DATA, 8)], FETCHABLE], { instruction: stores.sw(2, 1, 0), address: DATA + 6 });
    expect(causeOf(machine)).toBe(CAUSE.storeAccess);
    expect(machine.readRam(DATA + 4, 8)).toEqual(new Uint8Array(8));
  });

  test('with no entry on, user mode may do nothing', () => {
    expect(causeOf(about([], { instruction: NOP }))).toBe(CAUSE.instructionAccess);
    expect(allows([], 'load', DATA)).toBe(false);
    expect(allows([], 'store', DATA)).toBe(false);
  });
});

describe('machine mode (section 3.7.1.2)', () => {
  test('is not bound by entries that are not locked', () => {
    for (const access of ['load', 'store', 'fetch'] as const) {
      expect(allows([[NAPOT, napot(DATA, 64)]], access, DATA, 4, MACHINE)).toBe(true);
      expect(allows([], access, DATA, 4, MACHINE)).toBe(true);
    }
  });

  test('is bound by a locked one as user mode is, and free elsewhere', () => {
    for (const permissions of [0, READ, READ | WRITE, EXECUTE, READ | EXECUTE, ALL]) {
      const list = [[LOCKED | permissions | NAPOT, napot(DATA, 64)]] as const;
      expect(allows(list, 'load', DATA, 4, MACHINE)).toBe((permissions & READ) !== 0);
      expect(allows(list, 'store', DATA, 4, MACHINE)).toBe((permissions & WRITE) !== 0);
      expect(allows(list, 'fetch', DATA, 4, MACHINE)).toBe((permissions & EXECUTE) !== 0);
      for (const access of ['load', 'store', 'fetch'] as const) expect(allows(list, access, DATA + 64, 4, MACHINE)).toBe(true);
    }
  });

  test('an unlocked entry before a locked one frees machine mode, as the lowest number decides', () => {
    const list = [
      [NA4, top(DATA)],
      [LOCKED | NAPOT, napot(DATA, 64)],
    ] as const;
    expect([allows(list, 'load', DATA, 4, MACHINE), allows(list, 'load', DATA + 4, 4, MACHINE)]).toEqual([true, false]);
    expect([allows(list, 'load', DATA), allows(list, 'load', DATA + 4)]).toEqual([false, false]);
  });

  test('an access over the edge of an entry fails whatever the entry says, also in machine mode', () => {
    for (const configuration of [NAPOT, ALL | NAPOT, LOCKED | ALL | NAPOT]) {
      const list = [[configuration, napot(DATA, 8)]] as const;
      for (const access of ['load', 'store'] as const) {
        for (const distance of [-2, 6]) expect(allows(list, access, DATA + distance, 4, MACHINE), `${configuration}`).toBe(false);
        for (const distance of [-4, 8]) expect(allows(list, access, DATA + distance, 4, MACHINE)).toBe(true);
      }
      expect(allows(list, 'load', DATA + 2, 4, MACHINE)).toBe((configuration & LOCKED) === 0 || (configuration & READ) !== 0);
    }
  });

  test('a lock counts from the next instruction on', () => {
    const code = [li(1, DATA), stores.sw(1, 1, 0), entries([LOCKED | READ | NAPOT, napot(DATA, 64)]), loads.lw(2, 1, 0)].flat();
    const { machine, cause, value } = runToTrap([code, stores.sw(0, 1, 0)].flat());
    expect([cause, value, machine.registers[2]]).toEqual([CAUSE.storeAccess, DATA, DATA]);
  });

  test('a lock without X stops fetches at once', () => {
    const code = entries([LOCKED | READ | NAPOT, napot(RAM, 4096)]);
    const machine = boot(withHandler(code));
    machine.run(3 + code.length);
    expect(machine.pc).toBe(RAM + 4 * (3 + code.length));
    machine.run(machine.position + 50);
    // The handler may not be fetched either: it traps at every attempt.
    expect([machine.pc, machine.csr(CSR.mepc), machine.csr(CSR.mcause)]).toEqual([HANDLER, HANDLER, CAUSE.instructionAccess]);
  });
});

describe('user mode under protection, as a supervisor sets it up', () => {
  test('entries changed between two visits count at once', () => {
    const protection = entries([READ | EXECUTE | NAPOT, napot(RAM, 4096)]);
    const trapped = runToUserTrap([li(1, RAM + 0x10), stores.sw(1, 1, 0)], { protection });
    expect([trapped.cause, trapped.value]).toEqual([CAUSE.storeAccess, RAM + 0x10]);
    const wider = entries([ALL | NAPOT, napot(RAM, 4096)]);
    const machine = bootUser([li(1, RAM + 0x10), stores.sw(1, 1, 0)], { protection: wider });
    machine.run(machine.position + 3);
    expect(machine.readRam(RAM + 0x10, 4)).toEqual(new Uint8Array([0x10, 0, 0, 0x80]));
  });

  test('a jump into what may not be fetched traps there, not at the jump', () => {
    const protection = entries([ALL | NAPOT, napot(RAM, 1024)]);
    const machine = bootUser([li(1, RAM + 0x500), 0x000080e7, NOP], { protection });
    const { pc } = machine;
    machine.run(machine.position + 3);
    expect([machine.pc, machine.registers[1]]).toEqual([RAM + 0x500, pc + 12]);
    machine.run(machine.position + 1);
    expect([machine.csr(CSR.mcause), machine.csr(CSR.mepc)]).toEqual([CAUSE.instructionAccess, RAM + 0x500]);
  });

  test('code that was decoded while it was allowed is refused when it is not', () => {
    // User code runs a loop, traps, and comes back to the same loop without the right to fetch it.
    const handler = [set(CSR.pmpcfg0, READ | NAPOT), csrrw(0, CSR.mepc, 5), 0x30200073].flat();
    const machine = bootUser([0x00000297, addi(6, 6, 1), addi(6, 6, 1), 0x00000073], { handler });
    const { pc } = machine;
    machine.run(machine.position + 4 + handler.length);
    expect([machine.pc, machine.registers[6], machine.hart(0).privilege]).toEqual([pc, 2, USER]);
    machine.run(machine.position + 1);
    expect([machine.pc, machine.csr(CSR.mcause), machine.csr(CSR.mepc)]).toEqual([HANDLER, CAUSE.instructionAccess, pc]);
  });

  test('the debugger of a host reads what it likes: protection is the guest’s affair', () => {
    const machine = bootUser([NOP], { protection: entries([ALL | NAPOT, napot(RAM, 1024)]) });
    expect(machine.readRam(RAM + 0x2000, 4)).toEqual(new Uint8Array(4));
  });
});

/** An access for the model: `instruction` is made with x1 at `address`. */
interface Attempted {
  kind: Access;
  size: number;
  instruction: number;
}

const ATTEMPTED: Attempted[] = [
  { kind: 'load', size: 1, instruction: loads.lb(3, 1, 0) },
  { kind: 'load', size: 2, instruction: loads.lhu(3, 1, 0) },
  { kind: 'load', size: 4, instruction: loads.lw(3, 1, 0) },
  { kind: 'store', size: 1, instruction: stores.sb(2, 1, 0) },
  { kind: 'store', size: 2, instruction: stores.sh(2, 1, 0) },
  { kind: 'store', size: 4, instruction: stores.sw(2, 1, 0) },
  { kind: 'load', size: 4, instruction: atomics.lr(3, 1, 0) },
  { kind: 'store', size: 4, instruction: atomics.amoor(3, 1, 2) },
];
const FETCHED: Attempted = { kind: 'fetch', size: 4, instruction: addi(3, 0, 1) };

/**
 * The manual's sentences, one byte after another: the address is compared with each entry's register in its own way, by masks and not by ranges,
 * the lowest entry that matches any byte must match all, and permissions count for user mode and for locked entries.
 */
function isAllowedByManual(list: Entries, kind: Access, isUser: boolean, address: number, size: number): boolean {
  const matches = (entry: number, byte: number): boolean => {
    const word = BigInt(byte >>> 0) >> 2n;
    const [configuration, value] = list[entry]!;
    const register = BigInt(value >>> 0);
    switch (configuration & 0x18) {
      case TOR:
        return word >= (entry === 0 ? 0n : BigInt(list[entry - 1]![1] >>> 0)) && word < register;
      case NA4:
        return word === register;
      case NAPOT: {
        const ignored = register ^ (register + 1n);
        return ((word ^ register) & ~ignored) === 0n;
      }
      default:
        return false;
    }
  };
  const bytes = Array.from({ length: size }, (_, index) => address + index);
  const decisive = list.findIndex((_, entry) => bytes.some((byte) => matches(entry, byte)));
  if (decisive === -1) return !isUser;
  if (!bytes.every((byte) => matches(decisive, byte))) return false;
  const configuration = list[decisive]![0];
  const bit = { load: READ, store: WRITE, fetch: EXECUTE }[kind];
  return (configuration & bit) !== 0 || (!isUser && (configuration & LOCKED) === 0);
}

describe('against the manual’s sentences', () => {
  /** Addresses near the data and the instruction, so that entries meet accesses; now and then any at all. */
  const near = fc.integer({ min: -6, max: 6 });
  const place = fc.constantFrom(RAM, DATA, DATA + 64, RAM + 4096);
  const addressRegister = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(place, near).map(([base, distance]) => base / 4 + distance) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(place, fc.integer({ min: 0, max: 32 }))
        .map(([base, ones]) => Number(BigInt(base / 4) | (2n ** BigInt(ones) - 1n))),
    },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffffffff }) },
  );
  const configuration = fc
    .tuple(fc.constantFrom(0, READ, READ | WRITE, EXECUTE, READ | EXECUTE, ALL), fc.constantFrom(OFF, TOR, NA4, NAPOT, NAPOT), fc.boolean())
    .map(([permissions, mode, isLocked]) => permissions | mode | (isLocked ? LOCKED : 0));
  /** Half of the lists have no lock at all: then machine mode can be refused only at an edge. */
  const list = fc
    .tuple(fc.array(fc.tuple(configuration, addressRegister), { maxLength: 16 }), fc.constantFrom(0, LOCKED))
    .map(([some, locks]) =>
      Array.from({ length: 16 }, (_, index): [number, number] => {
        const [bits, value] = some[index] ?? [0, 0];
        return [bits & (0x7f | locks), value];
      }),
    );
  const address = fc.tuple(place, fc.integer({ min: -9, max: 9 })).map(([base, distance]) => base + distance);
  const attempts = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...ATTEMPTED) }, { weight: 1, arbitrary: fc.constant(FETCHED) });
  const user = { privilege: USER, mstatus: 0 };
  const machine = { privilege: MACHINE, mstatus: 0 };
  const modes = fc.constantFrom(user, machine, machine, { privilege: MACHINE, mstatus: MPRV });

  test('every access is allowed or refused as they say', () => {
    const found = new Map<string, number>();
    fc.assert(
      fc.property(list, attempts, modes, address, (entriesOn, attempted, { privilege, mstatus }, target) => {
        const isFetch = attempted.kind === 'fetch';
        const isAtomic = (attempted.instruction & 0x7f) === 0x2f;
        const aligned = (isFetch || isAtomic ? target & ~3 : target) >>> 0;
        if (aligned < RAM || (!isFetch && aligned >> 2 === RAM >> 2)) return;
        const pc = isFetch ? aligned : RAM;
        const machine = about(entriesOn, { instruction: attempted.instruction, address: aligned, privilege, mstatus, pc });
        const isUser = privilege === USER;
        const isUserData = isUser || mstatus === MPRV;
        const isFetched = isAllowedByManual(entriesOn, 'fetch', isUser, pc, 4);
        const isAllowed = isFetch || isAllowedByManual(entriesOn, attempted.kind, isUserData, aligned, attempted.size);
        const refused = { load: CAUSE.loadAccess, store: CAUSE.storeAccess, fetch: CAUSE.instructionAccess }[attempted.kind];
        const expected = !isFetched ? CAUSE.instructionAccess : isAllowed ? undefined : refused;
        expect(causeOf(machine)).toBe(expected);
        const kind = `${privilege} ${mstatus} ${attempted.kind} ${expected}`;
        found.set(kind, (found.get(kind) ?? 0) + 1);
      }),
      { numRuns: 6000 },
    );
    // In each mode each kind of access was both made and refused.
    for (const mode of [`${USER} 0`, `${MACHINE} 0`, `${MACHINE} ${MPRV}`]) {
      for (const [kind, cause] of [
        ['load', CAUSE.loadAccess],
        ['store', CAUSE.storeAccess],
        ['fetch', CAUSE.instructionAccess],
      ] as const) {
        expect(found.get(`${mode} ${kind} ${cause}`), `${mode} ${kind} refused`).toBeGreaterThan(0);
        expect(found.get(`${mode} ${kind} undefined`), `${mode} ${kind} allowed`).toBeGreaterThan(0);
      }
    }
  });

  test('after any writes the registers hold what they say', () => {
    const csr = fc.oneof(fc.integer({ min: CSR.pmpaddr0, max: CSR.pmpaddr0 + 15 }), fc.integer({ min: CSR.pmpcfg0, max: CSR.pmpcfg0 + 3 }));
    // Few locks, or nothing could be written after the first.
    const lock = fc.constantFrom(0, 0, 0, 0, 0, 0x80, 0x8000, 0x80000000);
    const value = fc.tuple(fc.integer({ min: 0, max: 0xffffffff }), lock).map(([bits, locks]) => ((bits & 0x7f7f7f7f) | locks) >>> 0);
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(csr, value), { minLength: 1, maxLength: 60 }), (writes) => {
        const model = Array.from({ length: 16 }, (): [number, number] => [0, 0]);
        for (const [number, written] of writes) {
          const before = model.map(([configuration, address]): [number, number] => [configuration, address]);
          const machine = about(model, { instruction: csrrw(0, number, 1), address: written, privilege: MACHINE });
          // An entry that is locked may have taken away the fetch of the very instruction.
          if (isAllowedByManual(before, 'fetch', false, RAM, 4)) writeByManual(model, number, written);
          if (before.every((entry, index) => entry.join() === model[index]!.join())) refused++;
          machine.run(1);
          const { configurations, addresses } = machine.snapshot().core.harts[0]!.pmp;
          expect(configurations.map((byte, index) => [byte, addresses[index]! >>> 0])).toEqual(model);
        }
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(5);
  });
});

/** A write to a register of memory protection by the rules of sections 3.7.1 and 3.7.1.2. */
function writeByManual(model: [configuration: number, address: number][], csr: number, value: number): void {
  const isLocked = (entry: number) => (model[entry]![0] & LOCKED) !== 0;
  if (csr >= CSR.pmpaddr0) {
    const entry = csr - CSR.pmpaddr0;
    const isStart = entry < 15 && isLocked(entry + 1) && (model[entry + 1]![0] & NAPOT) === TOR;
    if (!isLocked(entry) && !isStart) model[entry]![1] = value;
    return;
  }
  for (let byte = 0; byte < 4; byte++) {
    const entry = 4 * (csr - CSR.pmpcfg0) + byte;
    const written = (value >>> (8 * byte)) & 0x9f;
    if (!isLocked(entry)) model[entry]![0] = (written & 3) === WRITE ? written & ~WRITE : written;
  }
}

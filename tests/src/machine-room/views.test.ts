/** Registers, code and memory as they are drawn: which count as changed, what stands where. */
import { describe, expect, test } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { CodeWindow, viewOf, type MachineView } from '../../../src/machine-room/machine-view.ts';
import { memoryRows, memoryStart } from '../../../src/machine-room/memory-rows.ts';
import { changesText, csrRows, registerRows } from '../../../src/machine-room/register-rows.ts';
import { addi, bytesOf, csrrw, jal, RAM, sw } from '../../labs-runtime/emulator/assembler.ts';
import { LOOK } from './fake-page.ts';

const MSCRATCH = 0x340;

/** Adds 5 to a0, stores it above, and puts it into mscratch. */
const CODE = bytesOf([addi(10, 10, 5), sw(10, 11, 0x40), csrrw(0, MSCRATCH, 10), jal(0, 0)]);

function machineAfter(attempts: number, harts = 1): Machine {
  const machine = new Machine({ harts, schedule: () => ({ hart: 0, attempts: 1000 }) });
  machine.load({ segments: [{ offset: 0, bytes: CODE }], entry: RAM, registers: [[11, RAM]] });
  machine.run(attempts);
  return machine;
}

const viewAfter = (attempts: number): MachineView => viewOf(machineAfter(attempts), 65536, LOOK, new CodeWindow());
const changed = (rows: { name: string; isChanged: boolean }[]) => rows.filter(({ isChanged }) => isChanged).map(({ name }) => name);

describe('registers', () => {
  test('are pc and x1 to x31 by their ABI names, in hexadecimal', () => {
    const rows = registerRows(viewAfter(1), undefined);
    expect(rows.map(({ number }) => number)).toEqual(['', ...Array.from({ length: 31 }, (_, index) => `x${index + 1}`)]);
    expect(rows[0]).toEqual({ name: 'pc', number: '', value: '80000004', isChanged: false });
    expect(rows.find(({ name }) => name === 'a0')).toMatchObject({ number: 'x10', value: '00000005' });
    expect(rows.find(({ name }) => name === 'a1')).toMatchObject({ value: '80000000' });
  });

  test('that differ from before are marked, and only those', () => {
    expect(changed(registerRows(viewAfter(1), viewAfter(0)))).toEqual(['pc', 'a0']);
    expect(changed(registerRows(viewAfter(2), viewAfter(1)))).toEqual(['pc']);
    expect(changed(registerRows(viewAfter(0), viewAfter(1)))).toEqual(['pc', 'a0']);
    expect(changed(registerRows(viewAfter(9), viewAfter(8)))).toEqual([]);
    expect(changesText(registerRows(viewAfter(1), viewAfter(0)))).toBe('pc 80000004, a0 00000005');
  });

  test('of another hart are not compared', () => {
    const other = viewOf(machineAfter(1, 2), 65536, { ...LOOK, hart: 1 }, new CodeWindow());
    expect(changed(registerRows(viewAfter(1), other))).toEqual([]);
    expect(changed(csrRows(viewAfter(3), other))).toEqual([]);
  });

  test('of traps are marked in the same way', () => {
    expect(changed(csrRows(viewAfter(3), viewAfter(2)))).toEqual(['mscratch']);
    expect(csrRows(viewAfter(3), undefined).find(({ name }) => name === 'mscratch')).toMatchObject({ value: '00000005', isChanged: false });
  });
});

describe('memory', () => {
  test('is in rows of hexadecimal digits and text', () => {
    const bytes = Uint8Array.from([0x48, 0x69, 0x20, 0x7e, 0x7f, 0x00, 0xff, 0x0a, 0x41]);
    const [first, second, ...more] = memoryRows({ address: 0x80000010, bytes }, undefined, 8);
    expect(more).toEqual([]);
    expect([first!.address, second!.address]).toEqual(['80000010', '80000018']);
    expect(first!.bytes.map(({ hex }) => hex).join(' ')).toBe('48 69 20 7e 7f 00 ff 0a');
    expect(first!.bytes.map(({ text }) => text).join('')).toBe('Hi ~....');
    expect(second!.bytes).toEqual([{ hex: '41', text: 'A', isChanged: false }]);
  });

  test('marks the bytes that differ from before, also where the views begin elsewhere', () => {
    const marks = (after: MachineView['memory'], before: MachineView['memory']) =>
      memoryRows(after, before, 16).flatMap(({ bytes }, row) =>
        bytes.flatMap(({ isChanged }, index) => (isChanged ? [row * 16 + index] : [])),
      );
    expect(marks(viewAfter(2).memory, viewAfter(1).memory)).toEqual([0x40]);
    expect(marks(viewAfter(1).memory, viewAfter(2).memory)).toEqual([0x40]);
    const elsewhere = viewOf(machineAfter(1), 65536, { ...LOOK, memoryAddress: RAM + 0x30, memoryBytes: 32 }, new CodeWindow());
    expect(marks(viewAfter(2).memory, elsewhere.memory)).toEqual([0x40]);
    const apart = viewOf(machineAfter(1), 65536, { ...LOOK, memoryAddress: RAM + 0x1000 }, new CodeWindow());
    expect(marks(viewAfter(2).memory, apart.memory)).toEqual([]);
  });

  test('is shown from whole rows, inside of RAM', () => {
    expect(memoryStart(0x80001234, RAM, 65536, 256, 16)).toBe(0x80001230);
    expect(memoryStart(0, RAM, 65536, 256, 16)).toBe(RAM);
    expect(memoryStart(0xffffffff, RAM, 65536, 256, 16)).toBe(RAM + 65536 - 256);
    expect(memoryStart(RAM + 50, RAM, 65536, 2 ** 20, 16)).toBe(RAM);
  });
});

describe('code', () => {
  test('stands around pc, as assembly', () => {
    const { code, pc } = viewAfter(1);
    expect(code).toHaveLength(LOOK.codeLines - 3); // The window begins before RAM does.
    expect(code[0]).toEqual({ address: RAM, word: addi(10, 10, 5), text: 'addi a0, a0, 5' });
    expect(code.some(({ address }) => address === pc)).toBe(true);
  });

  test('stays in place while pc moves inside the window', () => {
    const window = new CodeWindow();
    const first = window.startFor(0x80001000, 20);
    expect(first).toBe(0x80001000 - 20);
    for (let pc = 0x80001000; pc < first + 4 * 18; pc += 4) expect(window.startFor(pc, 20)).toBe(first);
    expect(window.startFor(first + 4 * 18, 20)).not.toBe(first);
    expect(window.startFor(0x80004000, 20)).toBe(0x80004000 - 20);
  });

  test('is empty where pc is outside of RAM', () => {
    const machine = new Machine();
    machine.load({ segments: [{ offset: 0, bytes: bytesOf([jal(0, -0x1000)]) }], entry: RAM });
    machine.run(1);
    expect(viewOf(machine, 65536, LOOK, new CodeWindow()).code).toEqual([]);
  });
});

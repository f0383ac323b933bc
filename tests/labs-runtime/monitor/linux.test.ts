/** What a kernel finds at boot. A real kernel is not among the tests: it is built elsewhere and tried by hand. */
import { describe, expect, test } from 'vitest';
import { ImageError, RAM_START } from '../../../labs-runtime/emulator/machine.ts';
import { COMMAND_LINE, linuxProgram } from '../../../labs-runtime/monitor/linux.ts';
import { cells, nodeAt, readDeviceTree, text, type ReadNode } from './tree-reader.ts';

const MIB = 2 ** 20;

interface HeaderOptions {
  textOffset: number;
  imageBytes: number;
}

/** A file of 4,096 bytes with the header of a RISC-V kernel image. */
function kernel({ textOffset, imageBytes }: HeaderOptions): Uint8Array {
  const image = new Uint8Array(4096).fill(0x13);
  const view = new DataView(image.buffer);
  view.setBigUint64(8, BigInt(textOffset), true);
  view.setBigUint64(16, BigInt(imageBytes), true);
  image.set(Buffer.from('RISCV\0\0\0RSC\x05', 'latin1'), 0x30);
  return image;
}

const plain = kernel({ textOffset: 0, imageBytes: 3 * MIB });

/** The tree of a program, and where it stands in RAM. */
function treeOf(program: ReturnType<typeof linuxProgram>): { offset: number; root: ReadNode; bytes: number } {
  const segment = program.segments.at(-1)!;
  return { offset: segment.offset, root: readDeviceTree(segment.bytes), bytes: segment.bytes.length };
}

describe('the program', () => {
  test('has the kernel at the start of RAM, where it is entered, and the tree in the last pages, where a1 points', () => {
    const program = linuxProgram(plain);
    expect(program.entry).toBe(RAM_START);
    expect(program.segments[0]).toEqual({ offset: 0, bytes: plain });
    const { offset, bytes } = treeOf(program);
    expect(offset % 4096).toBe(0);
    expect(offset + bytes).toBeLessThanOrEqual(64 * MIB);
    expect(offset).toBeGreaterThan(64 * MIB - 2 * 4096);
    expect(program.registers).toEqual([
      [10, 0],
      [11, RAM_START + offset],
    ]);
  });

  test('a kernel that does not fit is refused with its own count of bytes', () => {
    const message = /needs 3145728 bytes.*has 10444\d\d: give it more/;
    expect(() => linuxProgram(plain, { ramBytes: MIB })).toThrow(ImageError);
    expect(() => linuxProgram(plain, { ramBytes: MIB })).toThrow(message);
    expect(() => linuxProgram(plain, { ramBytes: 4096 })).toThrow(/no room for a kernel/);
    expect(() => linuxProgram(new Uint8Array(MIB + 1), { ramBytes: MIB })).toThrow(/make the image smaller/);
  });

  test('a kernel for supervisor mode is refused with what to build instead', () => {
    expect(() => linuxProgram(kernel({ textOffset: 0x400000, imageBytes: MIB }))).toThrow(/CONFIG_RISCV_M_MODE/);
  });

  test('a kernel without a header, or shorter than one, is taken at its word', () => {
    for (const image of [new Uint8Array(4096).fill(1), Uint8Array.of(0x13, 0, 0, 0)]) {
      expect(linuxProgram(image).segments[0]).toEqual({ offset: 0, bytes: image });
    }
  });
});

describe('the tree', () => {
  const program = linuxProgram(plain, { ramBytes: 32 * MIB });
  const { root, offset } = treeOf(program);

  test('gives the kernel all RAM below itself', () => {
    const { device_type, reg } = nodeAt(root, 'memory@80000000').properties;
    expect(text(device_type!)).toBe('memory');
    expect(cells(reg!)).toEqual([0, RAM_START, 0, offset]);
  });

  test('has the command line, with what was appended', () => {
    expect(text(nodeAt(root, 'chosen').properties.bootargs!)).toBe(COMMAND_LINE);
    const appended = treeOf(linuxProgram(plain, { append: 'quiet init=/bin/sh' })).root;
    expect(text(nodeAt(appended, 'chosen').properties.bootargs!)).toBe(`${COMMAND_LINE} quiet init=/bin/sh`);
    expect(() => linuxProgram(plain, { append: 'ä' })).toThrow(/printable ASCII/);
  });

  test('names a hart that the kernel knows, with a clock of 1 MHz', () => {
    const { properties } = nodeAt(root, 'cpus/cpu@0');
    expect(text(properties.compatible!)).toBe('riscv');
    expect(text(properties['riscv,isa']!)).toBe('rv32ima');
    expect(text(properties['mmu-type']!)).toBe('riscv,none');
    expect(cells(nodeAt(root, 'cpus').properties['timebase-frequency']!)).toEqual([1_000_000]);
  });

  test('has the devices at their addresses in the machine', () => {
    const places = Object.entries(nodeAt(root, 'soc').children).map(([name, { properties }]) => [
      name,
      text(properties.compatible!),
      properties.reg && cells(properties.reg)[1],
    ]);
    expect(places).toEqual([
      ['uart@10000000', 'ns16850', 0x10000000],
      ['clint@11000000', 'sifive,clint0\0riscv,clint0', 0x11000000],
      ['syscon@11100000', 'syscon', 0x11100000],
      ['poweroff', 'syscon-poweroff', undefined],
      ['reboot', 'syscon-reboot', undefined],
    ]);
  });

  test('ends handles where they lead: the clock at the harts, power-off at the syscon', () => {
    const { root: two } = treeOf(linuxProgram(plain, { harts: 2 }));
    const handles = [0, 1].map((hart) => cells(nodeAt(two, `cpus/cpu@${hart}/interrupt-controller`).properties.phandle!)[0]);
    expect(new Set(handles).size).toBe(2);
    const { properties } = nodeAt(two, 'soc/clint@11000000');
    expect(cells(properties['interrupts-extended']!)).toEqual(handles.flatMap((handle) => [handle, 3, handle, 7]));
    const syscon = cells(nodeAt(two, 'soc/syscon@11100000').properties.phandle!);
    for (const [name, value] of [
      ['poweroff', 0x5555],
      ['reboot', 0x7777],
    ] as const) {
      const commands = nodeAt(two, `soc/${name}`).properties;
      expect([cells(commands.regmap!), cells(commands.value!)]).toEqual([syscon, [value]]);
    }
  });
});

/** What the reader types and chooses: positions, addresses, and the options that suit an image. */
import { describe, expect, test } from 'vitest';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { HARTS_MAX, ImageError } from '../../../labs-runtime/emulator/machine.ts';
import {
  DISK_SECTORS,
  HART_COUNTS,
  optionsForGuest,
  optionsForImage,
  RAM_SIZES,
  sameOptions,
} from '../../../src/machine-room/boot-options.ts';
import { setupOf } from '../../../src/machine-room/machine-setup.ts';
import { SECTOR_BYTES } from '../../../labs-runtime/emulator/stop.ts';
import { countText, parseAddress, parsePosition, rateText, sizeText, wordText } from '../../../src/machine-room/numbers.ts';

const MIB = 2 ** 20;
const NO_DISK = new Uint8Array(0);
const elf = (byteCount: number) => Uint8Array.from({ length: byteCount }, (_, index) => [0x7f, 0x45, 0x4c, 0x46][index] ?? 0);

describe('positions as typed', () => {
  test.each([
    ['1000', 1000],
    ['1,000,000', 1_000_000],
    [' 12 500 000 ', 12_500_000],
    ['1_000', 1000],
    ['1e6', 1_000_000],
    ['+500', 1500],
    ['-400', 600],
    ['−400', 600],
    ['-5000', 0],
    ['+1e3', 2000],
  ])('%s', (text, position) => expect(parsePosition(text, 1000)).toBe(position));

  test.each(['', 'x', '1.5', '--5', '1e99', '0x10', '+'])('%j is none', (text) => expect(parsePosition(text, 1000)).toBeUndefined());
});

describe('addresses as typed', () => {
  const at = { pc: 0x80000100, registers: Uint32Array.from({ length: 32 }, (_, index) => 0x80000000 + index) };

  test.each([
    ['80000000', 0x80000000],
    ['0x80000010', 0x80000010],
    ['0X8000_0010', 0x80000010],
    ['pc', 0x80000100],
    ['SP', 0x80000002],
    ['a0', 0x8000000a],
    ['fp', 0x80000008],
    ['10', 0x10],
  ])('%s', (text, address) => expect(parseAddress(text, at)).toBe(address));

  test.each(['', 'g', '123456789', 'x', '-1'])('%j is none', (text) => expect(parseAddress(text, at)).toBeUndefined());
});

test('numbers as they are written', () => {
  expect(countText(12_500_000)).toBe('12,500,000');
  expect([0, 940, 45_678, 1_340_000, 128_456_000].map(rateText)).toEqual(['0', '940', '46,000', '1.3 million', '128 million']);
  expect([512, 65536, 1.5 * MIB].map(sizeText)).toEqual(['512 bytes', '64 KiB', '1.5 MiB']);
  expect([wordText(-1), wordText(0x1f)]).toEqual(['ffffffff', '0000001f']);
});

describe('options', () => {
  test('are those that the machine has', () => {
    expect(HART_COUNTS.at(-1)).toBe(HARTS_MAX);
    expect(SECTOR_BYTES).toBe(512); // virtio 1.2, section 5.2.4: the one constant of machine, monitor and page
  });

  test.each(Object.values(guests))('of the guest $name give it what it needs, of what can be chosen', async (guest) => {
    const options = optionsForGuest(guest);
    expect(options.ramBytes).toBeGreaterThanOrEqual(guest.ramBytes);
    expect(options.diskSectors).toBeGreaterThanOrEqual(guest.diskSectors ?? 0);
    expect(options.harts).toBeLessThanOrEqual(guest.hartsMax ?? 1);
    expect(RAM_SIZES).toContain(options.ramBytes);
    expect(DISK_SECTORS).toContain(options.diskSectors);
    expect(options.isLinux).toBe(false);
    expect(setupOf(guest.name, await guest.load(), options, NO_DISK).program.entry).toBe(0x80000000);
  });

  test('take a large flat image for a kernel, and no other', () => {
    expect(optionsForImage(new Uint8Array(600 * 1024))).toMatchObject({ isLinux: true, ramBytes: 64 * MIB });
    expect(optionsForImage(new Uint8Array(512 * 1024))).toMatchObject({ isLinux: false, ramBytes: 4 * MIB });
    expect(optionsForImage(elf(600 * 1024))).toMatchObject({ isLinux: false });
    expect(optionsForImage(new Uint8Array(100))).toMatchObject({ isLinux: false, ramBytes: MIB });
  });

  test('make a setup, with the disk cut or filled to its size', () => {
    const options = { ...optionsForImage(new Uint8Array(100)), diskSectors: 2, harts: 3, scheduleSeed: 9 };
    const setup = setupOf('zeros', new Uint8Array(100), options, new Uint8Array(700).fill(1));
    expect(setup).toMatchObject({ name: 'zeros', ramBytes: MIB, harts: 3, scheduleSeed: 9 });
    expect([setup.disk.length, setup.disk[699], setup.disk[700]]).toEqual([1024, 1, 0]);
    expect(setupOf('zeros', new Uint8Array(100), { ...options, diskSectors: 1 }, new Uint8Array(700).fill(1)).disk).toHaveLength(512);
  });

  test('for a kernel add a device tree and its address', () => {
    const image = new Uint8Array(600 * 1024);
    const { program } = setupOf('kernel', image, optionsForImage(image), NO_DISK);
    expect(program.segments).toHaveLength(2);
    expect(program.registers!.find(([register]) => register === 11)![1]).toBe(0x80000000 + program.segments[1]!.offset);
  });

  test('for an image that does not fit are refused', () => {
    const image = new Uint8Array(100_000);
    expect(() => setupOf('zeros', image, { ...optionsForImage(image), ramBytes: 65536 }, NO_DISK)).toThrow(ImageError);
  });

  test('are compared one by one', () => {
    const options = optionsForImage(new Uint8Array(1));
    expect(sameOptions(options, { ...options })).toBe(true);
    expect(sameOptions(options, { ...options, scheduleSeed: 2 })).toBe(false);
  });
});

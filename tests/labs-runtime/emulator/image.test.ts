import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Program } from '../../../labs-runtime/emulator/machine.ts';
import { ImageError, Machine } from '../../../labs-runtime/emulator/machine.ts';
import { addi, bytesOf, RAM } from './assembler.ts';

interface SegmentOptions {
  type: number;
  address: number;
  bytes: Uint8Array;
  /** Bytes in memory, if not as many as in the file. */
  memoryBytes?: number;
}

/** A 32-bit RISC-V executable with these segments, from the tables of the ELF specification. */
function elf(segments: Partial<SegmentOptions>[], entry = RAM): Uint8Array {
  const headersBytes = 52 + 32 * segments.length;
  const all = segments.map((segment) => ({ type: 1, address: RAM, bytes: new Uint8Array(), ...segment }));
  const file = new Uint8Array(headersBytes + all.reduce((sum, segment) => sum + segment.bytes.length, 0));
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true); // executable
  view.setUint16(18, 243, true); // RISC-V
  view.setUint32(20, 1, true);
  view.setUint32(24, entry, true);
  view.setUint32(28, 52, true);
  view.setUint16(40, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, segments.length, true);
  let offset = headersBytes;
  all.forEach((segment, index) => {
    const header = 52 + 32 * index;
    const { bytes, memoryBytes = bytes.length } = segment;
    [segment.type, offset, 0xdead0000, segment.address, bytes.length, memoryBytes, 5, 4].forEach((field, place) =>
      view.setUint32(header + 4 * place, field, true),
    );
    file.set(bytes, offset);
    offset += bytes.length;
  });
  return file;
}

const code = bytesOf([addi(1, 0, 7)]);

function changed(image: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = image.slice();
  change(new DataView(copy.buffer));
  return copy;
}

function messageOf(image: Uint8Array, ramBytes = 4096): string {
  try {
    new Machine({ ramBytes }).load(image);
  } catch (error) {
    expect(error).toBeInstanceOf(ImageError);
    return (error as ImageError).message;
  }
  throw new Error('the image was loaded');
}

describe('ELF images', () => {
  test('segments go to their physical addresses, the rest of RAM is zero, and pc is the entry point', () => {
    const machine = new Machine({ ramBytes: 8192 });
    machine.load(
      elf(
        [
          { bytes: code, address: RAM + 0x100 },
          { bytes: new Uint8Array([1, 2, 3]), address: RAM + 0x1ffd },
        ],
        RAM + 0x100,
      ),
    );
    expect(machine.pc).toBe(RAM + 0x100);
    expect(machine.readRam(RAM + 0x1ffc, 4)).toEqual(new Uint8Array([0, 1, 2, 3]));
    machine.run(1);
    expect(machine.registers[1]).toBe(7);
  });

  test('memory past the bytes of the file is zero, also when another image was there before', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(new Uint8Array(4096).fill(0xff));
    machine.load(elf([{ bytes: code, memoryBytes: 64 }]));
    expect(machine.readRam(RAM + 4, 60)).toEqual(new Uint8Array(60));
    expect(machine.readRam(RAM + 64, 60)).toEqual(new Uint8Array(60));
  });

  test('segments of other types, and empty ones, are passed over wherever they lie', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(elf([{ type: 0x70000003, address: 0, bytes: code }, { type: 1, address: 0 }, { bytes: code }]));
    machine.run(1);
    expect(machine.registers[1]).toBe(7);
  });

  test('a view into a larger buffer loads like the bytes it shows', () => {
    const image = elf([{ bytes: code }]);
    const buffer = new Uint8Array(image.length + 13).fill(0xaa);
    buffer.set(image, 7);
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(buffer.subarray(7, 7 + image.length));
    machine.run(1);
    expect(machine.registers[1]).toBe(7);
  });
});

describe('segments', () => {
  test('may fill RAM to its last byte, and lie in any order', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(elf([{ bytes: new Uint8Array([9]), address: RAM + 4095 }, { bytes: code }]));
    expect(machine.readRam(RAM + 4095, 1)).toEqual(new Uint8Array([9]));
    machine.load(elf([{ bytes: code, memoryBytes: 4096 }]));
    machine.run(1);
    expect(machine.registers[1]).toBe(7);
  });

  test('that overlap are written in the order of their headers, as loaders do', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(
      elf([
        { bytes: new Uint8Array(8).fill(1), address: RAM },
        { bytes: new Uint8Array(4).fill(2), address: RAM + 4 },
      ]),
    );
    expect(machine.readRam(RAM, 8)).toEqual(new Uint8Array([1, 1, 1, 1, 2, 2, 2, 2]));
  });
});

describe('any damage to an ELF file', () => {
  const image = elf([{ bytes: code }, { bytes: new Uint8Array(40).fill(5), address: RAM + 0x200, memoryBytes: 0x80 }]);
  const places = fc.array(fc.tuple(fc.nat({ max: image.length - 1 }), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 0xff, 0x80))), {
    minLength: 1,
    maxLength: 6,
  });

  test('is either loaded or refused with an ImageError, and then the machine is as it was', () => {
    let refused = 0;
    fc.assert(
      fc.property(places, fc.nat({ max: image.length }), fc.boolean(), (changes, length, isCut) => {
        const damaged = isCut ? image.slice(0, length) : image.slice();
        for (const [place, byte] of changes) if (place < damaged.length) damaged[place] = byte;
        const machine = new Machine({ ramBytes: 4096 });
        machine.load(code);
        machine.run(1);
        const hash = machine.stateHash();
        try {
          machine.load(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(ImageError);
          expect(machine.stateHash()).toBe(hash);
          refused++;
          return;
        }
        machine.run(100);
        expect(machine.position).toBe(100);
      }),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(refused).toBeLessThan(1000);
  });
});

describe('programs made of parts', () => {
  const program: Program = { segments: [{ offset: 0x100, bytes: code }], entry: RAM + 0x100, registers: [[10, -5]] };

  test('are loaded with their registers, and reset brings them back', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(program);
    for (let round = 0; round < 2; round++) {
      expect([machine.pc, machine.registers[10]]).toEqual([RAM + 0x100, 0xfffffffb]);
      machine.run(1);
      expect(machine.registers[1]).toBe(7);
      machine.reset();
    }
  });

  const refused: [name: string, part: Partial<Program>, message: RegExp][] = [
    [
      'with a segment that ends after RAM',
      { segments: [{ offset: 4093, bytes: code }] },
      /Segment 0 .* 4 bytes at offset 4093, RAM has 4096/,
    ],
    ['with a segment before RAM', { segments: [...program.segments, { offset: -4, bytes: code }] }, /Segment 1 .* offset -4/],
    ['with a segment at no place', { segments: [{ offset: Number.NaN, bytes: code }] }, /offset NaN/],
    ['with an entry point outside RAM', { entry: RAM + 4096 }, /entry point 0x80001000/],
    ['with a misaligned entry point', { entry: RAM + 2 }, /entry point 0x80000002/],
    ['that sets x0', { registers: [[0, 1]] }, /sets x0 at boot/],
    ['that sets a register that is not there', { registers: [[32, 1]] }, /sets x32 at boot/],
  ];
  test.each(refused)('%s are refused, and nothing has changed', (_name, part, message) => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(code);
    machine.run(1);
    const hash = machine.stateHash();
    expect(() => machine.load({ ...program, ...part })).toThrow(ImageError);
    expect(() => machine.load({ ...program, ...part })).toThrow(message);
    expect(machine.stateHash()).toBe(hash);
    machine.reset();
    machine.run(1);
    expect(machine.stateHash()).toBe(hash);
  });
});

describe('images that are refused, with what to do', () => {
  const image = elf([{ bytes: code }]);

  test.each([
    ['cut inside the header', image.slice(0, 51), /truncated.* byte 51/],
    ['cut inside the program headers', image.slice(0, 60), /truncated.* byte 60.*program headers/],
    ['cut inside a segment', image.slice(0, image.length - 1), /truncated.*segment 0 needs 4 bytes from 84/],
    ['of 64 bits', changed(image, (view) => view.setUint8(4, 2)), /not 32-bit.*riscv32/],
    ['big-endian', changed(image, (view) => view.setUint8(5, 2)), /little-endian/],
    ['for another machine', changed(image, (view) => view.setUint16(18, 62, true)), /machine 62, not RISC-V/],
    ['a relocatable object', changed(image, (view) => view.setUint16(16, 1, true)), /not an executable \(type 1/],
    ['with short program headers', changed(image, (view) => view.setUint16(42, 16, true)), /16 bytes each/],
    ['with nothing to load', elf([]), /nothing to load/],
    [
      'with a segment before RAM',
      elf([{ bytes: code, address: RAM - 4 }]),
      /0x7ffffffc to 0x7fffffff, outside RAM at 0x80000000 to 0x80000fff/,
    ],
    ['with a segment after RAM', elf([{ bytes: code, address: RAM + 4096 }]), /outside RAM/],
    ['with a segment that only begins in RAM', elf([{ bytes: code, address: RAM + 4094 }]), /outside RAM/],
    ['with a segment that wraps around', elf([{ bytes: code, address: 0xfffffffc, memoryBytes: 4096 }]), /outside RAM/],
    ['with a segment larger than RAM', elf([{ bytes: code, memoryBytes: 4097 }]), /needs 4097 bytes, RAM has 4096/],
    ['with more bytes in the file than in memory', elf([{ bytes: code, memoryBytes: 2 }]), /more bytes in the file/],
    ['with an entry point outside RAM', elf([{ bytes: code }], RAM - 4), /entry point 0x7ffffffc/],
    ['with a misaligned entry point', elf([{ bytes: code }], RAM + 2), /entry point 0x80000002/],
    ['flat and larger than RAM', new Uint8Array(4097), /4097 bytes, RAM only 4096/],
    ['empty', new Uint8Array(), /empty/],
  ])('%s', (_name, bytes, message) => {
    expect(messageOf(bytes)).toMatch(message);
  });

  test('a refused image leaves the machine as it was', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(code);
    machine.run(1);
    const hash = machine.stateHash();
    expect(() => machine.load(image.slice(0, 60))).toThrow(ImageError);
    expect(machine.stateHash()).toBe(hash);
    machine.reset();
    machine.run(1);
    expect(machine.registers[1]).toBe(7);
  });
});

describe('flat images and reset', () => {
  test('a flat image starts at the start of RAM', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(code);
    expect([machine.pc, machine.position]).toEqual([RAM, 0]);
    machine.run(1);
    expect(machine.registers[1]).toBe(7);
  });

  test('the machine keeps no reference to the bytes it was given', () => {
    const bytes = code.slice();
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(bytes);
    bytes.fill(0);
    machine.reset();
    machine.run(1);
    expect(machine.registers[1]).toBe(7);
  });

  test('a new image replaces one that has run, in every word', () => {
    const machine = new Machine({ ramBytes: 4096 });
    machine.load(bytesOf([addi(1, 0, 1), addi(2, 0, 2)]));
    machine.run(2);
    machine.load(code);
    machine.run(2);
    expect(Array.from(machine.registers.slice(0, 3))).toEqual([0, 7, 0]);
    const twin = new Machine({ ramBytes: 4096 });
    twin.load(code);
    twin.run(2);
    expect(machine.stateHash()).toBe(twin.stateHash());
  });

  test('reset brings back the state after load, whatever happened since', () => {
    const machine = new Machine({ ramBytes: 4096 });
    // sw x1, 0(x1) over its own code, csrw mscratch, then traps without end
    machine.load(bytesOf([0x800000b7, 0x0010a023, 0x34009073, 0x00000073]));
    const fresh = machine.stateHash();
    machine.receive(1);
    machine.interrupt(7);
    machine.provideClock(3n);
    machine.run(500);
    expect(machine.stateHash()).not.toBe(fresh);
    machine.reset();
    expect(machine.stateHash()).toBe(fresh);
    expect([machine.position, machine.pc, machine.registers[1]]).toEqual([0, RAM, 0]);
  });

  test('options that make no machine are refused', () => {
    for (const ramBytes of [0, 4095, 5000, -4096, 4096.5, 2 ** 31, Number.NaN]) expect(() => new Machine({ ramBytes })).toThrow(RangeError);
    expect(new Machine().readRam(RAM, 65536).every((byte) => byte === 0)).toBe(true);
  });
});

/**
 * Boots a Linux kernel: a kernel for RV32 in machine mode without an MMU, of the kind that is built for small emulators. The flat `Image`
 * goes to the start of RAM and a device tree near its end, and a1 points to it, as the kernel's documentation on booting RISC-V asks.
 * The tree names the devices that a kernel can use without an interrupt controller; the machine has none, so virtio devices stay out.
 */
import { RAM_START } from '../emulator/machine.ts';
import { ImageError, readImage, type Program } from '../emulator/image.ts';
import { encodeDeviceTree, type DeviceTreeNode } from './device-tree.ts';

export interface LinuxOptions {
  /** RAM of the machine, at most 1 GiB. */
  ramBytes: number;
  harts: number;
  /** Added to the kernel's command line, after `COMMAND_LINE`. Printable ASCII. */
  append: string;
}

const DEFAULTS: LinuxOptions = { ramBytes: 64 * 2 ** 20, harts: 1, append: '' };

/** Console on the UART, from the kernel's first message on. */
export const COMMAND_LINE = 'earlycon=uart8250,mmio,0x10000000,1000000 console=ttyS0';

/** Ticks of mtime a second. */
export const TICKS_PER_SECOND = 1_000_000;

/** Registers by number: the boot hart's number and the address of the tree. */
const A0 = 10;
const A1 = 11;

const PAGE_BYTES = 4096;

/** Fields of the header that a kernel's Image begins with (Documentation/riscv/boot-image-header). */
const HEADER_BYTES = 64;
const HEADER_TEXT_OFFSET = 8;
const HEADER_IMAGE_BYTES = 16;
const HEADER_MAGIC = 0x38;
const MAGIC = 0x05435352;

/** Handles by which nodes of the tree refer to others; hart n's interrupt controller has the first plus n. */
const SYSCON_HANDLE = 1;
const INTERRUPTS_HANDLE = 2;

/** Interrupt numbers of a hart: software and timer. */
const SOFTWARE = 3;
const TIMER = 7;

/**
 * What to load to boot a kernel: an `Image`, or the ELF file `vmlinux`.
 * Throws an ImageError if it does not fit into RAM beside the tree, or is a kernel for another mode.
 */
export function linuxProgram(image: Uint8Array, options: Partial<LinuxOptions> = {}): Program {
  const { ramBytes, harts, append } = { ...DEFAULTS, ...options };
  const commandLine = append === '' ? COMMAND_LINE : `${COMMAND_LINE} ${append}`;
  // The tree says where itself begins, in a cell of fixed size: its length is known before its place is.
  const treeBytes = encodeDeviceTree(machineTree({ memoryBytes: 0, harts, commandLine })).length;
  const treeOffset = Math.floor((ramBytes - treeBytes) / PAGE_BYTES) * PAGE_BYTES;
  if (treeOffset <= 0) throw new ImageError(`RAM of ${ramBytes} bytes has no room for a kernel beside the device tree: give it more.`);
  const bytes = encodeDeviceTree(machineTree({ memoryBytes: treeOffset, harts, commandLine }));
  checkHeader(image, treeOffset);
  const kernel = readImage(image, treeOffset);
  return {
    entry: kernel.entry,
    segments: [...kernel.segments, { offset: treeOffset, bytes }],
    registers: [
      [A0, 0],
      [A1, RAM_START + treeOffset],
    ],
  };
}

/** A header that is there must tell of a kernel that can run here; kernels without one are taken at their word. */
function checkHeader(image: Uint8Array, memoryBytes: number): void {
  if (image.length < HEADER_BYTES) return;
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (view.getUint32(HEADER_MAGIC, true) !== MAGIC) return;
  if (view.getBigUint64(HEADER_TEXT_OFFSET, true) !== 0n) {
    throw new ImageError(
      'The kernel wants to stand above the start of RAM, so it is one for supervisor mode: build it for machine mode, with CONFIG_RISCV_M_MODE and without CONFIG_MMU.',
    );
  }
  const imageBytes = Number(view.getBigUint64(HEADER_IMAGE_BYTES, true));
  if (imageBytes > memoryBytes) {
    throw new ImageError(`The kernel needs ${imageBytes} bytes with its data, RAM below the device tree has ${memoryBytes}: give it more.`);
  }
}

interface TreeOptions {
  /** RAM that the kernel may use, from its start. */
  memoryBytes: number;
  harts: number;
  commandLine: string;
}

/** Addresses and sizes in the tree have two cells, since the kernel's readers expect that; the upper ones are zero. */
function machineTree({ memoryBytes, harts, commandLine }: TreeOptions): DeviceTreeNode {
  return {
    name: '',
    properties: { '#address-cells': 2, '#size-cells': 2, compatible: 'lockstep,machine', model: 'Lockstep' },
    children: [
      { name: 'chosen', properties: { bootargs: commandLine } },
      { name: `memory@${RAM_START.toString(16)}`, properties: { device_type: 'memory', reg: [0, RAM_START, 0, memoryBytes] } },
      {
        name: 'cpus',
        properties: { '#address-cells': 1, '#size-cells': 0, 'timebase-frequency': TICKS_PER_SECOND },
        children: Array.from({ length: harts }, (_, hart) => hartNode(hart)),
      },
      {
        name: 'soc',
        properties: { '#address-cells': 2, '#size-cells': 2, compatible: 'simple-bus', ranges: true },
        children: devices(harts),
      },
    ],
  };
}

function hartNode(hart: number): DeviceTreeNode {
  return {
    name: `cpu@${hart}`,
    properties: { device_type: 'cpu', reg: hart, status: 'okay', compatible: 'riscv', 'riscv,isa': 'rv32ima', 'mmu-type': 'riscv,none' },
    children: [
      {
        name: 'interrupt-controller',
        properties: {
          '#interrupt-cells': 1,
          'interrupt-controller': true,
          compatible: 'riscv,cpu-intc',
          phandle: INTERRUPTS_HANDLE + hart,
        },
      },
    ],
  };
}

function devices(harts: number): DeviceTreeNode[] {
  const lines = Array.from({ length: harts }, (_, hart) => [INTERRUPTS_HANDLE + hart, SOFTWARE, INTERRUPTS_HANDLE + hart, TIMER]);
  return [
    {
      name: 'uart@10000000',
      // Without an interrupt the driver polls. The clock's frequency only has to be there: nothing here has a speed.
      properties: { compatible: 'ns16850', reg: [0, 0x10000000, 0, 0x100], 'clock-frequency': 0x1000000 },
    },
    {
      name: 'clint@11000000',
      properties: { compatible: ['sifive,clint0', 'riscv,clint0'], reg: [0, 0x11000000, 0, 0x10000], 'interrupts-extended': lines.flat() },
    },
    { name: 'syscon@11100000', properties: { compatible: 'syscon', reg: [0, 0x11100000, 0, 0x1000], phandle: SYSCON_HANDLE } },
    { name: 'poweroff', properties: { compatible: 'syscon-poweroff', regmap: SYSCON_HANDLE, offset: 0, value: 0x5555 } },
    { name: 'reboot', properties: { compatible: 'syscon-reboot', regmap: SYSCON_HANDLE, offset: 0, value: 0x7777 } },
  ];
}

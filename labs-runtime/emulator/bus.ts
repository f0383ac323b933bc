/**
 * The physical address map: RAM and the devices. Only accesses that the interpreter's fast path cannot finish come through here:
 * device registers, misaligned accesses to RAM (which are supported, see `load`), and addresses where nothing is.
 */
import type { ClintState } from './devices/clint/clint.ts';
import { Clint } from './devices/clint/clint.ts';
import type { Device, Loaded, Stored } from './devices/device.ts';
import type { Power } from './devices/syscon/syscon.ts';
import { Syscon } from './devices/syscon/syscon.ts';
import type { UartState } from './devices/uart/uart.ts';
import { Uart } from './devices/uart/uart.ts';
import type { VirtioBlockState } from './devices/virtio-block/virtio-block.ts';
import { VirtioBlock } from './devices/virtio-block/virtio-block.ts';
import type { VirtioEntropyState } from './devices/virtio-entropy/virtio-entropy.ts';
import { VirtioEntropy } from './devices/virtio-entropy/virtio-entropy.ts';
import type { VirtioNetState } from './devices/virtio-net/virtio-net.ts';
import { VirtioNet } from './devices/virtio-net/virtio-net.ts';
import { Ram, RAM_START } from './ram.ts';

/** Interrupt bits of mip and mie: machine software, timer and external. */
export const INTERRUPT_SOFTWARE = 1 << 3;
export const INTERRUPT_TIMER = 1 << 7;
export const INTERRUPT_EXTERNAL = 1 << 11;
export const INTERRUPTS = INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL;

/** What the machine is built of. */
export interface BusOptions {
  ramBytes: number;
  harts: number;
  /** Size of the disk in sectors of 512 bytes; zero for none. */
  diskSectors: number;
}

/** The state of all devices as plain data; the order of the properties is the order in which they are hashed. */
export interface DevicesState {
  clint: ClintState;
  uart: UartState;
  net: VirtioNetState;
  block: VirtioBlockState;
  entropy: VirtioEntropyState;
  power: Power;
}

export class Bus {
  readonly ram: Ram;
  readonly clint: Clint;
  readonly uart = new Uart();
  readonly syscon = new Syscon();
  readonly net: VirtioNet;
  readonly block: VirtioBlock;
  readonly entropy: VirtioEntropy;
  readonly #devices: readonly Device[];

  constructor({ ramBytes, harts, diskSectors }: BusOptions) {
    this.ram = new Ram(ramBytes, harts);
    this.clint = new Clint(harts);
    this.net = new VirtioNet(this.ram);
    this.block = new VirtioBlock(this.ram, diskSectors);
    this.entropy = new VirtioEntropy(this.ram);
    this.#devices = [this.uart, this.clint, this.syscon, this.net, this.block, this.entropy];
  }

  /** Brings every device back to its state after power-on. */
  resetDevices(): void {
    this.clint.reset();
    this.uart.reset();
    this.net.reset();
    this.block.reset();
    this.entropy.reset();
    this.syscon.power = 'on';
  }

  /** State of the devices at a position. */
  saveDevices(position: number): DevicesState {
    return {
      clint: this.clint.save(position),
      uart: this.uart.save(),
      net: this.net.save(),
      block: this.block.save(),
      entropy: this.entropy.save(),
      power: this.syscon.power,
    };
  }

  /** Throws a RangeError unless the state is that of a machine with as many harts and as large a disk. */
  checkBuild({ clint, block }: DevicesState): void {
    const [harts, { sectors }] = [this.clint.harts.length, this.block];
    if (clint.harts.length !== harts) throw new RangeError(`The snapshot has ${clint.harts.length} harts, this machine ${harts}.`);
    if (block.sectors !== sectors) throw new RangeError(`The snapshot has a disk of ${block.sectors} sectors, this machine ${sectors}.`);
  }

  /** Precondition: the state has passed `checkBuild`. */
  restoreDevices(state: DevicesState): void {
    this.clint.restore(state.clint);
    this.uart.restore(state.uart);
    this.net.restore(state.net);
    this.block.restore(state.block);
    this.entropy.restore(state.entropy);
    this.syscon.power = state.power;
  }

  /**
   * mip of a hart: bits follow the devices' lines, none can be written through the CSR. There is no interrupt controller: all devices but
   * the CLINT share the external line of hart 0, which is up while any of theirs is, and the handler asks each. Only the bits in `among`.
   */
  pendingInterrupts(hart: number, among = INTERRUPTS): number {
    const { softwarePending, timerPending } = this.clint.harts[hart]!;
    const isExternal = (among & INTERRUPT_EXTERNAL) !== 0 && hart === 0 && this.#isExternalPending;
    const pending =
      (softwarePending ? INTERRUPT_SOFTWARE : 0) | (timerPending ? INTERRUPT_TIMER : 0) | (isExternal ? INTERRUPT_EXTERNAL : 0);
    return pending & among;
  }

  /** Offset in RAM of `size` bytes at a physical address, or -1 if they are not all inside. */
  ramOffset(address: number, size: number): number {
    const offset = (address >>> 0) - RAM_START;
    return offset >= 0 && offset + size <= this.ram.sizeBytes ? offset : -1;
  }

  /** Loads `size` bytes, zero-extended. RAM may be accessed at any alignment; a device only at multiples of the size. */
  load(address: number, size: number, position: number): Loaded {
    const offset = this.ramOffset(address, size);
    if (offset >= 0) return this.ram.load(offset, size);
    const device = this.#deviceAt(address, size);
    return device === undefined ? 'access-fault' : device.load((address >>> 0) - device.start, size, position);
  }

  /** Stores the low `size` bytes of `value`, under the same rules as `load`. */
  store(address: number, size: number, value: number): Stored {
    const offset = this.ramOffset(address, size);
    if (offset >= 0) {
      this.ram.store(offset, size, value);
      return 'stored';
    }
    const device = this.#deviceAt(address, size);
    return device === undefined ? 'access-fault' : device.store((address >>> 0) - device.start, size, value);
  }

  get #isExternalPending(): boolean {
    return this.uart.interruptPending || this.net.interruptPending || this.block.interruptPending || this.entropy.interruptPending;
  }

  #deviceAt(address: number, size: number): Device | undefined {
    const unsigned = address >>> 0;
    if (unsigned % size !== 0) return undefined;
    for (const device of this.#devices) {
      if (unsigned >= device.start && unsigned + size <= device.start + device.sizeBytes) return device;
    }
    return undefined;
  }
}

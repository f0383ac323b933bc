/**
 * The physical address map: RAM and the devices. Only accesses that the interpreter's fast path cannot finish come through here:
 * device registers, misaligned accesses to RAM (which are supported, see `load`), and addresses where nothing is.
 */
import { Clint } from './devices/clint.ts';
import type { Device, Loaded, Stored } from './devices/device.ts';
import { Syscon } from './devices/syscon.ts';
import { Uart } from './devices/uart.ts';
import { VirtioNet } from './devices/virtio-net/virtio-net.ts';
import { Ram, RAM_START } from './ram.ts';

/** Interrupt bits of mip and mie: machine software, timer and external. */
export const INTERRUPT_SOFTWARE = 1 << 3;
export const INTERRUPT_TIMER = 1 << 7;
export const INTERRUPT_EXTERNAL = 1 << 11;

export class Bus {
  readonly ram: Ram;
  readonly clint = new Clint();
  readonly uart = new Uart();
  readonly syscon = new Syscon();
  readonly net: VirtioNet;
  readonly #devices: readonly Device[];

  constructor(ramBytes: number) {
    this.ram = new Ram(ramBytes);
    this.net = new VirtioNet(this.ram);
    this.#devices = [this.uart, this.clint, this.syscon, this.net];
  }

  /** Brings every device back to its state after power-on. */
  resetDevices(): void {
    this.clint.reset();
    this.uart.reset();
    this.net.reset();
    this.syscon.power = 'on';
  }

  /**
   * mip: bits follow the devices' lines, none can be written through the CSR. There is no interrupt controller: UART and network device
   * share the external line, which is up while either of theirs is, and the handler asks both.
   */
  get pendingInterrupts(): number {
    return (
      (this.clint.softwarePending ? INTERRUPT_SOFTWARE : 0) |
      (this.clint.timerPending ? INTERRUPT_TIMER : 0) |
      (this.uart.interruptPending || this.net.interruptPending ? INTERRUPT_EXTERNAL : 0)
    );
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

  #deviceAt(address: number, size: number): Device | undefined {
    const unsigned = address >>> 0;
    if (unsigned % size !== 0) return undefined;
    return this.#devices.find((device) => unsigned >= device.start && unsigned + size <= device.start + device.sizeBytes);
  }
}

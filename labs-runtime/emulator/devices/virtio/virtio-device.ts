/**
 * What all virtio devices share: the range of addresses with registers and configuration, and the way from a store to QueueNotify to the
 * queue it names. A device touches memory only where a run can be repeated exactly: while the guest's own store retires, and when the
 * caller hands something in between two attempts. Virtio 1.2, chapters 2 and 4.2; VMware FT, section 3.5.
 */
import type { Ram } from '../../ram.ts';
import type { Device, Loaded, Stored } from '../device.ts';
import type { DeviceKind } from './registers.ts';
import { QUEUE_NOTIFY, Registers } from './registers.ts';
import type { QueueState } from './virtqueue.ts';
import { returnBuffer, wantsInterrupt } from './virtqueue.ts';

const CONFIGURATION = 0x100;

export interface VirtioDeviceOptions extends DeviceKind {
  /** Physical address of the first register. */
  start: number;
  ram: Ram;
  /** The bytes that the driver reads behind the registers; after them come zeros. They never change, so their generation is always zero. */
  configuration: Uint8Array;
}

export abstract class VirtioDevice implements Device {
  readonly start: number;
  readonly sizeBytes = 0x200;
  protected readonly ram: Ram;
  protected readonly registers: Registers;
  readonly #configuration: Uint8Array;

  constructor({ start, ram, configuration, ...kind }: VirtioDeviceOptions) {
    this.start = start;
    this.ram = ram;
    this.registers = new Registers(kind);
    this.#configuration = configuration;
  }

  /** Level of the interrupt line, wired to mip.MEIP. */
  get interruptPending(): boolean {
    return this.registers.interruptPending;
  }

  /** Registers are words; the configuration behind them may be read in any size. */
  load(offset: number, size: number): Loaded {
    if (offset >= CONFIGURATION) return this.#loadConfiguration(offset - CONFIGURATION, size);
    return size === 4 ? this.registers.load(offset) : 'access-fault';
  }

  /** The configuration is read-only. */
  store(offset: number, size: number, value: number): Stored {
    if (offset >= CONFIGURATION) return 'stored';
    if (size !== 4) return 'access-fault';
    if (offset === QUEUE_NOTIFY) return this.#notify(value >>> 0);
    this.registers.store(offset, value);
    return 'stored';
  }

  /** Brings the device back to its state after power-on. */
  reset(): void {
    this.registers.reset();
  }

  /** The driver says that it has offered buffers in the queue with that number. Only called while the device is live. */
  protected abstract notified(queue: QueueState, number: number): Stored;

  /** Gives a buffer that was taken back to the driver, with an interrupt if it wants one. */
  protected returnBuffer(queue: QueueState, head: number, written: number): void {
    returnBuffer(this.ram, queue, head, written);
    if (wantsInterrupt(this.ram, queue)) this.registers.raiseUsedBuffer();
  }

  /** A driver that is not up yet, or that has been told to reset, is not listened to. */
  #notify(number: number): Stored {
    if (!this.registers.isLive) return 'stored';
    const queue = this.registers.editQueue(number);
    if (queue !== undefined) return this.notified(queue, number);
    this.registers.fail();
    return 'stored';
  }

  #loadConfiguration(offset: number, size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value |= (this.#configuration[offset + index] ?? 0) << (8 * index);
    return value;
  }
}

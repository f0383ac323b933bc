/**
 * The network device: Ethernet frames between the guest's memory and whoever runs the machine. It touches memory only where a run can be
 * repeated exactly: while the guest's store to QueueNotify retires, and when the caller hands in a frame between two attempts. Nothing
 * happens beside the guest, which is why no bounce buffers are needed (VMware FT, section 3.5). Virtio 1.2, section 5.1.
 */
import type { Ram } from '../../ram.ts';
import type { Device, Loaded, Stored } from '../device.ts';
import type { RegistersState } from './registers.ts';
import { QUEUE_NOTIFY, Registers } from './registers.ts';
import type { Buffer } from './virtqueue.ts';
import { peekBuffer, QUEUE_SIZE_MAX, readBuffer, returnBuffer, wantsInterrupt, writeBuffer } from './virtqueue.ts';

/** The address that the device tells its driver. Both machines of a pair have it: they are one machine to the network. */
export const NETWORK_ADDRESS: readonly number[] = [0x52, 0x54, 0x00, 0x4c, 0x53, 0x01];

/** The longest frame, in bytes, either way. */
export const FRAME_BYTES_MAX = 1526;

const RECEIVE_QUEUE = 0;
const TRANSMIT_QUEUE = 1;
const QUEUES = 2;

/** struct virtio_net_hdr, which stands before each frame in memory (section 5.1.6). */
const HEADER_BYTES = 12;
/** Its field num_buffers, the only one that is not zero without offloads. */
const HEADER_BUFFER_COUNT = 10;

const CONFIGURATION = 0x100;

export type VirtioNetState = RegistersState;

export class VirtioNet implements Device {
  readonly start = 0x10001000;
  readonly sizeBytes = 0x200;
  readonly #ram: Ram;
  readonly #registers = new Registers(QUEUES);

  constructor(ram: Ram) {
    this.#ram = ram;
  }

  /** Level of the interrupt line, wired to mip.MEIP. */
  get interruptPending(): boolean {
    return this.#registers.interruptPending;
  }

  /** Registers are words; the configuration behind them may be read in any size, and is zero past the address. */
  load(offset: number, size: number): Loaded {
    if (offset >= CONFIGURATION) return this.#loadConfiguration(offset - CONFIGURATION, size);
    return size === 4 ? this.#registers.load(offset) : 'access-fault';
  }

  /** The configuration is read-only. */
  store(offset: number, size: number, value: number): Stored {
    if (offset >= CONFIGURATION) return 'stored';
    if (size !== 4) return 'access-fault';
    if (offset === QUEUE_NOTIFY) return this.#notified(value >>> 0);
    this.#registers.store(offset, value);
    return 'stored';
  }

  /** Whether `receive` would take a frame of that length: the driver is up, and the next buffer it offers is large enough. */
  canReceive(frameBytes: number): boolean {
    return this.#bufferFor(frameBytes) !== undefined;
  }

  /** Puts a frame into the next receive buffer and raises the interrupt. False, and nothing has changed, if `canReceive` says so. */
  receive(frame: Uint8Array): boolean {
    const buffer = this.#bufferFor(frame.length);
    if (buffer === undefined) return false;
    const queue = this.#registers.queues[RECEIVE_QUEUE]!;
    const bytes = new Uint8Array(HEADER_BYTES + frame.length);
    bytes[HEADER_BUFFER_COUNT] = 1;
    bytes.set(frame, HEADER_BYTES);
    writeBuffer(this.#ram, buffer, bytes);
    returnBuffer(this.#ram, queue, buffer, bytes.length);
    if (wantsInterrupt(this.#ram, queue)) this.#registers.raiseUsedBuffer();
    return true;
  }

  save(): VirtioNetState {
    return this.#registers.save();
  }

  restore(state: VirtioNetState): void {
    this.#registers.restore(state);
  }

  reset(): void {
    this.#registers.reset();
  }

  #loadConfiguration(offset: number, size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value |= (NETWORK_ADDRESS[offset + index] ?? 0) << (8 * index);
    return value;
  }

  /** A driver that is not up yet, or that has been told to reset, is not listened to. */
  #notified(queue: number): Stored {
    if (!this.#registers.isLive) return 'stored';
    if (queue === TRANSMIT_QUEUE) return this.#transmit();
    if (queue === RECEIVE_QUEUE) return this.#checkReceiveBuffers();
    this.#registers.fail();
    return 'stored';
  }

  #bufferFor(frameBytes: number): Buffer | undefined {
    if (!this.#registers.isLive || frameBytes > FRAME_BYTES_MAX) return undefined;
    const buffer = peekBuffer(this.#ram, this.#registers.queues[RECEIVE_QUEUE]!, 'write');
    return typeof buffer === 'object' && buffer.byteCount >= HEADER_BYTES + frameBytes ? buffer : undefined;
  }

  /** Takes every frame that is offered; where the driver breaks a rule the frames before are still sent. */
  #transmit(): Stored {
    const queue = this.#registers.queues[TRANSMIT_QUEUE]!;
    const frames: Uint8Array[] = [];
    // No more than a full ring: so the end does not hang on what returning a buffer writes, be it over the available ring.
    while (frames.length < QUEUE_SIZE_MAX) {
      const buffer = peekBuffer(this.#ram, queue, 'read');
      if (buffer === 'none') break;
      if (buffer === 'broken' || buffer.byteCount <= HEADER_BYTES || buffer.byteCount > HEADER_BYTES + FRAME_BYTES_MAX) {
        this.#registers.fail();
        break;
      }
      frames.push(readBuffer(this.#ram, buffer).slice(HEADER_BYTES));
      returnBuffer(this.#ram, queue, buffer, 0);
    }
    if (frames.length === 0) return 'stored';
    if (wantsInterrupt(this.#ram, queue)) this.#registers.raiseUsedBuffer();
    return { reason: 'transmit', frames };
  }

  /** Only here is a broken receive queue found out: later a frame finds no room in it, and that must change nothing. */
  #checkReceiveBuffers(): Stored {
    const queue = this.#registers.queues[RECEIVE_QUEUE]!;
    for (let ahead = 0; ; ahead++) {
      const buffer = peekBuffer(this.#ram, queue, 'write', ahead);
      if (buffer === 'none') return ahead === 0 ? 'stored' : { reason: 'receive-buffers' };
      if (buffer === 'broken' || buffer.byteCount <= HEADER_BYTES) {
        this.#registers.fail();
        return 'stored';
      }
    }
  }
}

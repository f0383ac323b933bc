/**
 * The network device: Ethernet frames between the guest's memory and whoever runs the machine. Nothing happens beside the guest, which is
 * why no bounce buffers are needed (VMware FT, section 3.5). Virtio 1.2, section 5.1.
 */
import type { Ram } from '../../ram.ts';
import type { Stored } from '../device.ts';
import { byteCountOf, readParts, writeParts } from '../virtio/parts.ts';
import type { RegistersState } from '../virtio/registers.ts';
import { VirtioDevice } from '../virtio/virtio-device.ts';
import type { Buffer, QueueState } from '../virtio/virtqueue.ts';
import { peekBuffer, QUEUE_SIZE_MAX, takeBuffer } from '../virtio/virtqueue.ts';

/** The address that the device tells its driver. Both machines of a pair have it: they are one machine to the network. */
export const NETWORK_ADDRESS: readonly number[] = [0x52, 0x54, 0x00, 0x4c, 0x53, 0x01];

/** The longest frame, in bytes, either way. */
export const FRAME_BYTES_MAX = 1526;

const NETWORK_DEVICE = 1;
/** VIRTIO_NET_F_MAC: the configuration holds the address. */
const FEATURE_ADDRESS = 1 << 5;

const RECEIVE_QUEUE = 0;
const QUEUES = 2; // the other one is for sending

/** struct virtio_net_hdr, which stands before each frame in memory (section 5.1.6). */
const HEADER_BYTES = 12;
/** Its field num_buffers, the only one that is not zero without offloads. */
const HEADER_BUFFER_COUNT = 10;

export type VirtioNetState = RegistersState;

export class VirtioNet extends VirtioDevice {
  constructor(ram: Ram) {
    super({
      start: 0x10001000,
      ram,
      id: NETWORK_DEVICE,
      features: FEATURE_ADDRESS,
      queueCount: QUEUES,
      configuration: Uint8Array.from(NETWORK_ADDRESS),
    });
  }

  /** Whether `receive` would take a frame of that length: the driver is up, and the next buffer it offers is large enough. */
  canReceive(frameBytes: number): boolean {
    return this.#bufferFor(frameBytes) !== undefined;
  }

  /** Puts a frame into the next receive buffer and raises the interrupt. False, and nothing has changed, if `canReceive` says so. */
  receive(frame: Uint8Array): boolean {
    const buffer = this.#bufferFor(frame.length);
    if (buffer === undefined) return false;
    const queue = this.registers.editQueue(RECEIVE_QUEUE)!;
    const bytes = new Uint8Array(HEADER_BYTES + frame.length);
    bytes[HEADER_BUFFER_COUNT] = 1;
    bytes.set(frame, HEADER_BYTES);
    takeBuffer(queue);
    writeParts(this.ram, buffer.writable, bytes);
    this.returnBuffer(queue, buffer.head, bytes.length);
    return true;
  }

  save(): VirtioNetState {
    return this.registers.save();
  }

  restore(state: VirtioNetState): void {
    this.registers.restore(state);
  }

  protected notified(queue: QueueState, number: number): Stored {
    return number === RECEIVE_QUEUE ? this.#checkReceiveBuffers(queue) : this.#transmit(queue);
  }

  #bufferFor(frameBytes: number): Buffer | undefined {
    if (!this.registers.isLive || frameBytes > FRAME_BYTES_MAX) return undefined;
    const buffer = peekBuffer(this.ram, this.registers.queues[RECEIVE_QUEUE]!);
    if (typeof buffer !== 'object' || !isForReceiving(buffer)) return undefined;
    return byteCountOf(buffer.writable) >= HEADER_BYTES + frameBytes ? buffer : undefined;
  }

  /** Takes every frame that is offered; where the driver breaks a rule the frames before are still sent. */
  #transmit(queue: QueueState): Stored {
    const frames: Uint8Array[] = [];
    // No more than a full ring: so the end does not hang on what returning a buffer writes, be it over the available ring.
    while (frames.length < QUEUE_SIZE_MAX) {
      const buffer = peekBuffer(this.ram, queue);
      if (buffer === 'none') break;
      if (buffer === 'broken' || !isForSending(buffer)) {
        this.registers.fail();
        break;
      }
      takeBuffer(queue);
      frames.push(readParts(this.ram, buffer.readable).slice(HEADER_BYTES));
      this.returnBuffer(queue, buffer.head, 0);
    }
    return frames.length === 0 ? 'stored' : { reason: 'transmit', frames };
  }

  /** Only here is a broken receive queue found out: later a frame finds no room in it, and that must change nothing. */
  #checkReceiveBuffers(queue: QueueState): Stored {
    for (let ahead = 0; ; ahead++) {
      const buffer = peekBuffer(this.ram, queue, ahead);
      if (buffer === 'none') return ahead === 0 ? 'stored' : { reason: 'receive-buffers' };
      if (buffer === 'broken' || !isForReceiving(buffer)) {
        this.registers.fail();
        return 'stored';
      }
    }
  }
}

/** A buffer to receive into is for the device to write, and has room for more than the header. */
function isForReceiving({ readable, writable }: Buffer): boolean {
  return readable.length === 0 && byteCountOf(writable) > HEADER_BYTES;
}

/** A buffer to send from is for the device to read, and has a frame behind the header that is not too long. */
function isForSending({ readable, writable }: Buffer): boolean {
  const byteCount = byteCountOf(readable);
  return writable.length === 0 && byteCount > HEADER_BYTES && byteCount <= HEADER_BYTES + FRAME_BYTES_MAX;
}

/**
 * The entropy device: the driver offers buffers, and whoever runs the machine fills them with random bytes. What it fills in is an input
 * like any other, and has to be logged: a second run that drew its own would diverge. Virtio 1.2, section 5.4.
 */
import type { Ram } from '../../ram.ts';
import type { Stored } from '../device.ts';
import { byteCountOf, writeParts } from '../virtio/parts.ts';
import type { RegistersState } from '../virtio/registers.ts';
import { VirtioDevice } from '../virtio/virtio-device.ts';
import type { Buffer, QueueState } from '../virtio/virtqueue.ts';
import { peekBuffer, takeBuffer } from '../virtio/virtqueue.ts';

/** The most bytes that are filled into one buffer, so that a log entry has a bound: a device may use less than the whole (section 5.4.6.2). */
export const ENTROPY_BYTES_MAX = 256;

const ENTROPY_DEVICE = 4;

export type VirtioEntropyState = RegistersState;

export class VirtioEntropy extends VirtioDevice {
  constructor(ram: Ram) {
    super({ start: 0x10003000, ram, id: ENTROPY_DEVICE, features: 0, queueCount: 1, configuration: new Uint8Array(0) });
  }

  /** How many bytes the next buffer takes, at most ENTROPY_BYTES_MAX; zero if the driver is not up or offers none. */
  get wanted(): number {
    const buffer = this.#nextBuffer();
    return buffer === undefined ? 0 : wantedBy(buffer);
  }

  /** Fills the next buffer and raises the interrupt. False, and nothing has changed, unless it takes that many bytes and there is at least one. */
  provide(bytes: Uint8Array): boolean {
    const buffer = this.#nextBuffer();
    if (buffer === undefined || bytes.length === 0 || bytes.length > wantedBy(buffer)) return false;
    const queue = this.registers.editQueue(0)!;
    takeBuffer(queue);
    writeParts(this.ram, buffer.writable, bytes);
    this.returnBuffer(queue, buffer.head, bytes.length);
    return true;
  }

  save(): VirtioEntropyState {
    return this.registers.save();
  }

  restore(state: VirtioEntropyState): void {
    this.registers.restore(state);
  }

  /** Only here is a broken queue found out: later it just offers nothing, since looking at it must change nothing. */
  protected notified(queue: QueueState): Stored {
    for (let ahead = 0; ; ahead++) {
      const buffer = peekBuffer(this.ram, queue, ahead);
      if (buffer === 'none') break;
      if (buffer === 'broken' || !isForFilling(buffer)) {
        this.registers.fail();
        break;
      }
    }
    const byteCount = this.wanted;
    return byteCount === 0 ? 'stored' : { reason: 'entropy', byteCount };
  }

  #nextBuffer(): Buffer | undefined {
    if (!this.registers.isLive) return undefined;
    const buffer = peekBuffer(this.ram, this.registers.queues[0]!);
    return typeof buffer === 'object' && isForFilling(buffer) ? buffer : undefined;
  }
}

function wantedBy(buffer: Buffer): number {
  return Math.min(byteCountOf(buffer.writable), ENTROPY_BYTES_MAX);
}

/** The driver must offer nothing that the device could read (section 5.4.6.1), and the device must fill in at least one byte. */
function isForFilling({ readable, writable }: Buffer): boolean {
  return readable.length === 0 && byteCountOf(writable) > 0;
}

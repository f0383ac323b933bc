/**
 * The block device: reads, writes and flushes between the guest's memory and a disk that is not in the machine. Each request is handed out
 * as it is notified and waits here until whoever runs the machine has done it, be it another machine that has taken over: several may be
 * pending, and they complete in any order. Virtio 1.2, section 5.2; VMware FT, sections 3.4 and 3.5.
 */
import type { Ram } from '../../ram.ts';
import type { DiskRequest } from '../../stop.ts';
import { SECTOR_BYTES } from '../../stop.ts';
import type { Stored } from '../device.ts';
import type { Part } from '../virtio/parts.ts';
import { byteCountOf, readParts, sliceParts, writeParts } from '../virtio/parts.ts';
import type { DeviceKind, RegistersState } from '../virtio/registers.ts';
import { VirtioDevice } from '../virtio/virtio-device.ts';
import type { QueueState } from '../virtio/virtqueue.ts';
import { peekBuffer, QUEUE_SIZE_MAX, takeBuffer } from '../virtio/virtqueue.ts';
import type { Request } from './request.ts';
import { readRequest, STATUS, TYPE } from './request.ts';

/** The most data of one request, in bytes: so an entry of the log that holds what was read has a bound. */
export const DISK_REQUEST_BYTES_MAX = 32768;

/** The largest disk, in sectors of 512 bytes. */
export const DISK_SECTORS_MAX = 2 ** 32;

/** What a driver that keeps to the configuration's limits can send at most is one request of DISK_REQUEST_BYTES_MAX. */
const SEGMENT_BYTES_MAX = 4096;
const SEGMENTS_MAX = DISK_REQUEST_BYTES_MAX / SEGMENT_BYTES_MAX;

const BLOCK_DEVICE = 2;

/** VIRTIO_BLK_F_SIZE_MAX, SEG_MAX and BLK_SIZE, each with a field of the configuration, and FLUSH. */
const FEATURE_SEGMENT_BYTES = 1 << 1;
const FEATURE_SEGMENTS = 1 << 2;
const FEATURE_SECTOR_BYTES = 1 << 6;
const FEATURE_FLUSH = 1 << 9;

const PRESENT: DeviceKind = {
  id: BLOCK_DEVICE,
  features: FEATURE_SEGMENT_BYTES | FEATURE_SEGMENTS | FEATURE_SECTOR_BYTES | FEATURE_FLUSH,
  queueCount: 1,
};
const ABSENT: DeviceKind = { id: 0, features: 0, queueCount: 0 };

/** What VIRTIO_BLK_T_GET_ID answers, padded with zeros to its 20 bytes. */
const NAME_BYTES = 20;
const NAME = Uint8Array.from({ length: NAME_BYTES }, (_, index) => 'lockstep'.charCodeAt(index) || 0);

/** A request that was handed out and is not completed, as plain data. */
export interface PendingRequest {
  readonly id: number;
  readonly kind: DiskRequest['kind'];
  readonly sector: number;
  /** Index of the buffer's first descriptor, where the data lies, and the offset in RAM of the status byte. */
  readonly head: number;
  readonly data: readonly Part[];
  readonly status: number;
}

export interface VirtioBlockState {
  sectors: number;
  /** Number of the next request. It goes up for as long as the machine is on, also across resets of the device: no number comes twice. */
  nextId: number;
  /** Oldest first. Invariant: if there are any, the queue has been ready and the device live since they were taken. */
  pending: readonly PendingRequest[];
  registers: RegistersState;
}

export class VirtioBlock extends VirtioDevice {
  /** Size of the disk. */
  readonly sectors: number;
  #nextId = 0;
  #pending: readonly PendingRequest[] = [];

  /** A disk of that many sectors; with none, the registers say that no device is here. */
  constructor(ram: Ram, sectors: number) {
    super({ start: 0x10002000, ram, configuration: configurationOf(sectors), ...(sectors > 0 ? PRESENT : ABSENT) });
    this.sectors = sectors;
  }

  /** Requests that were handed out and are not completed, oldest first. The data of a write is what memory holds now. */
  get pendingRequests(): DiskRequest[] {
    return this.#pending.map((request) => this.#handOut(request));
  }

  /** Whether `complete` would change anything: the request is pending, and the data is what it asked for. */
  canComplete(id: number, status: 'ok' | 'error', data?: Uint8Array): boolean {
    const request = this.#pending.find((each) => each.id === id);
    return request !== undefined && data?.length === dataBytesOf(request, status);
  }

  /**
   * Completes a request: a read's data, the status, the used ring, the interrupt. False, and nothing has changed, if it was completed
   * before, or if the guest has abandoned it: by a reset of the device or the queue, by giving up, or by breaking a rule. Such a completion
   * can come late, from a disk that knows nothing of it, and no number is ever given twice. Throws a RangeError for a number that was
   * never given, and for data that is not what the request asked for.
   */
  complete(id: number, status: 'ok' | 'error', data?: Uint8Array): boolean {
    const request = this.#find(id);
    if (request === undefined) return false;
    const dataBytes = dataBytesOf(request, status);
    if (data?.length !== dataBytes) {
      throw new RangeError(
        `Disk request ${id}, a ${request.kind}, ends ${status} with ${named(dataBytes)}, not with ${named(data?.length)}.`,
      );
    }
    if (data !== undefined) writeParts(this.ram, request.data, data);
    this.#pending = this.#pending.filter((each) => each !== request);
    const newBytes = request.kind !== 'read' ? 1 : (dataBytes ?? -1) + 1;
    this.#answer(request, status === 'ok' ? STATUS.ok : STATUS.error, newBytes);
    return true;
  }

  /** Writes part of a pending read's data before its completion. Nothing happens, or a RangeError is thrown, as in `complete`. */
  writeAhead(id: number, offset: number, bytes: Uint8Array): void {
    const request = this.#find(id);
    if (request === undefined) return;
    const byteCount = byteCountOf(request.data);
    if (request.kind !== 'read' || !Number.isInteger(offset) || offset < 0 || offset + bytes.length > byteCount) {
      throw new RangeError(
        `${bytes.length} bytes at ${offset} are not inside the data of disk request ${id}, a ${request.kind} of ${byteCount}.`,
      );
    }
    writeParts(this.ram, sliceParts(request.data, offset, bytes.length), bytes);
  }

  override store(offset: number, size: number, value: number): Stored {
    const stored = super.store(offset, size, value);
    if (!this.registers.isLive || this.registers.queues[0]?.ready !== true) this.#pending = [];
    return stored;
  }

  override reset(): void {
    super.reset();
    this.#nextId = 0;
    this.#pending = [];
  }

  save(): VirtioBlockState {
    return { sectors: this.sectors, nextId: this.#nextId, pending: this.#pending, registers: this.registers.save() };
  }

  /** Precondition: the state is that of a device with as many sectors. */
  restore(state: VirtioBlockState): void {
    this.#nextId = state.nextId;
    this.#pending = state.pending;
    this.registers.restore(state.registers);
  }

  /** Takes every request that is offered. Where the driver breaks a rule that leaves no answer, the device stops and hands out none. */
  protected notified(queue: QueueState): Stored {
    const handedOut: DiskRequest[] = [];
    // No more than a full ring, as in the network device.
    for (let count = 0; count < QUEUE_SIZE_MAX; count++) {
      const buffer = peekBuffer(this.ram, queue);
      if (buffer === 'none') break;
      const request = buffer === 'broken' ? undefined : readRequest(this.ram, buffer);
      if (request === undefined) {
        this.registers.fail();
        return 'stored';
      }
      takeBuffer(queue);
      const pending = this.#accept(request);
      if (pending === undefined) continue;
      this.#pending = [...this.#pending, pending];
      handedOut.push(this.#handOut(pending));
    }
    return handedOut.length === 0 ? 'stored' : { reason: 'disk', requests: handedOut };
  }

  /** A request to hand out; one that asks for what the disk cannot do, or only for the device's name, is answered at once. */
  #accept(request: Request): PendingRequest | undefined {
    switch (request.type) {
      case TYPE.read:
        if (request.toDevice.length === 0 && this.#isOnDisk(request.sector, request.toDriver)) return this.#take(request, 'read');
        break;
      case TYPE.write:
        if (request.toDriver.length === 0 && this.#isOnDisk(request.sector, request.toDevice)) return this.#take(request, 'write');
        break;
      case TYPE.flush:
        if (!this.registers.hasAccepted(FEATURE_FLUSH)) return this.#refuse(request, STATUS.unsupported);
        if (request.toDriver.length === 0) return this.#take(request, 'flush');
        break;
      case TYPE.identify:
        if (byteCountOf(request.toDriver) !== NAME_BYTES) break;
        writeParts(this.ram, request.toDriver, NAME);
        this.#answer(request, STATUS.ok, NAME_BYTES + 1);
        return undefined;
      case undefined:
        break;
      default:
        return this.#refuse(request, STATUS.unsupported);
    }
    return this.#refuse(request, STATUS.error);
  }

  #take(request: Request, kind: DiskRequest['kind']): PendingRequest {
    const { head, status } = request;
    const data = { read: request.toDriver, write: request.toDevice, flush: [] }[kind];
    return { id: this.#nextId++, kind, sector: kind === 'flush' ? 0 : request.sector, head, data, status };
  }

  /** Whether the data is of whole sectors, all on the disk, and no more than a request may have. */
  #isOnDisk(sector: number, data: readonly Part[]): boolean {
    const byteCount = byteCountOf(data);
    return byteCount % SECTOR_BYTES === 0 && byteCount <= DISK_REQUEST_BYTES_MAX && sector + byteCount / SECTOR_BYTES <= this.sectors;
  }

  #refuse(request: Request, status: number): undefined {
    this.#answer(request, status, request.toDriver.length === 0 ? 1 : 0);
  }

  /** `newBytes` counts from the first byte that the device may write (section 2.7.8.2): a status behind data that was not written is none. */
  #answer({ head, status }: { head: number; status: number }, value: number, newBytes: number): void {
    this.ram.store(status, 1, value);
    this.returnBuffer(this.registers.editQueue(0)!, head, newBytes);
  }

  #handOut({ id, kind, sector, data }: PendingRequest): DiskRequest {
    const request: DiskRequest = { id, kind, sector, byteCount: byteCountOf(data) };
    return kind === 'write' ? { ...request, data: readParts(this.ram, data) } : request;
  }

  #find(id: number): PendingRequest | undefined {
    if (!Number.isInteger(id) || id < 0 || id >= this.#nextId) throw new RangeError(`The guest has made no disk request ${id} so far.`);
    return this.#pending.find((each) => each.id === id);
  }
}

/** How many bytes of data a request ends with; undefined if it ends without: only a read that went well brings any. */
function dataBytesOf({ kind, data }: PendingRequest, status: 'ok' | 'error'): number | undefined {
  return kind === 'read' && status === 'ok' ? byteCountOf(data) : undefined;
}

function named(byteCount: number | undefined): string {
  return byteCount === undefined ? 'no data' : `${byteCount} bytes of data`;
}

/** struct virtio_blk_config (section 5.2.4) up to blk_size; fields of features that are not offered are zero. */
function configurationOf(sectors: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setBigUint64(0, BigInt(sectors), true);
  view.setUint32(8, SEGMENT_BYTES_MAX, true);
  view.setUint32(12, SEGMENTS_MAX, true);
  view.setUint32(20, SECTOR_BYTES, true);
  return new Uint8Array(view.buffer);
}

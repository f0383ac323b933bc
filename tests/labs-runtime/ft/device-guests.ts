/** Guests of a few instructions for the tests of record and replay: each asks a device for something, and then waits for ever. */
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { bytesOf, jal, WFI } from '../emulator/assembler.ts';
import { block, DISK_SECTORS, ENTRIES, flush, headOf, places, QUEUE, read, request, WRITE } from '../emulator/devices/block-driver.ts';
import { buffer, entropy } from '../emulator/devices/entropy-driver.ts';
import type { Store } from '../emulator/devices/virtio-driver.ts';
import { bytesAt, codeOf, offer } from '../emulator/devices/virtio-driver.ts';

/** Attempts that are more than enough for any of them to get to its wait. */
export const ENOUGH = 10_000;

/** What the write writes, a sector. */
export const WRITTEN = Uint8Array.from({ length: 512 }, (_, index) => (index < 16 ? index + 1 : 0));

/** The requests by the names that the tests use: a read of sector 5, a write to sector 6, a flush. */
const REQUESTS = { read: 0, write: 1, flush: 2 } as const;

export type RequestName = keyof typeof REQUESTS;

/** A guest with a disk that asks for the requests of each list in one notification, and makes the stores `after` in the end. */
export function diskGuest(notifications: RequestName[][], after: Store[] = []): Machine {
  const laidOut = [...read(0, 5), ...request(1, WRITE, 6, 512), ...bytesAt(places(1).data, WRITTEN.subarray(0, 16)), ...flush(2)];
  let before = 0;
  const notified = notifications.flatMap((names) => {
    const heads = names.map((name) => headOf(REQUESTS[name]));
    const stores = [...offer(QUEUE, heads, before, ENTRIES), block.notify(QUEUE)];
    before += heads.length;
    return stores;
  });
  return guestOf([...block.setup, ...laidOut, ...notified, ...after]);
}

/** What a driver does that abandons its requests. */
export const resetOfDisk: Store[] = [block.register('status', 0)];

/** A guest that offers the entropy device two buffers, of 16 and of 8 bytes. */
export function entropyGuest(): Machine {
  return guestOf([...entropy.setup, ...buffer(0, 16), ...buffer(1, 8), ...offer(QUEUE, [0, 1]), entropy.notify(QUEUE)]);
}

function guestOf(stores: Store[]): Machine {
  const machine = new Machine({ diskSectors: DISK_SECTORS });
  machine.load(bytesOf([codeOf(stores), WFI, jal(0, -4)]));
  return machine;
}

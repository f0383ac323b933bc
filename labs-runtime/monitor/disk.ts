/**
 * What is on a machine's disk, apart from the machine: like a disk that two hosts share, it belongs to whoever runs the machine
 * (VMware FT, section 3.4). The monitor does the guest's requests on it.
 */
import type { DiskRequest } from '../emulator/machine.ts';
import { SECTOR_BYTES } from '../emulator/stop.ts';

export interface Disk {
  /** `byteCount` bytes from a sector on; undefined if they cannot be read. */
  read(sector: number, byteCount: number): Uint8Array | undefined;
  /** Whether the data is on the disk now. */
  write(sector: number, data: Uint8Array): boolean;
  /** Whether all data written before would survive now. */
  flush(): boolean;
}

/** A disk in memory: reads and writes the caller's bytes in place. */
export function memoryDisk(content: Uint8Array): Disk {
  return {
    read: (sector, byteCount) => content.slice(sector * SECTOR_BYTES, sector * SECTOR_BYTES + byteCount),
    write: (sector, data) => {
      content.set(data, sector * SECTOR_BYTES);
      return true;
    },
    flush: () => true,
  };
}

/** How a request went, as `recorder.disk` takes it. */
export interface DiskOutcome {
  status: 'ok' | 'error';
  /** Only of a read that went well. */
  data?: Uint8Array;
}

/** Does one request of the guest. */
export function serveDisk(disk: Disk, request: DiskRequest): DiskOutcome {
  if (request.kind === 'read') {
    const data = disk.read(request.sector, request.byteCount);
    return data === undefined ? { status: 'error' } : { status: 'ok', data };
  }
  const isDone = request.kind === 'flush' ? disk.flush() : disk.write(request.sector, request.data ?? new Uint8Array(0));
  return { status: isDone ? 'ok' : 'error' };
}

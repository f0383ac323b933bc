/**
 * A disk whose content is in a file. Every write goes to the file before the guest is told that it is done, and a flush to the medium: however
 * the command ends, nothing is lost that the guest was told is kept.
 */
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { memoryDisk, type Disk } from '../../labs-runtime/monitor/disk.ts';
import { SECTOR_BYTES } from '../../labs-runtime/emulator/stop.ts';
import { accessFile } from './files.ts';

/** `content` is what the file holds, and stays in step with it. Throws CannotRun if the file may not be written. */
export function fileDisk(path: string, content: Uint8Array): Disk {
  const file = accessFile(path, () => openSync(path, 'r+'));
  const memory = memoryDisk(content);
  return {
    read: memory.read,
    write: (sector, data) => succeeds(() => writeAll(file, data, sector * SECTOR_BYTES)) && memory.write(sector, data),
    flush: () => succeeds(() => fsyncSync(file)),
  };
}

function writeAll(file: number, data: Uint8Array, position: number): void {
  for (let written = 0; written < data.length;) written += writeSync(file, data, written, data.length - written, position + written);
}

/** What the file system refuses is an error of the disk: the guest is told so. */
function succeeds(access: () => void): boolean {
  try {
    access();
    return true;
  } catch {
    return false;
  }
}

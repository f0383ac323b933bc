/** Makes a machine's setup from what was typed: a guest of the course or an image in a file, its RAM, its harts and its disk. */
import { ImageError, RAM_START } from '../../labs-runtime/emulator/machine.ts';
import { readImage } from '../../labs-runtime/emulator/image.ts';
import { guests, type Guest, type GuestName } from '../../labs-runtime/guests/index.ts';
import { linuxProgram } from '../../labs-runtime/monitor/linux.ts';
import { SECTOR_BYTES } from '../../labs-runtime/emulator/stop.ts';
import type { MachineSetup } from '../../labs-runtime/monitor/setup.ts';
import { didYouMean } from '../nearest.ts';
import { printable } from '../terminal.ts';
import { CannotRun, readPlainFile } from './files.ts';
import { existsSync } from 'node:fs';
import type { RunTask } from './tasks.ts';

/** RAM of a machine that runs an image of the user's. */
const RAM_BYTES = 64 * 2 ** 20;

const IMAGE_BYTES_MAX = 2 ** 30;
/** A recording holds the whole disk, and a program that runs holds it in memory. */
const DISK_BYTES_MAX = 2 ** 30;

export interface Prepared {
  setup: MachineSetup;
  /** The image's own bytes, for its symbols. */
  image: Uint8Array;
  /** What the user should know before the run, if anything. */
  notes: string[];
}

/** Reads everything that a run needs. Throws CannotRun. */
export async function prepareRun(task: RunTask): Promise<Prepared> {
  const guest = guestOf(task);
  const image = guest === undefined ? readImageFile(task.image) : await guest.load();
  const ramBytes = task.ramBytes ?? guest?.ramBytes ?? RAM_BYTES;
  if (guest !== undefined) checkGuest(guest, task, ramBytes);
  const { disk, notes } = diskOf(task, guest);
  const program = readProgram(image, task, ramBytes);
  return { setup: { name: task.image, ramBytes, harts: task.harts, scheduleSeed: task.seed, program, disk }, image, notes };
}

/** A guest's name wins over a file of that name; with a path, e.g. `./counter`, it is the file. */
function guestOf({ image, linux }: RunTask): Guest | undefined {
  if (!Object.hasOwn(guests, image)) return undefined;
  if (linux) throw new CannotRun(`"${image}" is a guest of the course and no Linux kernel: leave out --linux, or name the kernel's file.`);
  return guests[image as GuestName];
}

function readImageFile(path: string): Uint8Array {
  if (!existsSync(path)) {
    const names = Object.keys(guests);
    const hint = path.includes('/') ? '' : ` and no guest of that name.${didYouMean(path, names)} The guests are: ${names.join(', ')}`;
    throw new CannotRun(`${printable(path)}: there is no such file${hint === '' ? '. Check the path' : hint}.`);
  }
  return readPlainFile(path, IMAGE_BYTES_MAX);
}

function checkGuest(guest: Guest, task: RunTask, ramBytes: number): void {
  if (ramBytes < guest.ramBytes) {
    throw new CannotRun(`The guest "${guest.name}" needs ${guest.ramBytes} bytes of RAM: leave out --memory.`);
  }
  const hartsMax = guest.hartsMax ?? 1;
  if (task.harts > hartsMax) {
    throw new CannotRun(
      `The guest "${guest.name}" is written for ${hartsMax === 1 ? 'one hart' : `${hartsMax} harts at most`}: give it fewer.`,
    );
  }
}

function readProgram(image: Uint8Array, task: RunTask, ramBytes: number): MachineSetup['program'] {
  try {
    if (task.linux) return linuxProgram(image, { ramBytes, harts: task.harts, append: task.append });
    return readImage(image, ramBytes);
  } catch (error) {
    if (error instanceof RangeError) throw new CannotRun(`--append: ${error.message}`);
    if (!(error instanceof ImageError)) throw error;
    const place = `RAM has ${ramBytes / 2 ** 20} MiB from 0x${RAM_START.toString(16)} on; --memory gives more.`;
    throw new CannotRun(
      `${printable(task.image)}: ${error.message}${/ramBytes|outside RAM|give it more/.test(error.message) ? ` ${place}` : ''}`,
    );
  }
}

function diskOf(task: RunTask, guest: Guest | undefined): { disk: Uint8Array; notes: string[] } {
  const needed = guest?.diskSectors ?? 0;
  if (task.disk === undefined) {
    const notes = needed === 0 ? [] : ['no --disk: the disk is blank at first, and what is written to it is lost at the end'];
    return { disk: new Uint8Array(needed * SECTOR_BYTES), notes };
  }
  const disk = readPlainFile(task.disk, DISK_BYTES_MAX);
  if (disk.length === 0 || disk.length % SECTOR_BYTES !== 0) {
    throw new CannotRun(
      `${printable(task.disk)}: it has ${disk.length} bytes, and a disk has whole sectors of ${SECTOR_BYTES}: make it longer, e.g. with \`truncate -s 1M\`.`,
    );
  }
  if (disk.length < needed * SECTOR_BYTES) {
    throw new CannotRun(
      `${printable(task.disk)}: it has ${disk.length} bytes, and the guest needs a disk of ${needed * SECTOR_BYTES}: make it longer.`,
    );
  }
  return { disk, notes: [] };
}

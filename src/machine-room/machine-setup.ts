/** From an image and the reader's choices to the setup of a machine: in the worker, where the machine is. */
import { readImage, type Program } from '../../labs-runtime/emulator/image.ts';
import { linuxProgram } from '../../labs-runtime/monitor/linux.ts';
import type { MachineSetup } from '../../labs-runtime/monitor/setup.ts';
import { SECTOR_BYTES } from '../../labs-runtime/emulator/stop.ts';
import type { BootOptions } from './boot-options.ts';

/**
 * The setup of a machine that boots the image. `disk` is what the disk holds; it is cut or filled with zeros to the size chosen.
 * @throws ImageError for an image that cannot be loaded, in words for the reader
 */
export function setupOf(name: string, image: Uint8Array, options: BootOptions, disk: Uint8Array): MachineSetup {
  const { ramBytes, harts, scheduleSeed, diskSectors } = options;
  const content = new Uint8Array(diskSectors * SECTOR_BYTES);
  content.set(disk.subarray(0, content.length));
  return { name, ramBytes, harts, scheduleSeed, program: programOf(image, options), disk: content };
}

function programOf(image: Uint8Array, { ramBytes, harts, isLinux }: BootOptions): Program {
  return isLinux ? linuxProgram(image, { ramBytes, harts }) : readImage(image, ramBytes);
}

/**
 * A machine's setup: everything that decides how it starts, as plain data. Two machines of one setup are the same machine at boot; a recording
 * keeps its setup, so that it replays alone.
 */
import { Machine } from '../emulator/machine.ts';
import type { Program } from '../emulator/image.ts';
import { seededSchedule } from '../emulator/schedule.ts';
import { SECTOR_BYTES } from '../emulator/stop.ts';

export interface MachineSetup {
  /** What runs, for people: the name of a guest or of a file. */
  name: string;
  ramBytes: number;
  harts: number;
  /** Seed of the harts' turns; without meaning for a single one. */
  scheduleSeed: number;
  program: Program;
  /** What is on the disk at boot, whole sectors; empty for a machine without a disk. */
  disk: Uint8Array;
}

/** The machine, loaded and at position 0. Throws a RangeError for a setup that no machine has. */
export function bootMachine({ ramBytes, harts, scheduleSeed, program, disk }: MachineSetup): Machine {
  if (disk.length % SECTOR_BYTES !== 0)
    throw new RangeError(`A disk has whole sectors of ${SECTOR_BYTES} bytes, this one ${disk.length} bytes.`);
  const schedule = seededSchedule({ seed: scheduleSeed, harts });
  const machine = new Machine({ ramBytes, harts, diskSectors: disk.length / SECTOR_BYTES, ...(harts > 1 && { schedule }) });
  machine.load(program);
  return machine;
}

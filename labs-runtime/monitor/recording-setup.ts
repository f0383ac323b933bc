/** The setup of a recorded machine as it stands in the file, in JSON; and that what is read there makes a machine. */
import { HARTS_MAX } from '../emulator/machine.ts';
import { RecordingError } from './recording-format.ts';
import { SECTOR_BYTES } from '../emulator/stop.ts';

export interface SetupJson {
  name: string;
  ramBytes: number;
  harts: number;
  scheduleSeed: number;
  entry: number;
  registers: readonly (readonly [number: number, value: number])[];
  segments: { offset: number; byteCount: number }[];
  diskBytes: number;
}

const PAGE_BYTES = 4096;
const RAM_BYTES_MAX = 2 ** 30;
const DISK_BYTES_MAX = 2 ** 32;

/** The setup, if it is one. Throws a RecordingError that names the field which is not as it has to be. */
export function checkSetup(json: unknown): SetupJson {
  const setup = (typeof json === 'object' && json !== null ? json : {}) as Record<keyof SetupJson, unknown>;
  const { name, ramBytes, harts, registers, segments, diskBytes } = setup;
  if (typeof name !== 'string') throw wrong('name');
  if (!isCount(ramBytes, RAM_BYTES_MAX) || ramBytes === 0 || ramBytes % PAGE_BYTES !== 0) throw wrong('ramBytes');
  if (!isCount(diskBytes, DISK_BYTES_MAX) || diskBytes % SECTOR_BYTES !== 0) throw wrong('diskBytes');
  if (!isCount(harts, HARTS_MAX) || harts === 0) throw wrong('harts');
  for (const field of ['entry', 'scheduleSeed'] as const) if (!isCount(setup[field], Number.MAX_SAFE_INTEGER)) throw wrong(field);
  if (!Array.isArray(registers) || !registers.every(isRegister)) throw wrong('registers');
  if (!Array.isArray(segments) || !segments.every((segment) => isSegment(segment, ramBytes))) throw wrong('segments');
  return setup as SetupJson;
}

function isCount(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= max;
}

function isRegister(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isCount(value[0], 31) && isCount(value[1], 0xffffffff);
}

function isSegment(value: unknown, ramBytes: number): boolean {
  const { offset, byteCount } = (value ?? {}) as { offset?: unknown; byteCount?: unknown };
  return isCount(offset, ramBytes) && isCount(byteCount, ramBytes) && offset + byteCount <= ramBytes;
}

function wrong(field: string): RecordingError {
  return new RecordingError(`The recording's setup has no right value for ${field}: something else wrote it. Record again.`);
}

/** What makes two machines different before they have run: recordings of such machines cannot be compared. */
import type { Program } from '../emulator/image.ts';
import type { MachineSetup } from './setup.ts';

/** One line for each difference, in words, the first machine's value first. Names do not count. */
export function setupDifferences(a: MachineSetup, b: MachineSetup): string[] {
  const lines: string[] = [];
  if (a.ramBytes !== b.ramBytes) lines.push(`RAM: ${a.ramBytes} and ${b.ramBytes} bytes`);
  if (a.harts !== b.harts) lines.push(`harts: ${a.harts} and ${b.harts}`);
  else if (a.harts > 1 && a.scheduleSeed !== b.scheduleSeed)
    lines.push(`seed of the harts' turns: ${a.scheduleSeed} and ${b.scheduleSeed}`);
  lines.push(...programDifferences(a.program, b.program));
  if (a.disk.length !== b.disk.length) lines.push(`disk: ${a.disk.length} and ${b.disk.length} bytes`);
  else lines.push(...byteDifference('disk', a.disk, b.disk));
  return lines;
}

function programDifferences(a: Program, b: Program): string[] {
  const lines: string[] = [];
  if (a.entry !== b.entry) lines.push(`entry point: 0x${a.entry.toString(16)} and 0x${b.entry.toString(16)}`);
  const places = (program: Program) => program.segments.map(({ offset, bytes }) => `${bytes.length} bytes at ${offset}`).join(', ');
  if (places(a) !== places(b)) lines.push(`program: ${places(a)}; and ${places(b)}`);
  else
    a.segments.forEach(({ bytes }, index) =>
      lines.push(...byteDifference(`segment ${index} of the program`, bytes, b.segments[index]!.bytes)),
    );
  if (JSON.stringify(a.registers ?? []) !== JSON.stringify(b.registers ?? [])) lines.push('registers at boot');
  return lines;
}

function byteDifference(what: string, a: Uint8Array, b: Uint8Array): string[] {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? [] : [`${what}: byte ${at} is 0x${hexadecimal(a[at]!)} and 0x${hexadecimal(b[at]!)}`];
}

function hexadecimal(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

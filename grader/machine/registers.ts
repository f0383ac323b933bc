/** Registers of harts as lines for people, with the differences between two machines marked. */
import { REGISTER_NAMES } from '../../labs-runtime/emulator/disassemble.ts';
import type { RegisterView } from '../../labs-runtime/monitor/register-view.ts';

const REGISTERS_A_LINE = 4;
const NAME_WIDTH = 8;

/** One hart: pc, x1 to x31 and the registers of traps, four to a line. */
export function registerLines(view: RegisterView): string[] {
  const cells = namedValues(view).map(([name, value]) => `${name.padEnd(NAME_WIDTH)} ${hexadecimal(value)}`);
  const lines: string[] = [];
  for (let index = 0; index < cells.length; index += REGISTERS_A_LINE) lines.push(cells.slice(index, index + REGISTERS_A_LINE).join('   '));
  return lines;
}

/** Both machines' values side by side, each register that differs with a mark in front. */
export function registerDifferenceLines(a: RegisterView, b: RegisterView): string[] {
  const others = namedValues(b);
  return namedValues(a).map(([name, value], index) => {
    const other = others[index]![1];
    return `${value === other ? ' ' : '*'} ${name.padEnd(NAME_WIDTH)} ${hexadecimal(value)}   ${hexadecimal(other)}`;
  });
}

/** x0 is left out: it is zero. */
function namedValues({ pc, registers, csrs }: RegisterView): [name: string, value: number][] {
  return [
    ['pc', pc],
    ...registers.slice(1).map((value, index): [string, number] => [REGISTER_NAMES[index + 1]!, value]),
    ...Object.entries(csrs),
  ];
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

/** The registers of a hart as rows to draw, with a mark on those that differ from what was shown when the machine last stood still. */
import { REGISTER_NAMES } from '../../labs-runtime/emulator/disassemble.ts';
import type { MachineView } from './machine-view.ts';
import { wordText } from './numbers.ts';

export interface RegisterRow {
  /** The ABI's name. */
  name: string;
  /** `x10`; empty for what is no numbered register. */
  number: string;
  value: string;
  isChanged: boolean;
}

/** pc, then x1 to x31: x0 never says anything. Without `before`, or with another hart's view, nothing counts as changed. */
export function registerRows(view: MachineView, before: MachineView | undefined): RegisterRow[] {
  const old = before?.hart === view.hart ? before : undefined;
  const rows = Array.from(view.registers, (value, index) => ({
    name: REGISTER_NAMES[index]!,
    number: `x${index}`,
    value: wordText(value),
    isChanged: old !== undefined && old.registers[index] !== value,
  }));
  return [{ name: 'pc', number: '', value: wordText(view.pc), isChanged: old !== undefined && old.pc !== view.pc }, ...rows.slice(1)];
}

/** Registers of traps and interrupts, by the same rule. */
export function csrRows(view: MachineView, before: MachineView | undefined): RegisterRow[] {
  const old = before?.hart === view.hart ? before : undefined;
  return view.csrs.map(({ name, value }, index) => ({
    name,
    number: '',
    value: wordText(value),
    isChanged: old !== undefined && old.csrs[index]!.value !== value,
  }));
}

/** Changed registers in words, for whoever does not see the marks: `pc 80000004, a0 00000001`. */
export function changesText(rows: RegisterRow[]): string {
  return rows
    .filter(({ isChanged }) => isChanged)
    .map(({ name, value }) => `${name} ${value}`)
    .join(', ');
}

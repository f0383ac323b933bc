/** Numbers as the machine room writes and reads them: counts in groups of three digits, addresses and words in hexadecimal. */
import { REGISTER_NAMES } from '../../labs-runtime/emulator/disassemble.ts';

const counts = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `12,500,000` */
export function countText(count: number): string {
  return counts.format(count);
}

/** `128 million`, `1.3 million`, `45,000`: three digits at most where it moves. */
export function rateText(perSecond: number): string {
  if (perSecond < 999_500) return countText(Number(perSecond.toPrecision(2)));
  const millions = perSecond / 1e6;
  return `${millions < 10 ? millions.toFixed(1) : countText(Number(millions.toPrecision(3)))} million`;
}

/** `64 KiB`, `1.5 MiB` */
export function sizeText(byteCount: number): string {
  const [size, unit] =
    byteCount < 1024 ? [byteCount, 'bytes'] : byteCount < 2 ** 20 ? [byteCount / 1024, 'KiB'] : [byteCount / 2 ** 20, 'MiB'];
  return `${Number(size.toFixed(1))} ${unit}`;
}

/** Eight digits without a prefix, as in tables. */
export function wordText(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}

/** Two digits. */
export function byteText(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/**
 * A position as a reader types it: `1,000,000`, `1e6`, or from `here` on `+500` and `-500`. Undefined for anything else; never below zero.
 */
export function parsePosition(text: string, here: number): number | undefined {
  const match = /^([+-]?)(\d+(?:e\d+)?)$/i.exec(text.replace(/[\s,_’']/g, '').replace('−', '-'));
  if (match === null) return undefined;
  const amount = Number(match[2]);
  const position = match[1] === '+' ? here + amount : match[1] === '-' ? here - amount : amount;
  return Number.isSafeInteger(position) ? Math.max(0, position) : undefined;
}

/** An address as a reader types it: hexadecimal with or without `0x`, `pc`, or the name of a register. Undefined for anything else. */
export function parseAddress(text: string, at: { pc: number; registers: ArrayLike<number> }): number | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'pc') return at.pc;
  // `a0` to `a7` are digits too: a short name is the register.
  const register = word === 'fp' ? REGISTER_NAMES.indexOf('s0') : (REGISTER_NAMES as readonly string[]).indexOf(word);
  if (register >= 0) return at.registers[register];
  const digits = word.replace(/^0x/, '').replaceAll('_', '');
  return /^[0-9a-f]{1,8}$/.test(digits) ? Number.parseInt(digits, 16) : undefined;
}

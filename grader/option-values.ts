/** Operands and values of options, as the command's tasks want them: each refusal says what to type. */

/** Values of options as `parseArgs` gives them. */
export type OptionValues = Partial<Record<string, string | boolean | string[]>>;

/** The largest seed. */
export const SEED_MAX = 2 ** 32 - 1;

/** An argument that makes no task; the message says what to type. */
export class WrongArgument extends Error {}

/** The one operand that a command takes. */
export function only(operands: string[], question: string, example: string): string {
  const [operand] = operands;
  if (operand === undefined || operand === '') throw new WrongArgument(`${question} Name one, e.g. \`${example}\`.`);
  if (operands.length > 1) throw new WrongArgument(`It takes one file, and was given ${operands.length}, e.g. \`${example}\`.`);
  return operand;
}

/** A value that is a name: not empty. */
export function text(values: OptionValues, name: string): string | undefined {
  const value = values[name];
  if (value === '') throw new WrongArgument(`--${name} needs a value after it.`);
  return typeof value === 'string' ? value : undefined;
}

/** A value that is the address of a site, as a base of its pages'; undefined where the option was not given. */
export function siteAddress(values: OptionValues, name: string): string | undefined {
  const value = text(values, name);
  if (value === undefined) return undefined;
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new WrongArgument(`--${name} is "${value}": it must be the address of a site, e.g. \`--${name} https://example.edu/course/\`.`);
  return `${url.origin}${url.pathname.replace(/\/*$/, '/')}`;
}

/** A value that is a whole number in a range, which the message names; undefined where the option was not given. */
export function integer(values: OptionValues, name: string, min: number, max = Number.MAX_SAFE_INTEGER): number | undefined {
  const value = values[name];
  if (typeof value !== 'string') return undefined;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`;
  throw new WrongArgument(`--${name} is "${value}": it must be a whole number ${range}.`);
}

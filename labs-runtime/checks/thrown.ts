/** What a part threw, told without running anything of the part's: the class for the report, the engine's words beside it. */

const errorClasses = [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError, Error] as const;

/** Characters of an error's message that are kept. */
const DETAIL_LENGTH_MAX = 500;

/** What was thrown: `name` is one of ours, `detail` is the part's or the engine's own text and never belongs into a report. */
export interface Thrown {
  name: string;
  detail: string;
}

/** Finds the class by its prototypes, and reads the message only where it is a string of the error's own. */
export function describeThrown(thrown: unknown): Thrown {
  if (typeof thrown === 'string') return { name: 'a value that is not an Error', detail: thrown.slice(0, DETAIL_LENGTH_MAX) };
  if (typeof thrown !== 'object' || thrown === null) return { name: 'a value that is not an Error', detail: typeof thrown };
  const found = errorClasses.find((errorClass) => errorClass.prototype.isPrototypeOf(thrown));
  const message: unknown = Object.getOwnPropertyDescriptor(thrown, 'message')?.value;
  const detail = typeof message === 'string' ? message.slice(0, DETAIL_LENGTH_MAX) : '';
  return found === undefined
    ? { name: 'a value that is not an Error', detail }
    : { name: article(found.name), detail: `${found.name}: ${detail}` };
}

function article(name: string): string {
  return /^[AEIOU]/.test(name) && name !== 'URIError' ? `an ${name}` : `a ${name}`;
}

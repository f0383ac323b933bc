/**
 * What clients may be told by the guests `key-value` and `key-value-disk`, and what is wrong with what they were told. A store is
 * linearizable if each of its keys is (Herlihy and Wing 1990: the property is local), so the model has one key and the checker stays fast. It
 * judges from outside whether a takeover broke the output requirement of VMware FT, section 2.2.
 */
import { VALUE_BYTES_MAX, type KeyValueCommand, type Status } from '../../guests/key-value-protocol.ts';
import { checkLinearizable, type Model, type Operation } from './linearizable.ts';

export interface KeyValueAnswer {
  status: Status;
  value: Uint8Array;
}

/** A request and its answer. A request that is sent again is the same operation: the guest carries it out once. */
export type KeyValueOperation = Operation<KeyValueCommand & { key: Uint8Array }, KeyValueAnswer>;

/** The value of one key; undefined while there is no such key. Never changed in place. */
export type KeyState = Uint8Array | undefined;

/** How many fitting answers an explanation names, and how much of a value it shows. */
const LISTED_MAX = 3;
const QUOTED_BYTES_MAX = 32;

const NOTHING = new Uint8Array(0);

/** One key, in a store that has room for it. */
export const keyModel: Model<KeyState, KeyValueCommand, KeyValueAnswer> = {
  start: undefined,
  apply(state, command) {
    switch (command.op) {
      case 'put':
        return set(state, command.value);
      case 'append':
        return set(state, state === undefined ? command.value : concatenated(state, command.value));
      case 'get':
        return state === undefined ? kept(state, 'not found') : kept(state, 'ok', state);
      case 'delete':
        return state === undefined ? kept(state, 'not found') : kept(undefined, 'ok');
      case 'compare-and-set':
        if (state === undefined) return kept(state, 'not found');
        return isSameBytes(state, command.expected) ? set(state, command.value) : kept(state, 'differs', state);
    }
  },
  isEqual: (left, right) => left.status === right.status && isSameBytes(left.value, right.value),
  key: (state) => (state === undefined ? 'none' : `value ${textOfBytes(state)}`),
};

function kept(state: KeyState, status: Status, value: Uint8Array = NOTHING): { state: KeyState; output: KeyValueAnswer } {
  return { state, output: { status, value } };
}

function set(old: KeyState, value: Uint8Array): { state: KeyState; output: KeyValueAnswer } {
  return value.length > VALUE_BYTES_MAX ? kept(old, 'too long') : kept(value, 'ok');
}

/**
 * What is wrong with a history that begins with an empty store, in one or two sentences about the first answer that no order of the
 * operations explains; undefined if it is linearizable. `nameOf` says what a client is called. Throws a RangeError for an operation that is
 * answered before it is invoked or has an answer's time without an answer.
 *
 * Whether a store is full depends on all keys, and whether it knows too many clients on all clients. Neither is checked: of "no room" it is
 * believed that there was no such key, and of "too many clients" that nothing was done.
 */
export function explainHistory(history: readonly KeyValueOperation[], nameOf = (client: number) => `client ${client}`): string | undefined {
  const failures: Failure[] = [];
  for (const operations of operationsByKey(history)) {
    if (!isLinearizable(operations)) failures.push(firstFailure(operations));
  }
  failures.sort((left, right) => left.wrong.answeredAt - right.wrong.answeredAt);
  return failures[0] && explain(failures[0], nameOf);
}

/** The operations that the checker is to see, key by key. */
function operationsByKey(history: readonly KeyValueOperation[]): KeyValueOperation[][] {
  const byKey = new Map<string, KeyValueOperation[]>();
  history.forEach((operation, index) => {
    if (operation.answeredAt !== Infinity && operation.output === undefined) {
      throw new RangeError(
        `operation ${index} is answered at ${operation.answeredAt} but has no output: give it one, or Infinity as the time`,
      );
    }
    if (isAnswered(operation) && operation.output.status === 'too many clients') return;
    const key = textOfBytes(operation.input.key);
    const operations = byKey.get(key);
    if (operations === undefined) byKey.set(key, [operation]);
    else operations.push(operation);
  });
  return [...byKey.values()];
}

type Answered = KeyValueOperation & { output: KeyValueAnswer };

function isAnswered(operation: KeyValueOperation): operation is Answered {
  return operation.answeredAt !== Infinity;
}

function isLinearizable(operations: readonly KeyValueOperation[]): boolean {
  return checkLinearizable(keyModel, operations.map(asOneKey)).isLinearizable;
}

/** What "no room" says of the key alone is what a get says that does not find it. */
function asOneKey(operation: KeyValueOperation): Operation<KeyValueCommand, KeyValueAnswer> {
  const { input, output } = operation;
  if (output?.status !== 'no room' || (input.op !== 'put' && input.op !== 'append')) return operation;
  return { ...operation, input: { op: 'get' }, output: { ...output, status: 'not found' } };
}

/** The first answer about a key that is wrong, and the operations on the key as they stood then, without that one. */
interface Failure {
  wrong: Answered;
  others: KeyValueOperation[];
}

/** Adds one answer after the other until no order explains them. The operations are of one key and not linearizable. */
function firstFailure(operations: readonly KeyValueOperation[]): Failure {
  const answers = operations.filter(isAnswered).sort((left, right) => left.answeredAt - right.answeredAt);
  const given = new Set<KeyValueOperation>();
  for (const wrong of answers) {
    const others = operations
      .filter((operation) => operation !== wrong && operation.invokedAt <= wrong.answeredAt)
      .map((operation) => (given.has(operation) ? operation : unanswered(operation)));
    if (!isLinearizable([...others, wrong])) return { wrong, others };
    given.add(wrong);
  }
  throw new Error('a history that is not linearizable has a first answer that is wrong');
}

function unanswered(operation: KeyValueOperation): KeyValueOperation {
  return { ...operation, output: undefined, answeredAt: Infinity };
}

function explain(failure: Failure, nameOf: (client: number) => string): string {
  const { wrong } = failure;
  const where = ` for key ${quoted(wrong.input.key)}`;
  const told = tell(wrong, { client: nameOf(wrong.client), got: 'got', was: 'was', where, asked: ` (asked at event ${wrong.invokedAt})` });
  const fitting = fittingAnswers(failure).map((answer) => answerWords(wrong, answer));
  const last = fitting.length === 1 ? `The only answer that fits is ${fitting[0]}.` : `The answers that fit are ${listed(fitting)}.`;
  return `${told}${reason(failure, nameOf)}. ${last}`;
}

/** Why the answer cannot be right, as the end of a sentence. */
function reason(failure: Failure, nameOf: (client: number) => string): string {
  const { wrong } = failure;
  const oddity = findOddity(wrong);
  if (oddity !== undefined) return `, ${oddity}`;
  if (!couldBeSeen(failure)) return ', but no operation until then could have made it so';
  const witness = findWitness(failure);
  if (witness === undefined) return ', and no order of the operations explains that';
  const client = witness.client === wrong.client ? 'it' : nameOf(witness.client);
  const link = witness.answeredAt < wrong.invokedAt ? 'after' : 'although';
  return `, ${link} ${tell(witness, { client, got: 'had got', was: 'had been', where: '', asked: '' })}`;
}

/** What is known of a key at the moment of an operation. */
type Sight =
  /** That is its value, or there is none. */
  | { kind: 'value'; value: KeyState }
  /** Its value ends so. */
  | { kind: 'end'; value: Uint8Array }
  /** It is there. */
  | { kind: 'present' }
  | { kind: 'unknown' };

/** What the answer says of the key before the operation took effect. */
function seenBefore({ input, output: { status, value } }: Answered): Sight {
  if (status === 'not found' || status === 'no room') return { kind: 'value', value: undefined };
  if (status === 'differs' || input.op === 'get') return { kind: 'value', value };
  if (input.op === 'compare-and-set') return { kind: 'value', value: input.expected };
  return input.op === 'delete' || status === 'too long' ? { kind: 'present' } : { kind: 'unknown' };
}

/** What the answer says of the key after the operation took effect. */
function seenAfter(operation: Answered): Sight {
  const { input, output } = operation;
  if (output.status !== 'ok' || input.op === 'get') return seenBefore(operation);
  if (input.op === 'append') return { kind: 'end', value: input.value };
  return { kind: 'value', value: 'value' in input ? input.value : undefined };
}

/** Whether a key cannot have been found like `before` when it was left like `after` and nothing happened in between. */
function contradicts(after: Sight, before: Sight): boolean {
  if (before.kind === 'present') return after.kind === 'value' && after.value === undefined;
  if (before.kind !== 'value') return false;
  if (after.kind === 'value') return !isSameState(after.value, before.value);
  return before.value === undefined ? after.kind !== 'unknown' : after.kind === 'end' && !endsWith(before.value, after.value);
}

/** Whether the operation may have left the key as it was seen. */
function couldLeave(operation: KeyValueOperation, seen: Sight): boolean {
  const { input } = operation;
  if (isAnswered(operation) && operation.output.status !== 'ok') return false;
  if (!('value' in input)) return input.op === 'delete' && seen.kind === 'value' && seen.value === undefined;
  if (seen.kind !== 'value') return true;
  if (seen.value === undefined) return false;
  return input.op === 'append' ? endsWith(seen.value, input.value) : isSameBytes(input.value, seen.value);
}

/** Whether any of the others, in any order and however often, could have left the key as the wrong answer says. */
function couldBeSeen({ wrong, others }: Failure): boolean {
  const seen = seenBefore(wrong);
  if (seen.kind === 'present') return others.some((operation) => couldLeave(operation, seen));
  if (seen.kind !== 'value' || seen.value === undefined) return true;
  // How many of the value's first bytes there may have been; a `for` over a set goes on to what is added meanwhile.
  const lengths = new Set<number>();
  for (const { input } of others) {
    if ('value' in input && startsWith(seen.value, input.value)) lengths.add(input.value.length);
  }
  for (const length of lengths) {
    const rest = seen.value.subarray(length);
    for (const { input } of others) {
      if (input.op === 'append' && startsWith(rest, input.value)) lengths.add(length + input.value.length);
    }
  }
  return lengths.has(seen.value.length);
}

/**
 * The answered operation that shows best that an answer is wrong: the last one before it that left the key in another way, when nothing could
 * have brought the old way back; else the last one without whose answer the wrong one would be right.
 */
function findWitness({ wrong, others }: Failure): Answered | undefined {
  const seen = seenBefore(wrong);
  const answered = others.filter(isAnswered).sort((left, right) => right.answeredAt - left.answeredAt);
  const against = answered.filter((operation) => contradicts(seenAfter(operation), seen));
  const makers = others.filter((operation) => couldLeave(operation, seen));
  const decides = (operation: Answered) =>
    operation.answeredAt < wrong.invokedAt && makers.every((maker) => maker.answeredAt < operation.invokedAt);
  const isNeeded = (operation: Answered) =>
    isLinearizable([...others.map((other) => (other === operation ? unanswered(other) : other)), wrong]);
  return against.find(decides) ?? against.find(isNeeded) ?? against[0] ?? answered.find(isNeeded);
}

/** Answers that the wrong one could have been, one more than an explanation names. There is one at least: the operation may come last. */
function fittingAnswers({ wrong, others }: Failure): KeyValueAnswer[] {
  const open = { ...wrong, output: { ...wrong.output } };
  const history = [...others.map(asOneKey), open];
  const answers: KeyValueAnswer[] = [];
  const isNew = (answer: KeyValueAnswer) => !answers.some((other) => keyModel.isEqual(other, answer));
  const anyNew = {
    ...keyModel,
    isEqual: (left: KeyValueAnswer, right: KeyValueAnswer) => (right === open.output ? isNew(left) : keyModel.isEqual(left, right)),
  };
  while (answers.length <= LISTED_MAX) {
    const verdict = checkLinearizable(anyNew, history);
    if (!verdict.isLinearizable) break;
    answers.push(answerAfter(verdict.order, history));
  }
  return answers;
}

/** What the history's last operation is answered when the operations up to it take effect in that order. */
function answerAfter(order: number[], history: readonly Operation<KeyValueCommand, KeyValueAnswer>[]): KeyValueAnswer {
  const last = history.length - 1;
  let state = keyModel.start;
  for (const index of order.slice(0, order.indexOf(last))) state = keyModel.apply(state, history[index]!.input).state;
  return keyModel.apply(state, history[last]!.input).output;
}

/** How a sentence tells an answer: its subject, its verbs, and what is added behind them. */
interface Telling {
  client: string;
  got: 'got' | 'had got';
  was: 'was' | 'had been';
  where: string;
  asked: string;
}

function tell(operation: Answered, { client, got, was, where, asked }: Telling): string {
  const { input, output, answeredAt } = operation;
  if (input.op === 'get' && output.status === 'ok')
    return `${client} ${got} ${quoted(output.value)}${where} at event ${answeredAt}${asked}`;
  return `${client} ${was} told${where} at event ${answeredAt}${asked} that ${claim(operation)}`;
}

function claim({ input, output: { status, value } }: Answered): string {
  switch (status) {
    case 'ok':
      return `its ${deed(input)} was done`;
    case 'not found':
      return 'there was no such key';
    case 'differs':
      return `the value was ${quoted(value)}`;
    case 'no room':
      return `there was no room for its ${deed(input)}`;
    case 'too long':
      return `the value was too long for its ${deed(input)}`;
    case 'too many clients':
      return 'there were too many clients';
  }
}

function deed(command: KeyValueCommand): string {
  if (command.op === 'compare-and-set') return `compare-and-set from ${quoted(command.expected)} to ${quoted(command.value)}`;
  return 'value' in command ? `${command.op} of ${quoted(command.value)}` : command.op;
}

const STATUSES: Record<KeyValueCommand['op'], readonly Status[]> = {
  get: ['ok', 'not found'],
  put: ['ok', 'no room'],
  delete: ['ok', 'not found'],
  append: ['ok', 'no room', 'too long'],
  'compare-and-set': ['ok', 'not found', 'differs'],
};

/** What makes it an answer that no store ever gives to such an operation, as the end of a sentence; undefined if some store gives it. */
function findOddity({ input, output: { status, value } }: Answered): string | undefined {
  if (!STATUSES[input.op].includes(status)) return `which no ${input.op} is ever told`;
  if (input.op === 'compare-and-set' && status === 'differs' && isSameBytes(value, input.expected))
    return 'which is the one that it expected';
  const hasValue = status === 'differs' || (input.op === 'get' && status === 'ok');
  return hasValue || value.length === 0 ? undefined : `with a value, ${quoted(value)}, that no such answer has`;
}

function answerWords({ input }: Answered, { status, value }: KeyValueAnswer): string {
  if (input.op === 'get' && status === 'ok') return quoted(value);
  return status === 'differs' ? `"differs" with ${quoted(value)}` : `"${status}"`;
}

function listed(items: string[]): string {
  const shown = items.length > LISTED_MAX ? [...items.slice(0, LISTED_MAX), 'others'] : items;
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** Bytes for a reader: as text if they are printable ASCII, else in hexadecimal; of many, the first ones. */
function quoted(bytes: Uint8Array): string {
  if (bytes.length > QUOTED_BYTES_MAX) return `${quoted(bytes.subarray(0, QUOTED_BYTES_MAX))}... (${bytes.length} bytes)`;
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return JSON.stringify(textOfBytes(bytes));
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** One character a byte. */
function textOfBytes(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function concatenated(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

function isSameState(left: KeyState, right: KeyState): boolean {
  return left === undefined || right === undefined ? left === right : isSameBytes(left, right);
}

function isSameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && startsWith(left, right);
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  if (start.length > bytes.length) return false;
  for (let index = 0; index < start.length; index++) if (bytes[index] !== start[index]) return false;
  return true;
}

function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return end.length <= bytes.length && startsWith(bytes.subarray(bytes.length - end.length), end);
}

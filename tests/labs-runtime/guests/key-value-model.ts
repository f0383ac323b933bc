/** What the key-value guests should answer, told again without a thought for how: the model that tests compare them with. */
import type { KeyValueReply, KeyValueRequest, Status } from '../../../labs-runtime/guests/key-value-protocol.ts';
import { CLIENTS_MAX, KEYS_MAX, VALUE_BYTES_MAX } from '../../../labs-runtime/guests/key-value-protocol.ts';

/** Text as one byte a character, for keys and values. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');

export class KeyValueModel {
  /** Values by the key in hexadecimal. */
  readonly values = new Map<string, Uint8Array>();
  /** The requests that may have changed something, in the order in which they were carried out. */
  readonly changes: KeyValueRequest[] = [];
  readonly #answers = new Map<number, KeyValueReply>();

  /** The answer to a request, or undefined if it gets none. */
  ask(request: KeyValueRequest): KeyValueReply | undefined {
    const { op, client, request: number } = request;
    const last = this.#answers.get(client);
    if (last !== undefined && number <= last.request) return number === last.request ? last : undefined;
    if (last === undefined && this.#answers.size === CLIENTS_MAX)
      return { op, status: 'too many clients', client, request: number, value: bytes('') };
    if (op !== 'get') this.changes.push(request);
    const [status, value] = this.#execute(request);
    const answer = { op, status, client, request: number, value };
    this.#answers.set(client, answer);
    return answer;
  }

  #execute(request: KeyValueRequest): [Status, Uint8Array] {
    const key = hex(request.key);
    const old = this.values.get(key);
    const none = bytes('');
    switch (request.op) {
      case 'put':
        return [this.#set(key, request.value), none];
      case 'append':
        return [this.#set(key, Uint8Array.of(...(old ?? []), ...request.value)), none];
      case 'get':
        return old === undefined ? ['not found', none] : ['ok', old];
      case 'delete':
        return [this.values.delete(key) ? 'ok' : 'not found', none];
      case 'compare-and-set':
        if (old === undefined) return ['not found', none];
        return hex(old) === hex(request.expected) ? [this.#set(key, request.value), none] : ['differs', old];
    }
  }

  #set(key: string, value: Uint8Array): Status {
    if (!this.values.has(key) && this.values.size === KEYS_MAX) return 'no room';
    if (value.length > VALUE_BYTES_MAX) return 'too long';
    this.values.set(key, value);
    return 'ok';
  }
}

/**
 * The binary form of a recorded event, as the logging channel carries it between the recorder and the replayer (walk one, steps 2 to 4).
 * VMware FT, section 2.1. One event has exactly one encoding, so that equal logs are equal bytes and a damaged one is refused.
 *
 * Layout: one byte with the version in the high half and the kind in the low half; the position; the payload. Positions, clock values,
 * the numbers of outputs and disk requests, and the length before bytes are LEB128 (7 bits a byte, least significant first, the top bit says
 * that more follow), in as few bytes as they need. An interrupt is one byte: its line, and in the high half its hart.
 */
import { BytePool } from '../emulator/byte-pool.ts';
import { DISK_REQUEST_BYTES_MAX, ENTROPY_BYTES_MAX, FRAME_BYTES_MAX, HARTS_MAX } from '../emulator/machine.ts';
import type { ControlOperation, InterruptLine, LogEvent, Recorded } from './log-entry.ts';

/** Version of the layout; a decoder refuses every other. A new kind leaves it as it is: what was written before still reads the same. */
export const LOG_CODEC_VERSION = 1;

/** The most bytes of all but a frame, entropy or data, a disk read's: head 1, position 8 (53 bits), request 8, outcome 1, length 3. */
const FIELDS_BYTES_MAX = 1 + 8 + 8 + 1 + 3;

/** The most bytes one encoded event takes, a disk read's. */
export const ENTRY_BYTES_MAX = FIELDS_BYTES_MAX + DISK_REQUEST_BYTES_MAX;

/** Kinds by number: the index is the low half of the first byte. New kinds go to the end. */
const KINDS = [
  'clock',
  'interrupt',
  'console',
  'output',
  'packet',
  'power-off',
  'reboot',
  'entropy',
  'disk',
  'control',
] as const satisfies readonly LogEvent['kind'][];

/** How a disk request ended, by number: the index is its byte. */
const OUTCOMES = ['ok', 'error', 'ok with data'] as const;

/** Control operations by number: the index is the byte. */
const CONTROL_OPERATIONS = ['alive', 'quiesced', 'finished'] as const satisfies readonly ControlOperation[];

const CLOCK_MAX = 2n ** 64n - 1n;

/** Bytes that are not the encoding of any event. The message says which byte and why. */
export class MalformedEntry extends Error {
  constructor(explanation: string) {
    super(`malformed log entry: ${explanation}`);
    this.name = 'MalformedEntry';
  }
}

/**
 * Encodes one event in at most `ENTRY_BYTES_MAX` bytes. Throws a RangeError for a value that the log cannot hold: a negative or unsafe
 * position or number, a clock value beyond 64 bits, a byte beyond 255, an unknown interrupt line, hart or control operation, bytes that
 * are too many.
 */
export function encodeRecorded({ at, event }: Recorded): Uint8Array {
  writer.begin((LOG_CODEC_VERSION << 4) | KINDS.indexOf(event.kind), FIELDS_BYTES_MAX + contentBytes(event));
  writer.integer('position', at);
  encodeEvent(event);
  return writer.end();
}

function encodeEvent(event: LogEvent): void {
  switch (event.kind) {
    case 'clock':
      if (event.value < 0n || event.value > CLOCK_MAX) throw new RangeError(`a clock value has 64 bits, this is ${event.value}`);
      return writer.leb128(event.value);
    case 'interrupt':
      return writer.byte(encodeInterrupt(event.line, event.hart ?? 0));
    case 'console':
      if (!Number.isInteger(event.byte) || event.byte < 0 || event.byte > 255) {
        throw new RangeError(`a console byte is an integer from 0 to 255, this is ${event.byte}`);
      }
      return writer.byte(event.byte);
    case 'output':
      return writer.integer('output number', event.output);
    case 'packet':
      return writer.bytes('a frame', event.frame, FRAME_BYTES_MAX);
    case 'entropy':
      if (event.bytes.length === 0) throw new RangeError('entropy has at least one byte, this has none');
      return writer.bytes('entropy', event.bytes, ENTROPY_BYTES_MAX);
    case 'disk':
      return encodeDisk(event);
    case 'control':
      return writer.byte(encodeControl(event.operation));
    case 'power-off':
    case 'reboot':
      return;
  }
}

/** Bytes of an event's frame, entropy or data. */
function contentBytes(event: LogEvent): number {
  if (event.kind === 'packet') return event.frame.length;
  if (event.kind === 'entropy') return event.bytes.length;
  return event.kind === 'disk' ? (event.data?.length ?? 0) : 0;
}

function encodeDisk({ request, status, data }: Extract<LogEvent, { kind: 'disk' }>): void {
  if (status === 'error' && data !== undefined) throw new RangeError(`disk request ${request} failed: it has no data`);
  writer.integer('disk request', request);
  writer.byte(OUTCOMES.indexOf(data === undefined ? status : 'ok with data'));
  if (data !== undefined) writer.bytes('the data of a disk request', data, DISK_REQUEST_BYTES_MAX);
}

/** Decodes what `encodeRecorded` gave. Throws `MalformedEntry` for every other sequence of bytes. The array is only read. */
export function decodeRecorded(bytes: Uint8Array): Recorded {
  const reader = new Reader(bytes);
  const head = reader.byte('head');
  if (head >> 4 !== LOG_CODEC_VERSION) {
    throw new MalformedEntry(`byte 0 says version ${head >> 4}, this decoder knows version ${LOG_CODEC_VERSION}`);
  }
  const kind = KINDS[head & 15];
  if (kind === undefined) throw new MalformedEntry(`byte 0 says kind ${head & 15}, the kinds are 0 to ${KINDS.length - 1}`);
  const at = reader.integer('position');
  const event = decodeEvent(kind, reader);
  if (reader.offset !== bytes.length) {
    throw new MalformedEntry(`the ${kind} event ends at byte ${reader.offset}, but ${bytes.length} bytes came`);
  }
  return { at, event };
}

function decodeEvent(kind: LogEvent['kind'], reader: Reader): LogEvent {
  switch (kind) {
    case 'clock':
      return { kind, value: reader.leb128('clock value', CLOCK_MAX) };
    case 'interrupt':
      return decodeInterrupt(reader.byte('interrupt line'));
    case 'console':
      return { kind, byte: reader.byte('console byte') };
    case 'output':
      return { kind, output: reader.integer('output number') };
    case 'packet':
      return { kind, frame: reader.bytes('frame', FRAME_BYTES_MAX) };
    case 'entropy': {
      const bytes = reader.bytes('entropy', ENTROPY_BYTES_MAX);
      if (bytes.length === 0) throw new MalformedEntry('the entropy has no bytes');
      return { kind, bytes };
    }
    case 'disk':
      return decodeDisk(reader);
    case 'control':
      return decodeControl(reader.byte('control operation'));
    case 'power-off':
    case 'reboot':
      return { kind };
  }
}

function encodeControl(operation: ControlOperation): number {
  if (!CONTROL_OPERATIONS.includes(operation)) throw new RangeError(`there is no control operation ${String(operation)}`);
  return CONTROL_OPERATIONS.indexOf(operation);
}

/** The line in the low half, the hart in the high one: so that an interrupt of hart 0 is written as before there were others. */
function encodeInterrupt(line: number, hart: number): number {
  if (!isInterruptLine(line)) throw new RangeError(`interrupt lines are 3 and 7, this is ${line}`);
  if (!Number.isInteger(hart) || hart < 0 || hart >= HARTS_MAX) throw new RangeError(`harts are 0 to ${HARTS_MAX - 1}, this is ${hart}`);
  return (hart << 4) | line;
}

function decodeInterrupt(byte: number): LogEvent {
  const [line, hart] = [byte & 15, byte >> 4];
  if (!isInterruptLine(line)) throw new MalformedEntry(`the interrupt line is ${line}, the lines are 3 and 7`);
  if (hart >= HARTS_MAX) throw new MalformedEntry(`the interrupt is of hart ${hart}, harts are 0 to ${HARTS_MAX - 1}`);
  return hart === 0 ? { kind: 'interrupt', line } : { kind: 'interrupt', line, hart };
}

function decodeDisk(reader: Reader): LogEvent {
  const request = reader.integer('disk request');
  const byte = reader.byte('outcome');
  const outcome = OUTCOMES[byte];
  if (outcome === undefined)
    throw new MalformedEntry(`the outcome of disk request ${request} is ${byte}, outcomes are 0 to ${OUTCOMES.length - 1}`);
  if (outcome !== 'ok with data') return { kind: 'disk', request, status: outcome };
  return { kind: 'disk', request, status: 'ok', data: reader.bytes('data', DISK_REQUEST_BYTES_MAX) };
}

function decodeControl(byte: number): LogEvent {
  const operation = CONTROL_OPERATIONS[byte];
  if (operation === undefined)
    throw new MalformedEntry(`the control operation is ${byte}, operations are 0 to ${CONTROL_OPERATIONS.length - 1}`);
  return { kind: 'control', operation };
}

function isInterruptLine(line: number): line is InterruptLine {
  return line === 3 || line === 7;
}

/** Memory that entries share. */
const pool = new BytePool(32768);

/** Writes fields one after the other where the entry is to be: entries are made too often for arrays that grow, or are copied. */
class Writer {
  #bytes = pool.piece;
  #end = 0;

  begin(head: number, byteCountMax: number): void {
    pool.reserve(byteCountMax);
    this.#bytes = pool.piece;
    this.#end = pool.start;
    this.byte(head);
  }

  /** What was written. */
  end(): Uint8Array {
    return pool.take(this.#end - pool.start);
  }

  byte(value: number): void {
    this.#bytes[this.#end++] = value;
  }

  integer(field: string, value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`a ${field} is an integer from 0 to 2^53 - 1, this is ${value}`);
    let rest = value;
    // Bits can be shifted out of 31 of them only.
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 128);
    for (; rest > 127; rest >>= 7) this.byte((rest & 127) | 128);
    this.byte(rest);
  }

  leb128(value: bigint): void {
    let rest = value;
    for (; rest > SAFE_MAX; rest >>= 7n) this.byte(Number(rest & 127n) | 128);
    this.integer('number', Number(rest));
  }

  /** `bytesMax` bytes at most, with their length before them. */
  bytes(field: string, content: Uint8Array, bytesMax: number): void {
    if (content.length > bytesMax) throw new RangeError(`${field} has at most ${bytesMax} bytes, this ${content.length}`);
    this.integer('length', content.length);
    this.#bytes.set(content, this.#end);
    this.#end += content.length;
  }
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const writer = new Writer();

/** Reads fields from the front; each names itself, for the message when the bytes run out. */
class Reader {
  offset = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(field: string): number {
    const value = this.#bytes[this.offset];
    if (value === undefined) throw new MalformedEntry(`it ends after ${this.#bytes.length} bytes, within the ${field}`);
    this.offset++;
    return value;
  }

  /** A copy of bytes that have their length before them, at most `bytesMax`. */
  bytes(field: string, bytesMax: number): Uint8Array {
    const length = this.integer(`${field} length`, bytesMax);
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new MalformedEntry(`it ends after ${this.#bytes.length} bytes, within the ${field}`);
    const bytes = this.#bytes.slice(this.offset, end);
    this.offset = end;
    return bytes;
  }

  /** As `leb128`, for what a number can hold. */
  integer(field: string, max = Number.MAX_SAFE_INTEGER): number {
    const start = this.offset;
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte(field);
      value += (byte & 127) * scale;
      if (value > max || (scale > 1 && scale > max)) throw tooGreat(field, start, max);
      if (byte < 128) {
        if (byte === 0 && scale > 1) throw notShortest(field, start);
        return value;
      }
    }
  }

  /** The bound is checked at each byte, so that an endless number is refused at once. */
  leb128(field: string, max: bigint): bigint {
    const start = this.offset;
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte(field);
      value |= BigInt(byte & 127) << shift;
      if (value > max || (shift > 0n && 1n << shift > max)) throw tooGreat(field, start, max);
      if (byte < 128) {
        if (byte === 0 && shift > 0n) throw notShortest(field, start);
        return value;
      }
    }
  }
}

function tooGreat(field: string, start: number, max: number | bigint): MalformedEntry {
  return new MalformedEntry(`the ${field} at byte ${start} is greater than ${max}`);
}

function notShortest(field: string, start: number): MalformedEntry {
  return new MalformedEntry(`the ${field} at byte ${start} takes more bytes than it needs`);
}

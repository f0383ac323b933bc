/**
 * Plain data as bytes: how a transcript travels from the child to the judge, and what digests and comparisons are taken of.
 * Decoding trusts nothing: lengths are checked before they are used, and whatever is not an exact encoding is refused.
 */
import { NESTING_MAX } from './plain-data-refusals.ts';

const tags = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  integer: 4,
  number: 5,
  string: 6,
  bigint: 7,
  bytes: 8,
  array: 9,
  record: 10,
} as const;

/** Integers from 0 to this are written in 7-bit groups; every other number as its 8 bytes of IEEE 754. */
const INTEGER_MAX = 0x7fffffff;

// Taken before builtins are metered: this runs at every step of a part.
const { keys: ownKeys } = Object;

/** Bytes that are not the encoding of plain data. */
export class CodecError extends Error {
  constructor(explanation: string) {
    super(explanation);
    this.name = 'CodecError';
  }
}

/** Writes plain data into one growing buffer. `reset` lets one encoder serve many values. */
export class PlainDataEncoder {
  private bytes = new Uint8Array(1024);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  reset(): void {
    this.length = 0;
  }

  /** The bytes written since the last reset; valid until the next write. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Precondition: `value` is plain data, as `copyPlainData` returns it. */
  write(value: unknown): void {
    if (typeof value === 'number') this.writeNumber(value);
    else if (typeof value === 'string') this.writeText(tags.string, value);
    else if (typeof value === 'bigint') this.writeText(tags.bigint, value.toString(16));
    else if (value === undefined) this.writeByte(tags.undefined);
    else if (value === null) this.writeByte(tags.null);
    else if (typeof value === 'boolean') this.writeByte(value ? tags.true : tags.false);
    else this.writeObject(value as object);
  }

  private writeObject(value: object): void {
    if (value instanceof Uint8Array) {
      this.writeByte(tags.bytes);
      this.writeLength(value.length);
      this.reserve(value.length);
      this.bytes.set(value, this.length);
      this.length += value.length;
    } else if (Array.isArray(value)) {
      this.writeByte(tags.array);
      this.writeLength(value.length);
      for (let index = 0; index < value.length; index += 1) this.write(value[index]);
    } else {
      const keys = ownKeys(value);
      this.writeByte(tags.record);
      this.writeLength(keys.length);
      for (const key of keys) {
        this.writeText(tags.string, key);
        this.write((value as Record<string, unknown>)[key]);
      }
    }
  }

  private writeNumber(value: number): void {
    if (value >= 0 && value <= INTEGER_MAX && Number.isInteger(value) && !Object.is(value, -0)) {
      this.writeByte(tags.integer);
      this.writeLength(value);
      return;
    }
    this.writeByte(tags.number);
    this.reserve(8);
    // Every NaN is written as the same one: which NaN an engine made is not the part's doing.
    this.view.setFloat64(this.length, Number.isNaN(value) ? NaN : value);
    this.length += 8;
  }

  /** Text as UTF-16 code units: a string may hold halves of surrogate pairs, which UTF-8 would lose. */
  private writeText(tag: number, text: string): void {
    this.writeByte(tag);
    this.writeLength(text.length);
    this.reserve(2 * text.length);
    for (let index = 0; index < text.length; index += 1) {
      this.view.setUint16(this.length, text.charCodeAt(index));
      this.length += 2;
    }
  }

  private writeLength(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.writeByte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.writeByte(rest);
  }

  private writeByte(byte: number): void {
    this.reserve(1);
    this.bytes[this.length] = byte;
    this.length += 1;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + bytes));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

const encoder = new PlainDataEncoder();

/** The encoding of one value; valid until the next call, so keep a copy or be quick. */
export function encodeBriefly(value: unknown): Uint8Array {
  encoder.reset();
  encoder.write(value);
  return encoder.written();
}

/** The encoding of one value, in bytes of its own. */
export function encodePlainData(value: unknown): Uint8Array {
  return new Uint8Array(encodeBriefly(value));
}

/** The value that `encodePlainData` wrote. Throws a `CodecError` for any other bytes, and for anything left over. */
export function decodePlainData(bytes: Uint8Array): unknown {
  const decoder = new Decoder(bytes);
  const value = decoder.read(0);
  decoder.end();
  return value;
}

class Decoder {
  private readonly bytes: Uint8Array;
  private offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  end(): void {
    if (this.offset !== this.bytes.length) throw new CodecError('there are bytes after the end of the value');
  }

  read(nesting: number): unknown {
    // A transcript nests effects, which may themselves be nested, in a few levels of its own.
    if (nesting > NESTING_MAX + 8) throw new CodecError('the value is nested too deep');
    const tag = this.readByte();
    switch (tag) {
      case tags.undefined:
        return undefined;
      case tags.null:
        return null;
      case tags.false:
        return false;
      case tags.true:
        return true;
      case tags.integer:
        return this.readLength();
      case tags.number:
        return this.readNumber();
      case tags.string:
        return this.readText();
      case tags.bigint:
        return this.readBigint();
      case tags.bytes:
        return this.readBytes();
      case tags.array:
        return this.readArray(nesting);
      case tags.record:
        return this.readRecord(nesting);
      default:
        throw new CodecError(`there is no tag ${tag}`);
    }
  }

  private readNumber(): number {
    this.need(8);
    const { buffer, byteOffset } = this.bytes;
    this.offset += 8;
    return new DataView(buffer, byteOffset).getFloat64(this.offset - 8);
  }

  private readBigint(): bigint {
    const text = this.readText();
    if (!/^-?[0-9a-f]+$/.test(text) || text.length > 4096) throw new CodecError('a bigint is malformed');
    return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }

  private readBytes(): Uint8Array {
    const length = this.readLength();
    this.need(length);
    this.offset += length;
    return this.bytes.slice(this.offset - length, this.offset);
  }

  private readArray(nesting: number): unknown[] {
    const length = this.readLength();
    this.need(length);
    const items: unknown[] = [];
    for (let index = 0; index < length; index += 1) items.push(this.read(nesting + 1));
    return items;
  }

  private readRecord(nesting: number): object {
    const length = this.readLength();
    this.need(2 * length);
    const record: Record<string, unknown> = {};
    for (let index = 0; index < length; index += 1) {
      if (this.readByte() !== tags.string) throw new CodecError('a property name is not a string');
      const key = this.readText();
      if (key === '__proto__' || Object.hasOwn(record, key)) throw new CodecError('a property name is not available');
      record[key] = this.read(nesting + 1);
    }
    return record;
  }

  private readText(): string {
    const length = this.readLength();
    this.need(2 * length);
    const parts: string[] = [];
    const units: number[] = [];
    for (let index = 0; index < length; index += 1) {
      units.push((this.bytes[this.offset]! << 8) | this.bytes[this.offset + 1]!);
      this.offset += 2;
      if (units.length === 4096) parts.push(String.fromCharCode(...units.splice(0)));
    }
    return parts.join('') + String.fromCharCode(...units);
  }

  private readLength(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.readByte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value > INTEGER_MAX) break;
        return value;
      }
    }
    throw new CodecError('a length is out of range');
  }

  private readByte(): number {
    this.need(1);
    this.offset += 1;
    return this.bytes[this.offset - 1]!;
  }

  private need(bytes: number): void {
    if (this.offset + bytes > this.bytes.length) throw new CodecError('the bytes end too early');
  }
}

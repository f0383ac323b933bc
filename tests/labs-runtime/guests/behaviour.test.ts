/** What the guests do on the machine: their output against the same computation in TypeScript, and how sensitive their state is. */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { guests, type GuestName } from '../../../labs-runtime/guests/index.ts';

async function booted(guest: GuestName): Promise<Machine> {
  const machine = new Machine({ ramBytes: guests[guest].ramBytes });
  machine.load(await guests[guest].load());
  return machine;
}

/** Runs to a position, or until the guest waits or is off. Clock reads get `clock`'s values. Returns what the guest printed, and how it ended. */
function runTo(machine: Machine, until: number, clock: () => bigint = () => 0n): { text: string; end: string } {
  let text = '';
  for (;;) {
    const stop = machine.run(until);
    if (stop.reason === 'clock') machine.provideClock(clock());
    else if (stop.reason === 'output') text += String.fromCharCode(stop.byte);
    else return { text, end: stop.reason };
  }
}

describe('counter', () => {
  /** The reply to each byte in turn. */
  async function replies(bytes: readonly number[]): Promise<{ text: string; hash: string }> {
    const machine = await booted('counter');
    let text = '';
    runTo(machine, 10_000);
    for (const byte of bytes) {
      machine.receive(byte);
      const result = runTo(machine, machine.position + 10_000);
      expect(result.end).toBe('wait');
      text += result.text;
    }
    return { text, hash: machine.stateHash() };
  }

  it('answers each byte with the count and the CRC-16/CCITT-FALSE so far, whose check value is 29b1', async () => {
    const { text } = await replies([...'123456789'].map((digit) => digit.charCodeAt(0)));
    const lines = text.split('\n');
    expect(lines.length).toBe(10);
    expect(lines[8]).toBe('9 29b1');
    expect(lines.map((line) => line.split(' ')[0]).join('')).toBe('123456789');
  });

  it('counts in decimal beyond 9', async () => {
    const { text } = await replies(new Array<number>(12).fill(0));
    expect(text.split('\n')[11]).toMatch(/^12 [0-9a-f]{4}$/);
  });

  it('shows a byte lost, repeated, changed or out of order in its last reply and its state', async () => {
    const variants = ['abcd', 'abd', 'abbcd', 'abxd', 'acbd'];
    const results = await Promise.all(variants.map((text) => replies([...text].map((letter) => letter.charCodeAt(0)))));
    expect(new Set(results.map(({ text }) => text.trimEnd().split('\n').at(-1))).size).toBe(variants.length);
    expect(new Set(results.map(({ hash }) => hash)).size).toBe(variants.length);
  });

  it('answers bytes that come together one after the other', async () => {
    const machine = await booted('counter');
    runTo(machine, 10_000);
    for (const byte of [1, 2, 3]) machine.receive(byte);
    const { text, end } = runTo(machine, machine.position + 10_000);
    expect(text.split('\n').map((line) => line.split(' ')[0])).toEqual(['1', '2', '3', '']);
    expect(end).toBe('wait');
  });
});

describe('clockwork', () => {
  const UNTIL = 20_000;

  /** State at the end of a run with clock values 1000, 2000, ... (one of them changed) and a software interrupt at some position. */
  async function stateAfter(options: {
    interruptAt?: number;
    line?: 3 | 7;
    changedRead?: number;
    bit?: number;
    byte?: number;
  }): Promise<string> {
    const machine = await booted('clockwork');
    let reads = 0;
    const clock = () => {
      const value = BigInt(++reads * 1000);
      return reads === options.changedRead ? value ^ (1n << BigInt(options.bit ?? 0)) : value;
    };
    if (options.interruptAt !== undefined) {
      runTo(machine, options.interruptAt, clock);
      if (options.byte !== undefined) machine.receive(options.byte);
      else machine.interrupt(options.line ?? 3);
    }
    runTo(machine, UNTIL, clock);
    expect(reads).toBeGreaterThan(10);
    return machine.stateHash();
  }

  it.each([
    ['a software interrupt', { line: 3 as const }],
    ['a timer interrupt', { line: 7 as const }],
    ['a console byte', { byte: 65 }],
  ])('ends in another state for every single position at which %s lands', async (_, event) => {
    const states = new Set<string>();
    const positions = 100;
    for (let offset = 0; offset < positions; offset++) states.add(await stateAfter({ interruptAt: 5000 + offset, ...event }));
    expect(states.size).toBe(positions);
  });

  it('ends in another state for every single bit of every clock value it reads', async () => {
    const states = new Set<string>([await stateAfter({})]);
    for (let changedRead = 1; changedRead <= 10; changedRead++) {
      for (let bit = 0; bit < 32; bit++) states.add(await stateAfter({ changedRead, bit }));
    }
    expect(states.size).toBe(1 + 10 * 32);
  });

  it('asks for a timer interrupt 10,000 ticks after the last, over the end of the low half of mtime too', async () => {
    const machine = await booted('clockwork');
    let now = 2n ** 32n - 15_000n;
    const due: bigint[] = [];
    for (let count = 0; count < 3; count++) {
      runTo(machine, machine.position + 2000, () => now);
      due.push(machine.interruptTimer);
      now = machine.interruptTimer;
      machine.interrupt(7);
    }
    expect(due).toEqual([2n ** 32n - 5000n, 2n ** 32n + 5000n, 2n ** 32n + 15_000n]);
  });

  it('prints a line every 4 interrupts', async () => {
    const machine = await booted('clockwork');
    let text = '';
    for (let count = 0; count < 8; count++) {
      text += runTo(machine, machine.position + 2000).text;
      machine.interrupt(3);
    }
    text += runTo(machine, machine.position + 2000).text;
    expect(text).toMatch(/^4 [0-9a-f]{8}\n8 [0-9a-f]{8}\n$/);
  });
});

describe('sieve-crc32', () => {
  /** The guest's computation, told again: CRC-32 of 100 sieves, bit by bit without a table. */
  function expectedChecksum(): string {
    const composite = Array.from({ length: 30_000 }, (_, index) => Number(!isPrime(2 * index + 1)));
    let crc = 0xffffffff;
    const table = Array.from({ length: 256 }, (_, byte) => crc32OfByte(byte));
    for (let round = 0; round < 100; round++) {
      for (const flag of composite) crc = table[(crc ^ flag) & 255]! ^ (crc >>> 8);
    }
    return (~crc >>> 0).toString(16).padStart(8, '0');
  }

  function isPrime(number: number): boolean {
    for (let divisor = 3; divisor * divisor <= number; divisor += 2) if (number % divisor === 0) return false;
    return number > 1;
  }

  function crc32OfByte(byte: number): number {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  }

  it('prints the checksum and powers off after 50 to 100 million attempts', async () => {
    const machine = await booted('sieve-crc32');
    const { text, end } = runTo(machine, 200_000_000);
    expect(text).toBe(`${expectedChecksum()}\n`);
    expect(end).toBe('power-off');
    expect(machine.position).toBeGreaterThan(50_000_000);
    expect(machine.position).toBeLessThan(100_000_000);
  });
});

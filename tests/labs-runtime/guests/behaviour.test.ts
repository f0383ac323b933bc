/** What the guests do on the machine: their output against the same computation in TypeScript, and how sensitive their state is. */
import { describe, expect, it } from 'vitest';
import { type Machine, NETWORK_ADDRESS } from '../../../labs-runtime/emulator/machine.ts';
import { decodeReply, encodeRequest, type TicketReply, type TicketRequest } from '../../../labs-runtime/guests/tickets-protocol.ts';
import { booted, runTo } from './running.ts';

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
      due.push(machine.interruptTimer());
      now = machine.interruptTimer();
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

describe('tickets', () => {
  /** What a frame, or a timer interrupt, made the guest send and print, and how often it read the clock. */
  interface Answer {
    frames: Uint8Array[];
    text: string;
    clockReads: number;
    end: string;
    /** Devices of the outputs, in order. */
    order: ('console' | 'network')[];
  }

  /** Runs until the guest waits or is off. The clock says `now`. */
  function settle(machine: Machine, now: bigint): Answer {
    const answer: Answer = { frames: [], text: '', clockReads: 0, end: '', order: [] };
    for (;;) {
      const stop = machine.run(machine.position + 100_000);
      if (stop.reason === 'clock') {
        machine.provideClock(now);
        answer.clockReads++;
      } else if (stop.reason === 'output') {
        answer.text += String.fromCharCode(stop.byte);
        answer.order.push('console');
      } else if (stop.reason === 'transmit') {
        answer.frames.push(...stop.frames);
        answer.order.push('network');
      } else if (stop.reason !== 'receive-buffers') {
        return { ...answer, end: stop.reason };
      }
    }
  }

  async function started(): Promise<Machine> {
    const machine = await booted('tickets');
    expect(settle(machine, 0n)).toEqual({ frames: [], text: '', clockReads: 1, end: 'wait', order: [] });
    return machine;
  }

  function ask(machine: Machine, request: TicketRequest, now = 0n): Answer {
    expect(machine.receiveFrame(encodeRequest(request))).toBe(true);
    return settle(machine, now);
  }

  const take = (client: number, request: number): TicketRequest => ({ op: 'take ticket', client, request });
  const replyOf = ({ frames }: Answer): TicketReply | undefined => {
    expect(frames.length).toBe(1);
    return decodeReply(frames[0]!);
  };
  const nothing = { frames: [], text: '', clockReads: 0, end: 'wait', order: [] };

  it('announces nothing at boot, and then has buffers for eight frames', async () => {
    const machine = await started();
    const frame = encodeRequest(take(0, 1));
    for (let count = 0; count < 8; count++) expect(machine.receiveFrame(frame)).toBe(true);
    expect(machine.receiveFrame(frame)).toBe(false);
    settle(machine, 0n);
    expect(machine.receiveFrame(frame)).toBe(true);
  });

  it('gives numbers from 1 over all clients, with the time read once for each, and prints each new number behind its reply', async () => {
    const machine = await started();
    const first = ask(machine, take(3, 1), 0x1_1234_5678n);
    expect(replyOf(first)).toEqual({ client: 3, request: 1, ticket: 1, time: 0x1234_5678 });
    expect(first).toMatchObject({ text: '1\n', clockReads: 1, end: 'wait', order: ['network', 'console', 'console'] });
    expect(replyOf(ask(machine, take(15, 7), 0x1_2000_0000n))).toEqual({ client: 15, request: 7, ticket: 2, time: 0x2000_0000 });
    expect(replyOf(ask(machine, take(3, 2), 0x1_3000_0000n))).toEqual({ client: 3, request: 2, ticket: 3, time: 0x3000_0000 });
  });

  it('sends the reply to the address that the request came from, from its own', async () => {
    const machine = await started();
    const request = encodeRequest(take(5, 1));
    machine.receiveFrame(request);
    const { frames } = settle(machine, 0n);
    expect([...frames[0]!.subarray(0, 6)]).toEqual([...request.subarray(6, 12)]);
    expect([...frames[0]!.subarray(6, 12)]).toEqual([...NETWORK_ADDRESS]);
    expect([...request.subarray(0, 6)]).toEqual([...NETWORK_ADDRESS]);
  });

  it('answers a request that comes again with the same reply, and takes no ticket for it', async () => {
    const machine = await started();
    const first = ask(machine, take(0, 1), 5n);
    ask(machine, take(1, 1), 6n);
    const again = ask(machine, take(0, 1), 700n);
    expect(again).toEqual({ ...nothing, frames: first.frames, order: ['network'] });
    expect(replyOf(ask(machine, take(0, 2), 800n))).toMatchObject({ ticket: 3 });
  });

  it('ignores a request older than the last one of its client', async () => {
    const machine = await started();
    ask(machine, take(0, 5));
    expect(ask(machine, take(0, 4))).toEqual(nothing);
    expect(replyOf(ask(machine, take(0, 5)))).toMatchObject({ request: 5, ticket: 1 });
  });

  it('answers requests that come together, each once, in their order', async () => {
    const machine = await started();
    for (const client of [2, 0, 1]) machine.receiveFrame(encodeRequest(take(client, 1)));
    const { frames, text, order } = settle(machine, 9n);
    expect(frames.map((frame) => decodeReply(frame))).toEqual(
      [2, 0, 1].map((client, index) => ({ client, request: 1, ticket: index + 1, time: 9 })),
    );
    expect(text).toBe('1\n2\n3\n');
    expect(order.filter((device) => device === 'network').length).toBe(3);
  });

  it('counts in decimal beyond 9, and goes around its rings of buffers many times', async () => {
    const machine = await started();
    let text = '';
    for (let request = 1; request <= 100; request++) text += ask(machine, take(request % 16, request)).text;
    expect(text).toBe(Array.from({ length: 100 }, (_, index) => `${index + 1}\n`).join(''));
  });

  it('powers off when it is told to, without a reply', async () => {
    const machine = await started();
    expect(ask(machine, { op: 'power off', client: 0, request: 1 })).toEqual({ ...nothing, end: 'power-off' });
  });

  it.each<[string, (frame: Uint8Array) => Uint8Array]>([
    ['of another type', (frame) => frame.with(12, 0x08)],
    ['for another address', (frame) => frame.with(5, 0x02)],
    ['with an unknown op', (frame) => frame.with(14, 0x03)],
    ['from client 16', (frame) => frame.with(15, 16)],
    ['with request 0', (frame) => frame.with(19, 0)],
    ['that is too short', (frame) => frame.subarray(0, 19)],
    ['that is empty', () => new Uint8Array(0)],
  ])('ignores a frame %s, and hands its buffer back', async (_, change) => {
    const machine = await started();
    for (let count = 0; count < 20; count++) {
      expect(machine.receiveFrame(change(encodeRequest(take(0, 1))))).toBe(true);
      expect(settle(machine, 0n)).toEqual(nothing);
    }
    expect(replyOf(ask(machine, take(0, 1)))).toMatchObject({ ticket: 1 });
  });

  it('takes a request with padding behind it, but has no buffer for more than 244 bytes', async () => {
    const machine = await started();
    const padded = new Uint8Array(244);
    padded.set(encodeRequest(take(0, 1)));
    expect(machine.canReceive(245)).toBe(false);
    expect(machine.receiveFrame(padded)).toBe(true);
    expect(replyOf(settle(machine, 0n))).toMatchObject({ ticket: 1 });
  });

  it('asks for a timer interrupt 10,000 ticks after each, with one clock read, over the end of the low half of mtime too', async () => {
    const machine = await booted('tickets');
    let now = 2n ** 32n - 15_000n;
    settle(machine, now);
    const due = [machine.interruptTimer()];
    for (let count = 0; count < 3; count++) {
      now = machine.interruptTimer() + 10n;
      machine.interrupt(7);
      expect(settle(machine, now)).toEqual({ ...nothing, clockReads: 1 });
      due.push(machine.interruptTimer());
    }
    expect(due).toEqual([-5000n, 5010n, 15_020n, 25_030n].map((ticks) => 2n ** 32n + ticks));
  });

  it('does not take a console byte for anything', async () => {
    const machine = await started();
    machine.receive(65);
    expect(settle(machine, 0n).end).toBe('wait');
    expect(replyOf(ask(machine, take(0, 1)))).toMatchObject({ ticket: 1 });
  });
});

describe("the tickets' protocol", () => {
  const request: TicketRequest = { op: 'take ticket', client: 1, request: 0x01020304 };

  it('lays a request out as the guest reads it', () => {
    expect(Buffer.from(encodeRequest(request)).toString('hex')).toBe('5254004c530102000000000188b5010101020304');
    expect(encodeRequest({ ...request, op: 'power off' })[14]).toBe(2);
  });

  it.each([{ client: -1 }, { client: 16 }, { client: 0.5 }, { request: 0 }, { request: 2 ** 32 }])('refuses %o', (change) => {
    expect(() => encodeRequest({ ...request, ...change })).toThrow(RangeError);
  });

  it('reads a reply, also from the middle of a longer array, and takes nothing else for one', () => {
    const reply = Uint8Array.from(Buffer.from('0200000000015254004c530188b58101000000050000000900000064', 'hex'));
    const expected = { client: 1, request: 5, ticket: 9, time: 100 };
    expect(decodeReply(reply)).toEqual(expected);
    expect(decodeReply(Uint8Array.of(1, 2, 3, ...reply, 0).subarray(3))).toEqual(expected);
    expect(decodeReply(reply.subarray(0, 27))).toBeUndefined();
    expect(decodeReply(reply.with(13, 0))).toBeUndefined();
    expect(decodeReply(encodeRequest(request))).toBeUndefined();
  });
});

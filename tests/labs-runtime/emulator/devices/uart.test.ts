import { describe, expect, test } from 'vitest';
import { addi, boot, lbu, li, NOP, runAll, sb, SPIN, UART } from '../assembler.ts';
import { Uart } from '../../../../labs-runtime/emulator/devices/uart/uart.ts';

const DATA = 0;
const IER = 1;
const IIR = 2;
const FCR = 2;
const LCR = 3;
const MCR = 4;
const LSR = 5;
const MSR = 6;
const SCR = 7;

const NO_INTERRUPT = 1;

function received(bytes: number[]): Uart {
  const uart = new Uart();
  for (const byte of bytes) uart.receive(byte);
  return uart;
}

const sequence = (length: number) => Array.from({ length }, (_, index) => index + 1);
const drain = (uart: Uart, count: number) => Array.from({ length: count }, () => uart.load(DATA, 1));

describe('receiving', () => {
  test('bytes come out in order, and LSR says whether there are any', () => {
    const uart = received([1, 2, 3]);
    expect(uart.load(LSR, 1)).toBe(0x61);
    expect(drain(uart, 3)).toEqual([1, 2, 3]);
    expect(uart.load(LSR, 1)).toBe(0x60);
    expect(uart.load(DATA, 1)).toBe(0);
  });

  test('the FIFO holds 16 bytes; the next one is lost and sets the overrun bit, which reading LSR clears', () => {
    const uart = received(sequence(16));
    expect(uart.load(LSR, 1)).toBe(0x61);
    uart.receive(17);
    expect(uart.load(LSR, 1)).toBe(0x63);
    expect(uart.load(LSR, 1)).toBe(0x61);
    expect(drain(uart, 16)).toEqual(sequence(16));
    expect(uart.load(LSR, 1)).toBe(0x60);
  });

  test('FCR empties the FIFO on request, and when FIFOs are switched on or off', () => {
    const count = (writes: number[]) => {
      const uart = received([]);
      for (const value of writes.slice(0, -1)) uart.store(FCR, 1, value);
      uart.receive(1);
      uart.store(FCR, 1, writes.at(-1)!);
      return (uart.load(LSR, 1) as number) & 1;
    };
    expect(count([1, 1])).toBe(1);
    expect(count([1, 3])).toBe(0);
    expect(count([1])).toBe(0);
    expect(count([1, 0])).toBe(0);
  });
});

describe('interrupts', () => {
  test('received data raises the line while IER enables it and bytes wait', () => {
    const uart = received([1]);
    expect(uart.interruptPending).toBe(false);
    expect(uart.load(IIR, 1)).toBe(NO_INTERRUPT);
    uart.store(IER, 1, 1);
    expect(uart.interruptPending).toBe(true);
    expect(uart.load(IIR, 1)).toBe(4);
    uart.load(DATA, 1);
    expect(uart.interruptPending).toBe(false);
  });

  test('below the trigger level bytes count as timed out, at the level as received', () => {
    const uart = received([]);
    uart.store(IER, 1, 1);
    for (const [code, level] of [
      [0x01, 1],
      [0x41, 4],
      [0x81, 8],
      [0xc1, 14],
    ] as const) {
      uart.store(FCR, 1, 0);
      uart.store(FCR, 1, code);
      for (let count = 1; count <= 16; count++) {
        uart.receive(count);
        expect(uart.load(IIR, 1)).toBe(count < level ? 0xcc : 0xc4);
      }
    }
  });

  test('an empty transmitter raises the line when enabled and after each byte, and reading IIR acknowledges it', () => {
    const uart = received([]);
    uart.store(IER, 1, 2);
    expect(uart.interruptPending).toBe(true);
    expect(uart.load(IIR, 1)).toBe(2);
    expect(uart.interruptPending).toBe(false);
    expect(uart.load(IIR, 1)).toBe(NO_INTERRUPT);
    uart.store(DATA, 1, 0x41);
    expect(uart.load(IIR, 1)).toBe(2);
  });

  test('reading IIR for a more urgent cause leaves the transmitter pending', () => {
    const uart = received([1]);
    uart.store(IER, 1, 3);
    expect(uart.load(IIR, 1)).toBe(4);
    uart.load(DATA, 1);
    expect(uart.load(IIR, 1)).toBe(2);
  });

  test('an overrun raises the line status interrupt, the most urgent, until LSR is read', () => {
    const uart = received(sequence(17));
    uart.store(IER, 1, 7);
    expect(uart.load(IIR, 1)).toBe(6);
    uart.load(LSR, 1);
    expect(uart.load(IIR, 1)).toBe(4);
  });
});

describe('sending', () => {
  test('a byte written to the transmitter stops the run right after the store, with its low eight bits', () => {
    const machine = boot([li(1, UART), li(2, 0x1234), sb(2, 1, 0), NOP, SPIN]);
    expect(machine.run(100)).toEqual({ reason: 'output', byte: 0x34 });
    expect(machine.position).toBe(5);
    expect(machine.run(7)).toEqual({ reason: 'position' });
  });

  test('an output at the position asked for is reported first', () => {
    const machine = boot([li(1, UART), sb(1, 1, 0), NOP]);
    expect(machine.run(3)).toEqual({ reason: 'output', byte: 0 });
    expect(machine.run(3)).toEqual({ reason: 'position' });
  });

  test('the transmitter is always ready', () => {
    expect(runAll([li(1, UART), lbu(2, 1, LSR)]).registers[2]).toBe(0x60);
  });

  test('with the divisor latch open, the first two registers are the divisor and nothing is sent', () => {
    const machine = runAll([li(1, UART), addi(2, 0, 0x83), sb(2, 1, LCR), addi(3, 0, 0x2b), sb(3, 1, 0), addi(3, 0, 0x11), sb(3, 1, 1)]);
    const uart = machine.snapshot().core.uart;
    expect([uart.divisor, uart.interruptEnable]).toEqual([0x112b, 0]);
    const read = new Uart();
    read.restore(uart);
    expect([read.load(0, 1), read.load(1, 1), read.load(LCR, 1)]).toEqual([0x2b, 0x11, 0x83]);
  });
});

describe('the other registers', () => {
  test('scratch, line and modem control keep what is written; status registers ignore it', () => {
    const uart = received([]);
    for (const [register, value, expected] of [
      [SCR, 0xa5, 0xa5],
      [LCR, 0x1b, 0x1b],
      [MCR, 0xff, 0x1f],
      [IER, 0xff, 0x0f],
    ] as const) {
      uart.store(register, 1, value);
      expect(uart.load(register, 1)).toBe(expected);
    }
    uart.store(LSR, 1, 0xff);
    uart.store(MSR, 1, 0xff);
    expect(uart.load(LSR, 1)).toBe(0x60);
  });

  test('IIR shows that FIFOs are enabled', () => {
    const uart = received([]);
    uart.store(FCR, 1, 1);
    expect(uart.load(IIR, 1)).toBe(0xc1);
    uart.store(FCR, 1, 0);
    expect(uart.load(IIR, 1)).toBe(1);
  });

  test('loopback returns bytes to the receiver and modem outputs to the modem inputs', () => {
    const uart = received([]);
    expect(uart.load(MSR, 1)).toBe(0xb0);
    uart.store(MCR, 1, 0x1a);
    expect(uart.load(MSR, 1)).toBe(0x90);
    expect(uart.store(DATA, 1, 0x55)).toBe('stored');
    expect(uart.load(DATA, 1)).toBe(0x55);
  });
});

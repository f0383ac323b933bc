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
/** Loopback with RTS and OUT2. */
const LOOPBACK_PROBE = 0x1a;

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

  test('the room is what the FIFO takes before it overruns, whatever FCR says', () => {
    for (const control of [0, 0xc1]) {
      const uart = received([]);
      uart.store(FCR, 1, control);
      for (let room = 16; room > 0; room--) {
        expect(uart.room).toBe(room);
        uart.receive(room);
      }
      expect([uart.room, uart.load(LSR, 1)]).toEqual([0, 0x61]);
      uart.load(DATA, 1);
      expect(uart.room).toBe(1);
    }
    const machine = boot([NOP]);
    machine.receive(1);
    expect(machine.consoleRoom).toBe(15);
  });

  test('the driver listens once it has enabled the interrupt for received bytes', () => {
    const uart = received([]);
    const listening = [0, 2, 1, 4].map((enabled) => (uart.store(IER, 1, enabled), uart.isListening));
    expect(listening).toEqual([false, false, true, false]);
    expect(boot([NOP]).consoleIsListening).toBe(false);
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
});

describe('loopback (datasheet, section 8.6.7)', () => {
  const LOOP = 0x10;

  test('bytes sent come back to the receiver instead of leaving, and overrun it like any others', () => {
    const uart = received([]);
    uart.store(MCR, 1, LOOP);
    for (const byte of sequence(17)) expect(uart.store(DATA, 1, byte)).toBe('stored');
    expect(uart.load(LSR, 1)).toBe(0x63);
    expect(drain(uart, 17)).toEqual([...sequence(16), 0]);
  });

  test('the line is cut off: what comes in is lost, without an overrun, and there is no room for it', () => {
    const uart = received([1]);
    uart.store(MCR, 1, LOOP);
    expect(uart.room).toBe(0);
    uart.receive(2);
    uart.store(MCR, 1, 0);
    expect(uart.room).toBe(15);
    uart.receive(3);
    expect([...drain(uart, 3), uart.load(LSR, 1)]).toEqual([1, 3, 0, 0x60]);
  });

  test.each([
    ['RTS as CTS', 0x02, 0x10],
    ['DTR as DSR', 0x01, 0x20],
    ['OUT1 as RI', 0x04, 0x40],
    ['OUT2 as DCD', 0x08, 0x80],
    ['all of them', 0x0f, 0xf0],
    ['none', 0x00, 0x00],
  ])('of the modem outputs it shows %s', (_, outputs, inputs) => {
    const uart = received([]);
    uart.store(MCR, 1, LOOP | outputs);
    uart.load(MSR, 1);
    expect(uart.load(MSR, 1)).toBe(inputs);
  });
});

describe('modem status', () => {
  /** What MSR shows after each of these values of MCR. */
  const seen = (...controls: number[]) => {
    const uart = received([]);
    return controls.map((control) => (uart.store(MCR, 1, control), uart.load(MSR, 1)));
  };

  test('the lines stand still outside loopback', () => {
    expect(seen(0, 0x0f, 0x05, 0)).toEqual([0xb0, 0xb0, 0xb0, 0xb0]);
  });

  test('says once of each input that it changed since the last look', () => {
    expect(seen(0x1b, 0x1b, 0x19, 0x18, 0x10)).toEqual([0xb0, 0xb0, 0xa1, 0x82, 0x08]);
  });

  test('but of the ring indicator only that it went down', () => {
    expect(seen(0x14, 0x14, 0x10, 0x14)).toEqual([0x4b, 0x40, 0x04, 0x40]);
  });

  test('changes gather until they are looked at', () => {
    const uart = received([]);
    uart.store(MCR, 1, 0x12);
    uart.store(MCR, 1, 0x1b);
    expect([uart.load(MSR, 1), uart.load(MSR, 1)]).toEqual([0xba, 0xb0]);
  });

  test('a change raises the least urgent interrupt, if IER enables it, until MSR is read', () => {
    const uart = received([]);
    uart.store(MCR, 1, 0x10);
    expect(uart.interruptPending).toBe(false);
    uart.store(IER, 1, 0x0a);
    expect(uart.load(IIR, 1)).toBe(2);
    expect([uart.interruptPending, uart.load(IIR, 1), uart.load(IIR, 1)]).toEqual([true, 0, 0]);
    uart.load(MSR, 1);
    expect([uart.interruptPending, uart.load(IIR, 1)]).toEqual([false, NO_INTERRUPT]);
  });
});

describe("what Linux's driver for this family of chips tries, to find out which one it has", () => {
  const uart = received([]);
  const read = (register: number) => uart.load(register, 1) as number;
  const write = (register: number, value: number) => void uart.store(register, 1, value);

  test('four bits of IER can be set and cleared, the upper ones stay clear', () => {
    write(IER, 0);
    const cleared = read(IER) & 0x0f;
    write(IER, 0x0f);
    expect([cleared, read(IER) & 0x0f]).toEqual([0, 0x0f]);
    write(IER, 0x40);
    expect(read(IER) & 0x40).toBe(0);
    write(IER, 0);
  });

  test('RTS and OUT2 come back in loopback as CTS and DCD alone', () => {
    write(MCR, LOOPBACK_PROBE);
    expect(read(MSR) & 0xf0).toBe(0x90);
    write(MCR, 0);
  });

  test('with its FIFOs enabled it is a 16550A, with 16 bytes and not 64', () => {
    write(LCR, 0xbf);
    write(FCR, 0);
    write(LCR, 0);
    write(FCR, 0x01);
    expect(read(IIR) >> 6).toBe(3);
    write(LCR, 0);
    write(FCR, 0x21);
    expect(read(IIR) >> 5).toBe(6);
    write(LCR, 0x80);
    write(FCR, 0x21);
    expect(read(IIR) >> 5).toBe(6);
    write(FCR, 0x01);
  });

  test.each([0x80, 0xbf])('no extended feature register answers while LCR is 0x%x', (control) => {
    write(LCR, control);
    expect(read(IIR)).not.toBe(0);
    write(LCR, 0);
  });

  test('the transmitter-empty interrupt comes again each time it is enabled', () => {
    const asserted = [1, 2].map(() => {
      write(IER, 2);
      const identification = read(IIR) & 0x0f;
      write(IER, 0);
      return identification;
    });
    expect(asserted).toEqual([2, 2]);
    expect(read(LSR) & 0x60).toBe(0x60);
  });

  test('at the end nothing is pending and no status reads as if no chip were there', () => {
    write(FCR, 0x07);
    write(FCR, 0);
    expect([read(LSR), read(DATA), read(IIR), read(MSR) & 0xf0]).toEqual([0x60, 0, NO_INTERRUPT, 0xb0]);
  });
});

/**
 * 16550 UART with byte-wide registers, after the datasheet of the PC16550D. A byte written to the transmitter leaves at once, as a stop
 * of the run; bytes come in through `receive`. There is no time here: a character timeout counts as reached while bytes wait below the
 * trigger level, baud rate and format are stored only, and the FIFO holds 16 bytes whether or not FCR enables it. The modem's lines stand
 * still, so that only loopback changes what the modem status shows.
 */
import type { Device, Loaded, Stored } from '../device.ts';

/** Register offsets; the first two are the divisor latch while LCR.DLAB is set. */
const DATA = 0;
const INTERRUPT_ENABLE = 1;
const INTERRUPT_IDENTIFICATION = 2; // FIFO control when written
const LINE_CONTROL = 3;
const MODEM_CONTROL = 4;
const LINE_STATUS = 5;
const MODEM_STATUS = 6;

const FIFO_BYTES = 16;
const TRIGGER_LEVELS = [1, 4, 8, 14] as const;

/** Bits of IER. */
const ENABLE_RECEIVED = 1;
const ENABLE_TRANSMITTER_EMPTY = 2;
const ENABLE_LINE_STATUS = 4;
const ENABLE_MODEM_STATUS = 8;

/** Values of IIR, from highest priority to lowest; FIFO_ENABLED is added while FCR enables the FIFOs. */
const CAUSE_LINE_STATUS = 6;
const CAUSE_RECEIVED = 4;
const CAUSE_TIMEOUT = 12;
const CAUSE_TRANSMITTER_EMPTY = 2;
const CAUSE_MODEM_STATUS = 0;
const CAUSE_NONE = 1;
const FIFO_ENABLED = 0xc0;

/** Bits of LSR. */
const DATA_READY = 1;
const OVERRUN = 2;
const TRANSMITTER_EMPTY = 0x60;

const DIVISOR_LATCH_ACCESS = 0x80;
const LOOPBACK = 0x10;
/** MSR's upper half outside loopback: carrier, data set ready, clear to send. Its lower half says which of the upper bits changed. */
const MODEM_CONNECTED = 0xb0;
const RING = 0x40;

export interface UartState {
  received: number[];
  overrun: boolean;
  transmitterEmptyPending: boolean;
  divisor: number;
  interruptEnable: number;
  fifoControl: number;
  lineControl: number;
  modemControl: number;
  modemChanges: number;
  scratch: number;
}

/** State after power-on. */
function initialState(): UartState {
  return {
    received: [],
    overrun: false,
    transmitterEmptyPending: false,
    divisor: 0,
    interruptEnable: 0,
    fifoControl: 0,
    lineControl: 0,
    modemControl: 0,
    modemChanges: 0,
    scratch: 0,
  };
}

export class Uart implements Device {
  readonly start = 0x10000000;
  readonly sizeBytes = 8;
  #state = initialState();

  /** How many bytes `receive` would take now. */
  get room(): number {
    return this.#isLoopedBack ? 0 : FIFO_BYTES - this.#state.received.length;
  }

  /** Whether the driver wants interrupts for received bytes: one that does has set the device up, and will not empty the FIFO for it any more. */
  get isListening(): boolean {
    return (this.#state.interruptEnable & ENABLE_RECEIVED) !== 0;
  }

  /** Takes a byte from the line. When the FIFO is full it is lost and the overrun bit set; in loopback the line is cut off, and it is lost. */
  receive(byte: number): void {
    if (!this.#isLoopedBack) this.#push(byte & 0xff);
  }

  /** Level of the interrupt line, wired to mip.MEIP. */
  get interruptPending(): boolean {
    return this.#cause() !== CAUSE_NONE;
  }

  load(offset: number, size: number): Loaded {
    if (size !== 1) return 'access-fault';
    const state = this.#state;
    if (offset <= INTERRUPT_ENABLE && (state.lineControl & DIVISOR_LATCH_ACCESS) !== 0) return (state.divisor >>> (8 * offset)) & 0xff;
    switch (offset) {
      case DATA:
        return state.received.shift() ?? 0;
      case INTERRUPT_ENABLE:
        return state.interruptEnable;
      case INTERRUPT_IDENTIFICATION:
        return this.#identifyInterrupt();
      case LINE_CONTROL:
        return state.lineControl;
      case MODEM_CONTROL:
        return state.modemControl;
      case LINE_STATUS:
        return this.#readLineStatus();
      case MODEM_STATUS:
        return this.#readModemStatus();
      default:
        return state.scratch;
    }
  }

  store(offset: number, size: number, value: number): Stored {
    if (size !== 1) return 'access-fault';
    const state = this.#state;
    const byte = value & 0xff;
    if (offset <= INTERRUPT_ENABLE && (state.lineControl & DIVISOR_LATCH_ACCESS) !== 0) {
      state.divisor = offset === 0 ? (state.divisor & 0xff00) | byte : (state.divisor & 0xff) | (byte << 8);
    } else if (offset === DATA) {
      return this.#transmit(byte);
    } else if (offset === INTERRUPT_ENABLE) {
      this.#enableInterrupts(byte & 0xf);
    } else if (offset === INTERRUPT_IDENTIFICATION) {
      this.#controlFifos(byte);
    } else if (offset === LINE_CONTROL) {
      state.lineControl = byte;
    } else if (offset === MODEM_CONTROL) {
      this.#controlModem(byte & 0x1f);
    } else if (offset > MODEM_STATUS) {
      state.scratch = byte;
    }
    return 'stored'; // Line and modem status are read-only.
  }

  save(): UartState {
    return { ...this.#state, received: this.#state.received.slice() };
  }

  restore(state: UartState): void {
    this.#state = { ...state, received: state.received.slice() };
  }

  reset(): void {
    this.#state = initialState();
  }

  get #isLoopedBack(): boolean {
    return (this.#state.modemControl & LOOPBACK) !== 0;
  }

  #push(byte: number): void {
    if (this.#state.received.length < FIFO_BYTES) this.#state.received.push(byte);
    else this.#state.overrun = true;
  }

  /** The highest-priority cause that is both enabled and present. */
  #cause(): number {
    const { interruptEnable, received, overrun, transmitterEmptyPending, modemChanges, fifoControl } = this.#state;
    if ((interruptEnable & ENABLE_LINE_STATUS) !== 0 && overrun) return CAUSE_LINE_STATUS;
    if ((interruptEnable & ENABLE_RECEIVED) !== 0 && received.length > 0) {
      const isBelowTrigger = (fifoControl & 1) === 1 && received.length < TRIGGER_LEVELS[(fifoControl >>> 6) as 0 | 1 | 2 | 3];
      return isBelowTrigger ? CAUSE_TIMEOUT : CAUSE_RECEIVED;
    }
    if ((interruptEnable & ENABLE_TRANSMITTER_EMPTY) !== 0 && transmitterEmptyPending) return CAUSE_TRANSMITTER_EMPTY;
    if ((interruptEnable & ENABLE_MODEM_STATUS) !== 0 && modemChanges !== 0) return CAUSE_MODEM_STATUS;
    return CAUSE_NONE;
  }

  /** Reading IIR acknowledges a transmitter-empty interrupt, if that is what it reports. */
  #identifyInterrupt(): number {
    const cause = this.#cause();
    if (cause === CAUSE_TRANSMITTER_EMPTY) this.#state.transmitterEmptyPending = false;
    return (this.#state.fifoControl & 1) === 1 ? cause | FIFO_ENABLED : cause;
  }

  /** Reading LSR clears the overrun bit. */
  #readLineStatus(): number {
    const { received, overrun } = this.#state;
    this.#state.overrun = false;
    return TRANSMITTER_EMPTY | (received.length > 0 ? DATA_READY : 0) | (overrun ? OVERRUN : 0);
  }

  /** Reading MSR clears the change bits. */
  #readModemStatus(): number {
    const changes = this.#state.modemChanges;
    this.#state.modemChanges = 0;
    return this.#modemInputs | changes;
  }

  /** In loopback the modem's outputs RTS, DTR, OUT1 and OUT2 come back as CTS, DSR, RI and DCD. */
  get #modemInputs(): number {
    const control = this.#state.modemControl;
    if (!this.#isLoopedBack) return MODEM_CONNECTED;
    return ((control & 2) << 3) | ((control & 1) << 5) | ((control & 4) << 4) | ((control & 8) << 4);
  }

  /** Of the ring indicator only the end counts as a change. */
  #controlModem(bits: number): void {
    const before = this.#modemInputs;
    this.#state.modemControl = bits;
    const changed = (before ^ this.#modemInputs) & ~(this.#modemInputs & RING);
    this.#state.modemChanges |= changed >>> 4;
  }

  /** The byte leaves at once, so that the transmitter is empty again when the store retires. */
  #transmit(byte: number): Stored {
    this.#state.transmitterEmptyPending = true;
    if (!this.#isLoopedBack) return { reason: 'output', byte };
    this.#push(byte);
    return 'stored';
  }

  /** Enabling the transmitter-empty interrupt while the transmitter is empty raises it. */
  #enableInterrupts(bits: number): void {
    const isNewlyEnabled = (bits & ~this.#state.interruptEnable & ENABLE_TRANSMITTER_EMPTY) !== 0;
    if (isNewlyEnabled) this.#state.transmitterEmptyPending = true;
    this.#state.interruptEnable = bits;
  }

  /** FCR: bit 0 enables the FIFOs and empties them when it changes, bit 1 empties the receive FIFO; other bits need bit 0. */
  #controlFifos(bits: number): void {
    const state = this.#state;
    const isEnabled = (bits & 1) === 1;
    const isToggled = ((bits ^ state.fifoControl) & 1) === 1;
    if (isToggled || (isEnabled && (bits & 2) !== 0)) state.received = [];
    state.fifoControl = isEnabled ? bits & 0xc1 : 0;
  }
}

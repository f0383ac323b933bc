/**
 * The RISC-V machine: one RV32IMA hart in machine mode with RAM, CLINT, UART, network device and syscon. First stop of walk one: it runs
 * to an exact position, or stops early at an event it needs. It reads nothing from its host: clock values, bytes, frames and interrupts are
 * arguments, so that the same image with the same arguments at the same positions always reaches the same state (VMware FT, section 2.1).
 */
import { Bus } from './bus.ts';
import { readCsr } from './csr.ts';
import type { Power } from './devices/syscon.ts';
import { execute } from './execute.ts';
import { Hart } from './hart.ts';
import { StateHash } from './hash.ts';
import type { Program } from './image.ts';
import { readImage } from './image.ts';
import { PAGE_BYTES, RAM_START } from './ram.ts';
import type { CoreState, Snapshot } from './snapshot.ts';
import type { Stop } from './stop.ts';
import { MSTATUS_MPP, takeInterrupt } from './trap.ts';

export { FRAME_BYTES_MAX, NETWORK_ADDRESS } from './devices/virtio-net/virtio-net.ts';
export { ImageError } from './image.ts';
export { RAM_START } from './ram.ts';
export type { Snapshot } from './snapshot.ts';
export type { Stop } from './stop.ts';

export interface MachineOptions {
  /** Size of RAM, which starts at 0x80000000: a multiple of 4096, at most 1 GiB. */
  ramBytes: number;
}

const DEFAULTS: MachineOptions = { ramBytes: 65536 };
const RAM_BYTES_MAX = 2 ** 30;

/** Attempts for one call of the interpreter's loop. V8 keeps a call that never returns in code of half the speed. */
const ATTEMPTS_PER_CALL = 4096;

/**
 * Where the manuals leave a choice, this machine
 * - supports misaligned loads and stores in RAM; misaligned atomics, and any misaligned access to a device, trap;
 * - shows stores to code to the very next fetch, so that FENCE.I has nothing to do;
 * - has no `time` CSR: the clock is read through mtime alone;
 * - counts attempts in mcycle, so that it differs from minstret by the traps taken on instructions;
 * - writes mtval for every exception that can say more: the instruction's bits, the address, or for EBREAK its own address;
 * - keeps a reservation across traps and ordinary stores, and gives it up at the next SC and when the network device writes to RAM;
 * - takes WFI as retired at once: waiting is the caller's affair.
 */
export class Machine {
  readonly #ramBytes: number;
  #bus: Bus;
  #hart: Hart;
  #program: Program | undefined;

  constructor(options: Partial<MachineOptions> = {}) {
    const { ramBytes } = { ...DEFAULTS, ...options };
    if (!Number.isInteger(ramBytes) || ramBytes < PAGE_BYTES || ramBytes > RAM_BYTES_MAX || ramBytes % PAGE_BYTES !== 0) {
      throw new RangeError(`ramBytes is ${ramBytes}: it must be a multiple of ${PAGE_BYTES}, at most ${RAM_BYTES_MAX}.`);
    }
    this.#ramBytes = ramBytes;
    this.#bus = new Bus(ramBytes);
    this.#hart = new Hart();
    this.reset();
  }

  /** Loads an image, ELF if it begins as one and else flat at the start of RAM, and resets. Throws an ImageError, and then nothing has changed. */
  load(image: Uint8Array): void {
    this.#program = readImage(image, this.#ramBytes);
    this.reset();
  }

  /** Brings the machine back to where `load` left it: position 0, powered on, registers zero, pc at the entry point. */
  reset(): void {
    this.#hart = new Hart();
    this.#hart.mstatus = MSTATUS_MPP;
    this.#hart.pc = (this.#program?.entry ?? RAM_START) | 0;
    this.#bus.resetDevices();
    this.#bus.ram.fill((bytes) => {
      for (const segment of this.#program?.segments ?? []) bytes.set(segment.bytes, segment.offset);
    });
  }

  /** Instruction attempts since boot, retired or trapped. */
  get position(): number {
    return this.#hart.position;
  }

  /** Whether the machine runs, or what the guest asked of the syscon; it is off then until `reset`. */
  get power(): Power {
    return this.#bus.syscon.power;
  }

  /**
   * Runs until `position` is `until`, or stops early; a machine that is off does not run. Interrupts are looked at before each attempt, but not
   * before the one at `until`: what the caller injects there is seen by it. Entering a trap for an interrupt counts no attempt.
   */
  run(until: number): Stop {
    const hart = this.#hart;
    const bus = this.#bus;
    if (!Number.isSafeInteger(until) || until < hart.position) {
      throw new RangeError(`Cannot run to position ${until}: the machine is at ${hart.position}, and positions are integers that go up.`);
    }
    if (bus.syscon.power !== 'on') return { reason: bus.syscon.power };
    while (hart.position < until) {
      takeInterrupt(hart, bus);
      const stop = execute(hart, bus, Math.min(until - hart.position, ATTEMPTS_PER_CALL));
      if (stop !== undefined) return stop;
    }
    return { reason: 'position' };
  }

  /**
   * Gives the value (mtime ticks, modulo 2^64) for the load from mtime attempted at the present position, before or after `run` stopped for
   * it. If the attempt turns out to be something else, because an interrupt came first, the value is dropped.
   */
  provideClock(value: bigint): void {
    this.#bus.clint.provideClock(value, this.#hart.position);
  }

  /** A byte for the console: into the UART's receive FIFO of 16 bytes, or lost with the overrun bit set when that is full. */
  receive(byte: number): void {
    this.#bus.uart.receive(byte);
  }

  /** Whether `receiveFrame` would take a frame of that many bytes now. Looks only. */
  canReceive(frameBytes: number): boolean {
    return this.#bus.net.canReceive(frameBytes);
  }

  /**
   * Puts an Ethernet frame into the guest's next receive buffer and raises the network device's interrupt, before the attempt at the present
   * position. False, and nothing has changed, if the driver is not up, offers no buffer, or one that the frame does not fit into.
   */
  receiveFrame(frame: Uint8Array): boolean {
    const isTaken = this.#bus.net.receive(frame);
    if (isTaken) this.#hart.reservation = -1; // The frame may lie over the word reserved.
    return isTaken;
  }

  /** Raises the software interrupt (3: sets msip) or the timer interrupt (7: stays until the guest writes mtimecmp). */
  interrupt(line: 3 | 7): void {
    if (line === 3) this.#bus.clint.softwarePending = true;
    else this.#bus.clint.timerPending = true;
  }

  /** mtimecmp, in ticks of mtime: when the guest wants line 7 raised. All ones after a reset. */
  get interruptTimer(): bigint {
    return this.#bus.clint.timerCompare;
  }

  /** Copy of x0 to x31, unsigned. */
  get registers(): Uint32Array {
    return Uint32Array.from(this.#hart.registers);
  }

  /** Address of the next instruction, unsigned. */
  get pc(): number {
    return this.#hart.pc >>> 0;
  }

  /** Value of the CSR with that number, unsigned; undefined if the machine has none. */
  csr(number: number): number | undefined {
    const value = readCsr(this.#hart, this.#bus, number);
    return value === undefined ? undefined : value >>> 0;
  }

  /** Copy of `length` bytes of RAM from a physical address. */
  readRam(address: number, length: number): Uint8Array {
    const offset = address - RAM_START;
    if (!Number.isInteger(offset) || offset < 0 || length < 0 || offset + length > this.#ramBytes) {
      throw new RangeError(`${length} bytes at 0x${address.toString(16)} are not inside RAM.`);
    }
    return this.#bus.ram.unsignedBytes.slice(offset, offset + length);
  }

  /** The whole state. `restore` of it, here or in another machine with as much RAM, continues bit for bit the same. */
  snapshot(): Snapshot {
    return { ramBytes: this.#ramBytes, core: this.#saveCore(), pages: this.#bus.ram.copyPages() };
  }

  /** Takes over the state of a snapshot. What `reset` goes back to stays this machine's own image. */
  restore(snapshot: Snapshot): void {
    if (snapshot.ramBytes !== this.#ramBytes) {
      throw new RangeError(`The snapshot has ${snapshot.ramBytes} bytes of RAM, this machine ${this.#ramBytes}.`);
    }
    const { hart, clint, uart, net, power } = snapshot.core;
    this.#hart.restore(hart);
    this.#bus.clint.restore(clint);
    this.#bus.uart.restore(uart);
    this.#bus.net.restore(net);
    this.#bus.syscon.power = power;
    this.#bus.ram.restorePages(snapshot.pages);
  }

  /** 16 hexadecimal digits over position, registers, CSRs, reservation, devices and RAM. Costs what changed since the last one. */
  stateHash(): string {
    const hash = new StateHash();
    hash.plain(this.#saveCore());
    hash.words(this.#bus.ram.pageHashes());
    return hash.digits();
  }

  #saveCore(): CoreState {
    return {
      hart: this.#hart.save(),
      clint: this.#bus.clint.save(this.#hart.position),
      uart: this.#bus.uart.save(),
      net: this.#bus.net.save(),
      power: this.#bus.syscon.power,
    };
  }
}

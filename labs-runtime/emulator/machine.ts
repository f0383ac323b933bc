/**
 * The RISC-V machine: one to four RV32IMA harts with machine and user mode, RAM and devices. First stop of walk one: it runs to an exact
 * position, or stops early at an event it needs. It reads nothing from its host: clock values, bytes, frames, interrupts and the harts' turns
 * are arguments, so that the same image with the same arguments at the same positions always reaches the same state (VMware FT, section 2.1).
 */
import { Bus } from './bus.ts';
import { readCsr } from './csr.ts';
import type { HartTimer } from './devices/clint/clint.ts';
import type { Power } from './devices/syscon/syscon.ts';
import { DISK_SECTORS_MAX } from './devices/virtio-block/virtio-block.ts';
import type { Engine } from './engine.ts';
import { interpret } from './execute.ts';
import { Hart } from './hart.ts';
import { StateHash } from './hash.ts';
import type { Program } from './image.ts';
import { checkProgram, readImage } from './image.ts';
import { PAGE_BYTES, RAM_START } from './ram.ts';
import type { HartSchedule } from './schedule.ts';
import { seededSchedule } from './schedule.ts';
import type { CoreState, Snapshot } from './snapshot.ts';
import type { DiskRequest, Stop } from './stop.ts';
import { takeInterrupt } from './trap.ts';
import { Turns } from './turns.ts';

export { DISK_REQUEST_BYTES_MAX } from './devices/virtio-block/virtio-block.ts';
export { ENTROPY_BYTES_MAX } from './devices/virtio-entropy/virtio-entropy.ts';
export { FRAME_BYTES_MAX, NETWORK_ADDRESS } from './devices/virtio-net/virtio-net.ts';
export type { Program } from './image.ts';
export { ImageError } from './image.ts';
export { RAM_START } from './ram.ts';
export type { HartSchedule } from './schedule.ts';
export { seededSchedule } from './schedule.ts';
export type { Snapshot } from './snapshot.ts';
export type { DiskRequest, Stop } from './stop.ts';

export interface MachineOptions {
  /** Size of RAM, which starts at 0x80000000: a multiple of 4096, at most 1 GiB. */
  ramBytes: number;
  /** How many harts: 1 to 4. */
  harts: number;
  /** Whose turn it is, where there are several: by default that of a random hart, for a random length. */
  schedule: HartSchedule;
  /** Size of the disk in sectors of 512 bytes, at most 2^32; zero for a machine without one. What is on it is not in the machine. */
  diskSectors: number;
  /** What runs the instructions: by default the interpreter. */
  engine: Engine;
}

/** What can be seen of a hart. */
export interface HartView {
  /** Copy of x0 to x31, unsigned. */
  registers: Uint32Array;
  /** Address of the next instruction, unsigned. */
  pc: number;
  /** 3 in machine mode, 0 in user mode. */
  privilege: number;
  /** Value of the CSR with that number, unsigned; undefined if there is none, or if only the caller knows it (time). */
  csr(number: number): number | undefined;
}

/** As many as the log's encoding of an interrupt can name. */
export const HARTS_MAX = 4;

const DEFAULTS = { ramBytes: 65536, harts: 1, diskSectors: 0, engine: interpret };
const RAM_BYTES_MAX = 2 ** 30;

/** Attempts for one call of the interpreter's loop. V8 keeps a call that never returns in code of half the speed. */
const ATTEMPTS_PER_CALL = 4096;

/**
 * Where the manuals leave a choice, this machine
 * - supports misaligned loads and stores in RAM; misaligned atomics, and any misaligned access to a device, trap;
 * - shows stores to code to the very next fetch, so that FENCE.I has nothing to do;
 * - counts attempts of all harts in mcycle, so that it differs from minstret by the attempts of others and by traps taken on instructions;
 * - writes mtval for every exception that can say more: the instruction's bits, the address, or for EBREAK its own address;
 * - keeps a reservation of one word across traps, and gives it up at any store to the word, of whatever hart or device, and at the next SC;
 * - takes WFI as retired at once: waiting is the caller's affair, and with several harts until then their turns go to others.
 */
export class Machine {
  readonly #ramBytes: number;
  readonly #engine: Engine;
  readonly #bus: Bus;
  readonly #turns: Turns;
  #harts: Hart[];
  #program: Program | undefined;

  constructor(options: Partial<MachineOptions> = {}) {
    const { ramBytes, harts, diskSectors, engine } = { ...DEFAULTS, ...options };
    if (!Number.isInteger(ramBytes) || ramBytes < PAGE_BYTES || ramBytes > RAM_BYTES_MAX || ramBytes % PAGE_BYTES !== 0) {
      throw new RangeError(`ramBytes is ${ramBytes}: it must be a multiple of ${PAGE_BYTES}, at most ${RAM_BYTES_MAX}.`);
    }
    if (!Number.isInteger(harts) || harts < 1 || harts > HARTS_MAX) {
      throw new RangeError(`harts is ${harts}: a machine has 1 to ${HARTS_MAX}.`);
    }
    if (!Number.isInteger(diskSectors) || diskSectors < 0 || diskSectors > DISK_SECTORS_MAX) {
      throw new RangeError(`diskSectors is ${diskSectors}: it must be an integer from 0 to ${DISK_SECTORS_MAX}.`);
    }
    this.#ramBytes = ramBytes;
    this.#engine = engine;
    this.#bus = new Bus({ ramBytes, harts, diskSectors });
    this.#harts = createHarts(harts, ramBytes);
    this.#turns = new Turns(options.schedule ?? seededSchedule({ seed: 0, harts }), harts);
    this.reset();
  }

  /**
   * Loads an image, ELF if it begins as one and else flat at the start of RAM, or a program made of parts, and resets. Throws an ImageError,
   * and then nothing has changed.
   */
  load(image: Uint8Array | Program): void {
    this.#program = image instanceof Uint8Array ? readImage(image, this.#ramBytes) : checkProgram(image, this.#ramBytes);
    this.reset();
  }

  /** Brings the machine back to where `load` left it: position 0, powered on, every hart at the entry point with the program's registers. */
  reset(): void {
    const { entry = RAM_START, registers = [] } = this.#program ?? {};
    this.#harts = createHarts(this.#harts.length, this.#ramBytes);
    for (const hart of this.#harts) {
      hart.pc = entry | 0;
      for (const [number, value] of registers) hart.registers[number] = value;
    }
    this.#turns.reset();
    this.#bus.resetDevices();
    this.#bus.ram.fill((bytes) => {
      for (const segment of this.#program?.segments ?? []) bytes.set(segment.bytes, segment.offset);
    });
  }

  /** Instruction attempts since boot, retired or trapped, of all harts together. */
  get position(): number {
    return this.#current.position;
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
    const bus = this.#bus;
    if (!Number.isSafeInteger(until) || until < this.position) {
      throw new RangeError(`Cannot run to position ${until}: the machine is at ${this.position}, and positions are integers that go up.`);
    }
    if (bus.syscon.power !== 'on') return { reason: bus.syscon.power };
    while (this.position < until) {
      if (this.#turns.isOver(this.position)) this.#turns.begin(this.#harts, bus);
      const hart = this.#current;
      takeInterrupt(hart, bus);
      const limit = Math.min(until, this.#turns.end);
      const stop = this.#engine(hart, bus, Math.min(limit - hart.position, ATTEMPTS_PER_CALL));
      if (stop?.reason === 'wait' && this.#turns.yield(this.#harts, bus)) continue;
      if (stop !== undefined) return stop;
    }
    return { reason: 'position' };
  }

  /**
   * Gives the value (mtime ticks, modulo 2^64) for the load from mtime attempted at the present position, before or after `run` stopped for
   * it. If the attempt turns out to be something else, because an interrupt came first, the value is dropped.
   */
  provideClock(value: bigint): void {
    this.#bus.clint.provideClock(value, this.position);
  }

  /** A byte for the console: into the UART's receive FIFO of 16 bytes, or lost with the overrun bit set when that is full. */
  receive(byte: number): void {
    this.#bus.uart.receive(byte);
  }

  /** How many bytes the UART's receive FIFO has room for. */
  get consoleRoom(): number {
    return this.#bus.uart.room;
  }

  /** Whether the guest has set up its console for input: bytes that come before may be lost, as on any serial line. */
  get consoleIsListening(): boolean {
    return this.#bus.uart.isListening;
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
    return this.#bus.net.receive(frame);
  }

  /**
   * The guest's disk requests that were handed out and are not completed, oldest first: after a stop for the disk, and in a machine that
   * goes on where another stopped (VMware FT, section 3.4). The data of a write is what memory holds now.
   */
  get pendingDiskRequests(): DiskRequest[] {
    return this.#bus.block.pendingRequests;
  }

  /** Whether `completeDisk` would complete a request: it is pending, and `data` is as long as it asked for. Looks only. */
  canCompleteDisk(id: number, status: 'ok' | 'error', data?: Uint8Array): boolean {
    return this.#bus.block.canComplete(id, status, data);
  }

  /**
   * Completes a disk request before the attempt at the present position: puts a read's data (`byteCount` bytes; only with `ok`) and the
   * status into memory, returns the buffer and raises the block device's interrupt. False, and nothing has changed, if the request is not
   * pending any more, because it was completed or because the guest abandoned it, by a reset of the device or by a fault. Throws a
   * RangeError for a number that the guest never gave, or data that it did not ask for.
   */
  completeDisk(id: number, status: 'ok' | 'error', data?: Uint8Array): boolean {
    return this.#bus.block.complete(id, status, data);
  }

  /**
   * Puts part of a pending read's data into memory before its completion, from byte `offset` of it on: what a device without bounce buffers
   * does, and what nobody logs (VMware FT, section 3.5). Changes nothing, or throws a RangeError, where `completeDisk` does.
   */
  writeDiskBuffer(id: number, offset: number, bytes: Uint8Array): void {
    this.#bus.block.writeAhead(id, offset, bytes);
  }

  /** How many bytes the guest's next entropy buffer takes, at most 256; zero if it offers none. */
  get entropyWanted(): number {
    return this.#bus.entropy.wanted;
  }

  /**
   * Fills the guest's next entropy buffer, returns it and raises the entropy device's interrupt, before the attempt at the present position.
   * False, and nothing has changed, unless there are 1 to `entropyWanted` bytes.
   */
  provideEntropy(bytes: Uint8Array): boolean {
    return this.#bus.entropy.provide(bytes);
  }

  /** How many harts the machine has. */
  get hartCount(): number {
    return this.#harts.length;
  }

  /** Number of the hart whose turn it is. */
  get currentHart(): number {
    return this.#turns.hart;
  }

  /** What can be seen of a hart now. Throws a RangeError if there is none of that number. */
  hart(index: number): HartView {
    const hart = this.#harts[index];
    if (hart === undefined) throw new RangeError(`There is no hart ${index}: the machine has ${this.#harts.length}.`);
    return {
      registers: Uint32Array.from(hart.registers),
      pc: hart.pc >>> 0,
      privilege: hart.privilege,
      csr: (number) => this.#csrOf(hart, number),
    };
  }

  /** Raises the software interrupt (3: sets msip) or the timer interrupt (7: stays until the guest writes mtimecmp) of a hart. */
  interrupt(line: 3 | 7, hart = 0): void {
    if (line === 3) this.#timerOf(hart).softwarePending = true;
    else this.#timerOf(hart).timerPending = true;
  }

  /** mtimecmp of a hart, in ticks of mtime: when the guest wants its line 7 raised. All ones after a reset. */
  interruptTimer(hart = 0): bigint {
    return this.#timerOf(hart).timerCompare;
  }

  /** Copy of x0 to x31, unsigned, of the hart whose turn it is. */
  get registers(): Uint32Array {
    return Uint32Array.from(this.#current.registers);
  }

  /** Address of that hart's next instruction, unsigned. */
  get pc(): number {
    return this.#current.pc >>> 0;
  }

  /** Value of that hart's CSR, unsigned; undefined if there is none of that number, or if only the caller knows it (time). */
  csr(number: number): number | undefined {
    return this.#csrOf(this.#current, number);
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
    const { core, pages } = snapshot;
    this.#bus.checkBuild(core);
    for (const hart of this.#harts) hart.restore(core.harts[hart.index]!);
    this.#turns.restore(core.turns);
    this.#bus.restoreDevices(core);
    this.#bus.ram.restorePages(pages);
    for (const { index } of this.#harts) this.#bus.ram.reserve(index, core.reservations[index]!);
  }

  /** Numbers of the pages of RAM that changed since the last call, or since the reset: what a migration has to send again. */
  takeDirtyPages(): number[] {
    return this.#bus.ram.takeDirtyPages();
  }

  /**
   * 16 hexadecimal digits over position, registers, CSRs, reservation, devices and RAM. Costs what changed since the last one; less still with a
   * snapshot of the present state, if there is one.
   */
  stateHash(present?: Snapshot): string {
    const hash = new StateHash();
    hash.plain(present?.core ?? this.#saveCore());
    hash.words(this.#bus.ram.pageHashes());
    return hash.digits();
  }

  #saveCore(): CoreState {
    return {
      harts: this.#harts.map((hart) => hart.save()),
      turns: this.#turns.save(),
      reservations: Array.from(this.#bus.ram.reservations),
      ...this.#bus.saveDevices(this.position),
    };
  }

  /** A CSR as the hart would read it now. It takes note of others' attempts only when its turn begins, and a look must change nothing. */
  #csrOf(hart: Hart, number: number): number | undefined {
    const { position, unretired } = hart;
    hart.catchUp(this.position);
    const value = readCsr(hart, this.#bus, number);
    hart.position = position;
    hart.unretired = unretired;
    return value === undefined ? undefined : value >>> 0;
  }

  get #current(): Hart {
    return this.#harts[this.#turns.hart]!;
  }

  #timerOf(hart: number): HartTimer {
    const timer = this.#bus.clint.harts[hart];
    if (timer === undefined) throw new RangeError(`There is no hart ${hart}: the machine has ${this.#bus.clint.harts.length}.`);
    return timer;
  }
}

function createHarts(count: number, ramBytes: number): Hart[] {
  return Array.from({ length: count }, (_, index) => new Hart(index, ramBytes));
}

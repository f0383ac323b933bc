/**
 * The monitor: runs one machine for a person, in slices, and gives it what its guest cannot compute, the time, key presses, disk, entropy and
 * frames. All of it goes through the recorder of walk one (step 2), so that any run can be logged and replayed. Time is an argument here: what
 * the host's clock says, or a clock that the position drives.
 */
import { CSR } from '../emulator/csr.ts';
import type { DiskRequest, Machine } from '../emulator/machine.ts';
import type { Output, Recorded } from '../ft/log-entry.ts';
import { createRecorder, type Recorder } from '../ft/recorder.ts';
import { serveDisk, type Disk } from './disk.ts';

export interface MonitorOptions {
  /** The machine, at boot, or where a replay of it ended and it goes live. */
  machine: Machine;
  /** The time now, in ticks of mtime; never goes back. */
  clock: () => bigint;
  /** Takes each byte that the guest writes to its console. */
  consoleOutput: (byte: number) => void;
  /** Takes each event for the log, in order. Default: there is no log. */
  log?: (recorded: Recorded) => void;
  /** Sees each output of any device, after its entry in the log, e.g. to follow what is on the disk. */
  output?: (made: Output) => void;
  /** Takes the frames of one transmission. Default: the network drops them. */
  transmit?: (frames: Uint8Array[]) => void;
  /** What the machine's disk holds. Default: every request fails. */
  disk?: Disk;
  /** Random bytes, at most `byteCount`. Default: none ever come. */
  entropy?: (byteCount: number) => Uint8Array;
  /**
   * Bytes typed before the guest has set up its console would be lost to it, as on any serial line; so they are held back for that, but not
   * beyond this position: a guest that polls its UART never says that it is ready. Default 50,000,000.
   */
  consoleSetupPosition?: number;
  /** How many outputs the guest has made before, where the machine goes live. Default 0. */
  outputs?: number;
}

const CONSOLE_SETUP_POSITION = 50_000_000;

/**
 * How a slice ended.
 * - `running`: the attempts are used up, the guest has more to do;
 * - `waiting`: nothing will happen before the clock reaches `until`, or before input comes; without `until`, only input can wake the guest;
 * - `power-off`, `reboot`: the guest asked for it, and the machine is off.
 */
export type SliceEnd =
  { reason: 'running' } | { reason: 'waiting'; until: bigint | undefined } | { reason: 'power-off' } | { reason: 'reboot' };

/** While bytes wait for room in the UART, the guest gets this many attempts to take some, then the monitor looks again. */
const CONSOLE_ATTEMPTS = 10_000;

/** Frames that wait for buffers; the network drops what comes beyond. */
const FRAMES_MAX = 256;

const TIMER_LINE = 7;
/** mtimecmp after a reset: no timer interrupt is wanted. */
const NEVER = (1n << 64n) - 1n;

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #machine: Machine;
  readonly #recorder: Recorder;
  /** Bytes for the UART, oldest first, from index `#typedTaken` on. */
  #typed: number[] = [];
  #typedTaken = 0;
  #isConsoleReady = false;
  readonly #frames: Uint8Array[] = [];
  #diskRequests: DiskRequest[];

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#machine = options.machine;
    // What was under way when the machine stopped elsewhere is done again (VMware FT, section 3.4).
    this.#diskRequests = options.machine.pendingDiskRequests;
    const stall = () => this.#recorder.stall();
    this.#recorder = createRecorder({
      machine: options.machine,
      clock: options.clock,
      log: options.log ?? (() => {}),
      output: (_, made) => this.#take(made),
      diskReads: (requests) => this.#request(requests),
      entropyWanted: stall,
      receiveBuffers: stall,
      outputs: options.outputs ?? 0,
    });
  }

  /** Console input: given to the UART once the guest has set it up, as it has room, before the guest goes on. */
  type(bytes: Iterable<number>): void {
    for (const byte of bytes) this.#typed.push(byte);
  }

  /** Bytes typed that the UART had no room for yet. */
  get typedBytes(): number {
    return this.#typed.length - this.#typedTaken;
  }

  /** Takes back what was typed and not given to the UART yet: a machine that reboots has it still before it. */
  takeBackTyped(): number[] {
    const rest = this.#typed.slice(this.#typedTaken);
    this.#typed = [];
    this.#typedTaken = 0;
    return rest;
  }

  /** A frame from the network: given to the guest when it offers a buffer. False if it is dropped, since too many wait. */
  receiveFrame(frame: Uint8Array): boolean {
    if (this.#frames.length >= FRAMES_MAX) return false;
    this.#frames.push(frame);
    return true;
  }

  /** Runs at most `attemptsMax` instruction attempts. Does not look at the clock but for the guest and for its timers. */
  run(attemptsMax: number): SliceEnd {
    const machine = this.#machine;
    const until = machine.position + attemptsMax;
    while (machine.position < until) {
      this.#giveInputs();
      const end = this.#recorder.run(this.#nextLook(until));
      this.#recorder.resume();
      if (end === 'power-off' || end === 'reboot') return { reason: end };
      if (end === 'wait' && !this.#giveInputs() && !this.#becomesReady()) return { reason: 'waiting', until: this.#nextTimer() };
    }
    return { reason: 'running' };
  }

  #nextLook(until: number): number {
    return this.typedBytes === 0 ? until : Math.min(until, this.#machine.position + CONSOLE_ATTEMPTS);
  }

  #take(made: Output): void {
    this.#options.output?.(made);
    if (made.device === 'console') this.#options.consoleOutput(made.byte);
    else if (made.device === 'network') this.#options.transmit?.(made.frames);
    else this.#request(made.requests);
  }

  /** Requests are served between two runs, at once: the guest may poll for the answer. */
  #request(requests: DiskRequest[]): void {
    this.#diskRequests.push(...requests);
    this.#recorder.stall();
  }

  /** Gives the guest what is there for it. Returns whether there was anything. */
  #giveInputs(): boolean {
    if (this.#machine.power !== 'on') return false;
    const given = [this.#giveTimers(), this.#giveDisk(), this.#giveEntropy(), this.#giveFrames(), this.#giveTyped()];
    return given.includes(true);
  }

  /** Raises the timer interrupt of each hart whose time has come. */
  #giveTimers(): boolean {
    let isGiven = false;
    let now: bigint | undefined;
    for (let hart = 0; hart < this.#machine.hartCount; hart++) {
      const due = this.#machine.interruptTimer(hart);
      if (due === NEVER || this.#isTimerPending(hart)) continue;
      now ??= this.#options.clock();
      if (now < due) continue;
      this.#recorder.interrupt(TIMER_LINE, hart);
      isGiven = true;
    }
    return isGiven;
  }

  #isTimerPending(hart: number): boolean {
    return (this.#machine.hart(hart).csr(CSR.mip)! & (1 << TIMER_LINE)) !== 0;
  }

  /** When the next timer interrupt is due. */
  #nextTimer(): bigint | undefined {
    let next: bigint | undefined;
    for (let hart = 0; hart < this.#machine.hartCount; hart++) {
      const due = this.#machine.interruptTimer(hart);
      if (due !== NEVER && !this.#isTimerPending(hart) && (next === undefined || due < next)) next = due;
    }
    return next;
  }

  #giveDisk(): boolean {
    const requests = this.#diskRequests;
    this.#diskRequests = [];
    let isGiven = false;
    for (const request of requests) {
      const { status, data } = this.#options.disk === undefined ? { status: 'error' as const } : serveDisk(this.#options.disk, request);
      if (this.#recorder.disk(request.id, status, data)) isGiven = true;
    }
    return isGiven;
  }

  #giveEntropy(): boolean {
    let isGiven = false;
    for (let wanted = this.#machine.entropyWanted; wanted > 0; wanted = this.#machine.entropyWanted) {
      const bytes = this.#options.entropy?.(wanted) ?? new Uint8Array(0);
      if (bytes.length === 0 || !this.#recorder.entropy(bytes)) break;
      isGiven = true;
    }
    return isGiven;
  }

  #giveFrames(): boolean {
    let isGiven = false;
    while (this.#frames.length > 0 && this.#recorder.packet(this.#frames[0]!)) {
      this.#frames.shift();
      isGiven = true;
    }
    return isGiven;
  }

  /** A guest that waits for nothing but input takes it, whatever it has said. */
  #becomesReady(): boolean {
    if (this.#isConsoleReady || this.typedBytes === 0 || this.#nextTimer() !== undefined) return false;
    this.#isConsoleReady = true;
    return this.#giveTyped();
  }

  #giveTyped(): boolean {
    this.#isConsoleReady ||=
      this.#machine.consoleIsListening || this.#machine.position >= (this.#options.consoleSetupPosition ?? CONSOLE_SETUP_POSITION);
    if (!this.#isConsoleReady) return false;
    const count = Math.min(this.#machine.consoleRoom, this.typedBytes);
    for (let index = 0; index < count; index++) this.#recorder.console(this.#typed[this.#typedTaken++]!);
    if (this.typedBytes === 0) {
      this.#typed = [];
      this.#typedTaken = 0;
    }
    return count > 0;
  }
}

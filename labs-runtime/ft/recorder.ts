/**
 * The recorder: runs the primary's machine and turns everything the guest could not have computed, and each of its outputs, into a log event
 * at its exact position. Second step of walk one; VMware FT, sections 2.1 (deterministic replay) and 2.2 (an entry for each output).
 */
import { BytePool } from '../emulator/byte-pool.ts';
import type { DiskRequest, Machine, Stop } from '../emulator/machine.ts';
import type { InterruptLine, LogEvent, Output, Recorded } from './log-entry.ts';
import { outputOf } from './log-entry.ts';

export interface RecorderOptions {
  /** The machine to record, at boot or where a replay of it ended. */
  machine: Machine;
  /** Virtual time in mtime ticks, asked once for each load of mtime. That it never goes back is the caller's matter. */
  clock: () => bigint;
  /** Takes each event, in the order of the log, before the guest goes on. */
  log: (recorded: Recorded) => void;
  /** Takes each output (numbered from 0) after `log` has taken the output's own entry. The guest is never stopped for it. */
  output: (output: number, made: Output) => void;
  /** The guest has offered buffers for frames: `packet` may find room again, once the run is over. No output, so no entry. */
  receiveBuffers?: () => void;
  /**
   * The guest has asked for these reads, of one notification: `disk` may complete them, once the run is over. No output, so no entry. Writes
   * and flushes are outputs, and come through `output`.
   */
  diskReads?: (requests: DiskRequest[]) => void;
  /** All requests of one notification in the guest's order, once the output among them is handed over: for a host that has to keep that order. */
  diskRequests?: (requests: DiskRequest[]) => void;
  /** The guest has offered a buffer for so many random bytes: `entropy` may fill it, once the run is over. No output, so no entry. */
  entropyWanted?: (byteCount: number) => void;
  /** How many outputs the guest has made already: for a machine that goes live after a replay. Default 0. */
  outputs?: number;
}

/**
 * Why a run came back: `position` and `wait` as the machine says, `power-off` and `reboot` at the guest's wish and with an entry of their own,
 * `stalled` because of `stall()`.
 */
export type RunEnd = 'position' | 'wait' | 'power-off' | 'reboot' | 'stalled';

export interface Recorder {
  /** Runs the guest up to position `until`, or to an earlier end. */
  run(until: number): RunEnd;
  /** Hands a console byte to the UART, before the attempt at the machine's position. */
  console(byte: number): void;
  /** Hands a frame to the network device, before the attempt at the machine's position. False, and no entry, if the device has no room. */
  packet(frame: Uint8Array): boolean;
  /** Raises an interrupt line of a hart (default: hart 0), before the attempt at the machine's position. */
  interrupt(line: InterruptLine, hart?: number): void;
  /** Hands random bytes to the entropy device, before the attempt at the machine's position. False, and no entry, if it does not want as many. */
  entropy(bytes: Uint8Array): boolean;
  /**
   * Completes a disk request, before the attempt at the machine's position; `data` with a read that went well. False, and no entry, if the
   * guest has abandoned the request, or had its answer. Throws a RangeError as `machine.completeDisk` does.
   */
  disk(request: number, status: 'ok' | 'error', data?: Uint8Array): boolean;
  /**
   * Stops the guest after the event being logged, or at once between runs: the log buffer is full (section 3.2). May be called from
   * `log`. Until `resume()`, runs end at once and inputs are the caller's to hold back.
   */
  stall(): void;
  resume(): void;
  readonly stalled: boolean;
  /** How many outputs the guest has made. */
  readonly outputs: number;
}

export function createRecorder(options: RecorderOptions): Recorder {
  return new MachineRecorder(options);
}

/** Memory for what is logged as it was handed in, whatever its owner does with it later. */
const pool = new BytePool(32768);

class MachineRecorder implements Recorder {
  outputs: number;
  stalled = false;
  readonly #options: RecorderOptions;
  readonly #machine: Machine;
  #running = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#machine = options.machine;
    this.outputs = options.outputs ?? 0;
  }

  run(until: number): RunEnd {
    if (this.#running) fail('run() was called from a callback of the same recorder');
    if (until < this.#machine.position) fail(`cannot run back from position ${this.#machine.position} to ${until}`);
    this.#running = true;
    try {
      return this.#runOn(until);
    } finally {
      this.#running = false;
    }
  }

  console(byte: number): void {
    this.#checkInput('console');
    this.#log({ kind: 'console', byte });
    this.#machine.receive(byte);
  }

  packet(frame: Uint8Array): boolean {
    this.#checkInput('packet');
    if (!this.#machine.receiveFrame(frame)) return false;
    this.#log({ kind: 'packet', frame: pool.copyOf(frame) });
    return true;
  }

  interrupt(line: InterruptLine, hart = 0): void {
    this.#checkInput('interrupt');
    if (hart >= this.#machine.hartCount) fail(`there is no hart ${hart} to interrupt`);
    this.#log(hart === 0 ? { kind: 'interrupt', line } : { kind: 'interrupt', line, hart });
    this.#machine.interrupt(line, hart);
  }

  entropy(bytes: Uint8Array): boolean {
    this.#checkInput('entropy');
    if (!this.#machine.provideEntropy(bytes)) return false;
    this.#log({ kind: 'entropy', bytes: pool.copyOf(bytes) });
    return true;
  }

  disk(request: number, status: 'ok' | 'error', data?: Uint8Array): boolean {
    this.#checkInput('disk');
    if (!this.#machine.completeDisk(request, status, data)) return false;
    this.#log({ kind: 'disk', request, status, ...(data !== undefined && { data: pool.copyOf(data) }) });
    return true;
  }

  stall(): void {
    this.stalled = true;
  }

  resume(): void {
    this.stalled = false;
  }

  #runOn(until: number): RunEnd {
    while (!this.stalled) {
      if (this.#machine.power !== 'on') return this.#machine.power;
      const stop = this.#machine.run(until);
      switch (stop.reason) {
        case 'clock':
          this.#answerClock();
          break;
        case 'output':
        case 'transmit':
          this.#takeOutput(stop);
          break;
        case 'disk':
          this.#takeOutput(stop);
          this.#takeReads(stop.requests);
          this.#options.diskRequests?.(stop.requests);
          break;
        case 'receive-buffers':
          this.#options.receiveBuffers?.();
          break;
        case 'entropy':
          this.#options.entropyWanted?.(stop.byteCount);
          break;
        case 'power-off':
        case 'reboot':
          this.#log({ kind: stop.reason });
          return stop.reason;
        default:
          return stop.reason;
      }
    }
    return 'stalled';
  }

  /**
   * The load is finished before anything else can happen. So no input is ever logged between a clock entry and its load, and the order of
   * the log is the order in which a replayer can inject.
   */
  #answerClock(): void {
    const machine = this.#machine;
    const value = this.#options.clock();
    this.#log({ kind: 'clock', value });
    machine.provideClock(value);
    const stop = machine.run(machine.position + 1);
    if (stop.reason !== 'position') fail(`a load of mtime ended in ${stop.reason}`);
  }

  #takeOutput(stop: Stop): void {
    const made = outputOf(stop);
    if (made === undefined) return;
    const output = this.outputs++;
    this.#log({ kind: 'output', output });
    this.#options.output(output, made);
  }

  #takeReads(requests: DiskRequest[]): void {
    const reads = requests.filter(({ kind }) => kind === 'read');
    if (reads.length > 0) this.#options.diskReads?.(reads);
  }

  #checkInput(kind: LogEvent['kind']): void {
    if (this.#running) fail(`a ${kind} event came while the guest runs: inject between runs`);
    if (this.stalled) fail(`a ${kind} event came while the recorder is stalled: hold it back until resume()`);
    if (this.#machine.power !== 'on') fail(`a ${kind} event came for a machine that is off`);
  }

  #log(event: LogEvent): void {
    this.#options.log({ at: this.#machine.position, event });
  }
}

/** For mistakes of the code around the recorder: nothing that a guest or a student does leads here. */
function fail(explanation: string): never {
  throw new Error(`recorder: ${explanation}`);
}

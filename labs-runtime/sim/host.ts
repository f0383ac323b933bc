/**
 * One of the two machines that run the guest, with its parts of the protocol: the primary records from the start, the backup replays until it
 * goes live and records from there on.
 */
import type { Machine } from '../emulator/machine.ts';
import type { Role } from '../ft/channel-api.ts';
import type { Output } from '../ft/log-entry.ts';
import type { Operation } from '../ft/output-gate-api.ts';
import { decodeReply } from '../guests/tickets-protocol.ts';
import { clientName } from './client.ts';
import type { FailoverStage } from './failover-stage.ts';
import { OutputStage } from './output-stage.ts';
import { Recording } from './recording.ts';
import { Replaying } from './replaying.ts';
import type { RunRecord } from './run-record.ts';
import type { WorldOptions } from './world-options.ts';

/** What leaves a machine here: the world's machines have no disk. */
export type WorldOutput = Exclude<Output, { device: 'disk' }>;

export interface HostOptions {
  role: Role;
  run: RunRecord;
  world: WorldOptions;
  /** Virtual time in mtime ticks. */
  clock: () => bigint;
  /** The primary made a log entry. */
  appended: (entry: Uint8Array) => void;
  /** An output left the machine. */
  left: (made: WorldOutput) => void;
  /** The backup's replay has passed an output. */
  replayedOutput: (output: number) => void;
}

export class Host {
  readonly role: Role;
  condition: 'running' | 'crashed' | 'halted' = 'running';
  /** It serves without a peer: the primary that went on alone, or the backup that went live. */
  isAlone = false;
  /** Its guest is live: the primary's from the start, the backup's once it has gone live. */
  recording: Recording | undefined;
  /** Its guest follows the log. */
  replaying: Replaying | undefined;
  failover: FailoverStage | undefined;
  readonly outputs: OutputStage;
  /** How many of the guest's outputs are outside: those that left this machine, and those before them. */
  outputsReleased = 0;
  readonly #options: HostOptions;

  constructor(options: HostOptions) {
    this.#options = options;
    const { role, run, world } = options;
    this.role = role;
    this.outputs = new OutputStage({
      run,
      part: world.outputGatePart,
      role,
      stateBytesMax: world.stateBytesMax,
      stall: () => this.recording?.stall('gate'),
      resume: () => this.recording?.resume('gate'),
    });
    const machine = world.machines.boot(role);
    if (role === 'primary') this.#record(machine, 0);
    else this.replaying = new Replaying({ machine, replayedOutput: options.replayedOutput });
  }

  get isRunning(): boolean {
    return this.condition === 'running';
  }

  /** Whether its guest has switched itself off, or its replay has come to the point where the guest did. */
  get isOff(): boolean {
    return (this.recording ?? this.replaying)!.off;
  }

  /** This machine serves alone from here on: a guest that has followed the log so far is live, and what was held back goes out. */
  goAlone(): void {
    this.isAlone = true;
    const { replaying } = this;
    if (replaying !== undefined) {
      this.replaying = undefined;
      this.outputsReleased = replaying.outputs;
      this.#record(replaying.machine, replaying.outputs);
      this.recording!.off = replaying.off;
    }
    this.recording!.resume('channel');
    this.outputs.peerLost();
    if (replaying?.outputInDoubt) this.#make(replaying.outputInDoubt.output, replaying.outputInDoubt.made);
  }

  #record(machine: Machine, outputs: number): void {
    const { world, clock, appended } = this.#options;
    const newest = (): number => recording.entries.length;
    const recording = new Recording({
      machine,
      outputs,
      hashOutputs: world.judge === 'machines',
      clock: () => {
        let value = 0n;
        this.outputs.operation({ device: 'clock', action: 'read' }, newest(), 'a read of the clock', () => (value = clock()));
        return value;
      },
      appended,
      output: (output, made) => this.#make(output, made),
      receiveBuffers: () =>
        this.outputs.operation({ device: 'network', action: 'offer buffers' }, newest(), 'an offer of receive buffers', () => {}),
    });
    this.recording = recording;
  }

  #make(output: number, made: Output): void {
    if (made.device === 'disk') throw new Error('the guest wrote to a disk, and the machines of the simulated world have none');
    this.outputs.operation(operationOf(made), this.recording!.entries.length, nameOf(made), () => {
      this.outputsReleased = Math.max(this.outputsReleased, output + 1);
      this.#options.left(made);
    });
  }
}

function operationOf({ device }: WorldOutput): Operation {
  return device === 'console' ? { device, action: 'write' } : { device, action: 'transmit' };
}

function nameOf(made: WorldOutput): string {
  if (made.device === 'console') return `console byte ${JSON.stringify(String.fromCharCode(made.byte))}`;
  return made.frames.map(nameOfFrame).join(', ');
}

/** A frame of the guest's in words, e.g. `ticket 3 for client A`. */
export function nameOfFrame(frame: Uint8Array): string {
  const reply = decodeReply(frame);
  return reply === undefined ? 'a frame' : `ticket ${reply.ticket} for client ${clientName(reply.client)}`;
}

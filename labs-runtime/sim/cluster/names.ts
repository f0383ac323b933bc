/**
 * What the things of a cluster are called in a trace for people: lanes, log entries, frames, outputs and requests to the disk. Nothing here trusts what it
 * reads: a broken part of the protocol may have put anything on its way.
 */
import type { DiskRequest } from '../../emulator/machine.ts';
import { SECTOR_BYTES } from '../../emulator/stop.ts';
import { takeFrames } from '../../ft/frame.ts';
import type { Frame } from '../../ft/frame.ts';
import { decodeRecorded } from '../../ft/log-codec.ts';
import type { ControlOperation, LogEvent, Output } from '../../ft/log-entry.ts';
import type { ServerId } from '../../ft/replica/messages.ts';
import type { AnyClients, Scenario } from './scenario.ts';
import { clientName } from './services.ts';

/** Who takes part in a run of a cluster: `server 0`, `client A`, `storage`, `disk`, `console` or `network`. */
export type ClusterLane = string;

export function serverLane(server: ServerId): ClusterLane {
  return `server ${server}`;
}

export function clientLane(client: number): ClusterLane {
  return `client ${clientName(client)}`;
}

/** All lanes of a scenario, in the order in which they stand side by side. */
export function clusterLanes({ clients, servers }: Scenario): ClusterLane[] {
  const askers = (clients?.commands ?? []).map((_, client) => clientLane(client));
  return ['console', ...askers, 'network', ...Array.from({ length: servers }, (_, server) => serverLane(server)), 'storage', 'disk'];
}

/** A request, e.g. `A1` for the first of client A. */
export function requestName(client: number, request: number): string {
  return `${clientName(client)}${request}`;
}

/** What the last entry of a log, or the last checkpoint, says of a guest that is off. */
export const FINISHED = 'everything is outside';

const CONTROL_NAMES: Record<ControlOperation, string> = { alive: 'sign of life', quiesced: 'quiesced', finished: FINISHED };

/** Names of what a scenario's clients and its guest say to each other. */
export class Names {
  readonly #clients: AnyClients | undefined;
  readonly #options: Scenario['options'];
  /** Requests, by their frames. */
  readonly #requests = new Map<string, string>();

  constructor({ clients, options }: Scenario) {
    this.#options = options;
    this.#clients = clients as AnyClients | undefined;
    for (const [client, commands] of (this.#clients?.commands ?? []).entries())
      for (const [index, command] of commands.entries())
        this.#requests.set(keyOf(this.#clients!.service.encode(client, index + 1, command)), requestName(client, index + 1));
  }

  /** What a client asks, e.g. `put x "1"`. */
  command(client: number, request: number): string {
    return this.#clients!.service.nameOf(this.#clients!.commands[client]![request - 1]);
  }

  /** A frame on its way to the guest, e.g. `request A1`. */
  request(frame: Uint8Array): string {
    const name = this.#requests.get(keyOf(frame));
    return name === undefined ? 'a frame' : `request ${name}`;
  }

  /** The answer in a frame from the guest; undefined where it has none. */
  answer(frame: Uint8Array): { client: number; name: string; says: string } | undefined {
    const reply = this.#clients?.service.decode(frame);
    if (reply === undefined) return undefined;
    const { client, request, answer } = reply;
    return { client, name: requestName(client, request), says: this.#clients!.service.nameOfAnswer(answer) };
  }

  output(made: Output): string {
    if (made.device === 'console') return `console byte ${JSON.stringify(String.fromCharCode(made.byte))}`;
    if (made.device === 'disk') return made.requests.map(diskActionName).join(', ');
    return made.frames.map((frame) => this.#answerName(frame)).join(', ');
  }

  #answerName(frame: Uint8Array): string {
    const answer = this.answer(frame);
    return answer === undefined ? 'a frame' : `answer to ${answer.name}: ${answer.says}`;
  }

  /** A log entry's content, e.g. `request A1`. */
  entry(bytes: Uint8Array): string {
    const event = eventOf(bytes);
    return event === undefined ? 'not an entry' : this.#event(event);
  }

  #event(event: LogEvent): string {
    switch (event.kind) {
      case 'clock':
        return `clock ${event.value}`;
      case 'interrupt':
        return event.line === 7 ? 'timer interrupt' : 'software interrupt';
      case 'console':
        return `key ${JSON.stringify(String.fromCharCode(event.byte))}`;
      case 'output':
        return `output ${event.output}`;
      case 'packet':
        return this.request(event.frame);
      case 'entropy':
        return 'random bytes';
      case 'disk':
        return `disk request ${event.request} ${event.status === 'ok' ? 'done' : 'failed'}`;
      case 'control':
        return CONTROL_NAMES[event.operation];
      case 'power-off':
      case 'reboot':
        return event.kind;
    }
  }

  /** What bytes of a log, or of its acknowledgements, hold. */
  frames(bytes: Uint8Array): Frame[] {
    const { entryBytesMax, batchEntriesMax } = this.#options.channel;
    return takeFrames(bytes, entryBytesMax, batchEntriesMax).frames;
  }
}

/** Entries in a frame, with their numbers; none in an acknowledgement. */
export function entriesOf(frame: Frame): { seq: number; entry: Uint8Array }[] {
  if (frame.kind === 'acknowledge') return [];
  const entries = frame.kind === 'batch' ? frame.entries : [frame.payload];
  return entries.map((entry, index) => ({ seq: frame.seq + index, entry }));
}

/** A request to the disk, e.g. `request 7 (write of sector 3)`. */
export function diskRequestName(request: DiskRequest): string {
  return `request ${request.id} (${diskActionName(request)})`;
}

function diskActionName({ kind, sector, byteCount }: DiskRequest): string {
  if (kind === 'flush') return kind;
  const sectors = byteCount / SECTOR_BYTES;
  return `${kind} of ${sectors === 1 ? `sector ${sector}` : `sectors ${sector} to ${sector + sectors - 1}`}`;
}

/** `entry 3`, or `entries 3 to 5`. */
export function numbered(first: number, last: number): string {
  return first === last ? `entry ${first}` : `entries ${first} to ${last}`;
}

function eventOf(bytes: Uint8Array): LogEvent | undefined {
  try {
    return decodeRecorded(bytes).event;
  } catch {
    return undefined;
  }
}

function keyOf(frame: Uint8Array): string {
  return String.fromCharCode(...frame);
}

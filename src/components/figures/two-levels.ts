/**
 * Requests to the guest `counter`, measured at the machine's border and beside it as a replica of the application would see them: the logic of
 * the figure in the chapter on the level of replication (walk one, steps 2 and 3; FT paper, section 2.1).
 */
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { encodeRecorded } from '../../../labs-runtime/ft/log-codec.ts';
import type { Recorded } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';

/** Longer texts are cut. */
export const REQUESTS_MAX = 32;
/** x0 to x31 and pc, 4 bytes each. */
const REGISTER_BYTES = 33 * 4;
/** More than any request takes; the guest waits long before. */
const ATTEMPTS_MAX = 100_000;

/** What the requests so far came to. */
export interface Levels {
  requests: number;
  /** What clients got from the guest, a line a request. */
  replies: string;
  application: { entries: number; bytes: number; stateBytes: number; replies: string };
  machine: {
    entries: { console: number; output: number };
    bytes: number;
    stateBytes: number;
    instructions: number;
    /** Pages of RAM that the requests wrote, and how many there are. */
    pagesWritten: number;
    pages: number;
  };
}

/** The guest's image, for `measureLevels`. */
export function loadCounter(): Promise<Uint8Array> {
  return guests.counter.load();
}

/** The bytes that are sent for a text: its ASCII characters, as many as are allowed. */
export function requestsOf(text: string): number[] {
  return [...text]
    .map((character) => character.codePointAt(0)!)
    .filter((code) => code < 128)
    .slice(0, REQUESTS_MAX);
}

/** Boots the guest and sends it one byte after the other; yields a record before the first and after each. */
export function* measureLevels(image: Uint8Array, requests: readonly number[]): Generator<Levels> {
  const { ramBytes } = guests.counter;
  const machine = new Machine({ ramBytes });
  machine.load(image);
  const entries: Recorded[] = [];
  let replies = '';
  const recorder = createRecorder({
    machine,
    clock: () => 0n,
    log: (recorded) => entries.push(recorded),
    output: (_, made) => (replies += made.device === 'console' ? String.fromCharCode(made.byte) : ''),
  });
  // The driver's setup at boot is no part of a request.
  recorder.run(ATTEMPTS_MAX);
  const booted = machine.snapshot();
  const { position } = machine;
  const replica = new CounterReplica();

  const count = (kind: Recorded['event']['kind']) => entries.filter(({ event }) => event.kind === kind).length;
  const levels = (sent: number): Levels => {
    const { pages } = machine.snapshot();
    return {
      requests: sent,
      replies,
      application: { entries: sent, bytes: sent, stateBytes: replica.state.byteLength, replies: replica.replies },
      machine: {
        entries: { console: count('console'), output: count('output') },
        bytes: entries.reduce((sum, recorded) => sum + encodeRecorded(recorded).length, 0),
        stateBytes: ramBytes + REGISTER_BYTES,
        instructions: machine.position - position,
        pagesWritten: pages.filter((page, index) => page !== booted.pages[index]).length,
        pages: pages.length,
      },
    };
  };
  yield levels(0);
  for (const [index, byte] of requests.entries()) {
    recorder.console(byte);
    recorder.run(machine.position + ATTEMPTS_MAX);
    replica.request(byte);
    yield levels(index + 1);
  }
}

/** What the measurement came to, in a few sentences. */
export function describeLevels({ requests, replies, application, machine }: Levels): string {
  if (requests === 0) return 'No request was sent: type a letter.';
  const factor = Math.round(machine.bytes / application.bytes);
  const asked = requests === 1 ? 'One request' : `${requests} requests`;
  const sent = `${asked}: ${counted(application.bytes, 'byte')} to agree on for the application, ${counted(machine.bytes, 'byte')} for the machine.`;
  const same = replies === application.replies;
  const check = same
    ? `A replica with the ${application.stateBytes} bytes alone gives the same answers.`
    : `A replica with the ${application.stateBytes} bytes alone gives other answers.`;
  return `${sent} The machine’s log is ${factor} times as long. ${check}`;
}

/** A second copy of the application, not of its machine: two numbers, and what a request does to them (guests/src/counter.c). */
class CounterReplica {
  /** The number of requests in 4 bytes, the checksum in 2. */
  readonly state = new DataView(new ArrayBuffer(6));
  replies = '';

  constructor() {
    this.state.setUint16(4, 0xffff);
  }

  request(byte: number): void {
    const requests = this.state.getUint32(0) + 1;
    const checksum = crc16(this.state.getUint16(4), byte);
    this.state.setUint32(0, requests);
    this.state.setUint16(4, checksum);
    this.replies += `${requests} ${checksum.toString(16).padStart(4, '0')}\n`;
  }
}

/** CRC-16/CCITT-FALSE, one byte: polynomial 0x1021, most significant bit first. */
function crc16(crc: number, byte: number): number {
  let rest = crc ^ (byte << 8);
  for (let bit = 0; bit < 8; bit++) rest = rest & 0x8000 ? (rest << 1) ^ 0x1021 : rest << 1;
  return rest & 0xffff;
}

function counted(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}

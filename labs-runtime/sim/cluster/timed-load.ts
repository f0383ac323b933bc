/**
 * What clients do to the guest of a timed run, and what they see of it: how much got through, and how long it took. Clients of a key-value store ask and
 * wait, a sender of datagrams only sends. VMware FT, sections 5.1 and 5.2.
 */
import type { KeyValueCommand } from '../../guests/key-value-protocol.ts';
import { decodeReply, encodeRequest } from '../../guests/key-value-protocol.ts';
import type { Prng } from '../prng.ts';
import { createPrng } from '../prng.ts';
import { Spread } from './timed-measures.ts';

export interface TimedLoad {
  /** When all was done; undefined before. */
  readonly doneUs: number | undefined;
  /** The first frames for the guest. */
  begin(nowUs: number): Uint8Array[];
  /** A frame from the guest arrives; returns what is sent next. */
  take(frame: Uint8Array, nowUs: number): Uint8Array[];
  /** The guest has got a frame; returns what is sent next. */
  taken(frame: Uint8Array, nowUs: number): Uint8Array[];
  /** What is to be sent again. */
  overdue(nowUs: number): Uint8Array[];
}

export interface RequestOptions {
  clients: number;
  /** Requests that each client has on their way at a time. With more than one, a lost request is never answered: the guest takes numbers in order. */
  inFlight: number;
  /** How many requests each client makes. */
  requests: number;
  /** What to ask for next. */
  next: (prng: Prng) => KeyValueCommand & { key: Uint8Array };
  seed: number;
  /** A request that nobody has answered for so long is sent again. */
  retryAfterUs: number;
}

interface Client {
  /** Requests made so far: the number of the last one. */
  asked: number;
  waiting: Map<number, { frame: Uint8Array; askedUs: number; sentUs: number }>;
}

/** Clients of a key-value guest: each has so many requests on their way, and asks the next when one is answered. */
export class RequestLoad implements TimedLoad {
  answers = 0;
  requestBytes = 0;
  answerBytes = 0;
  /** From the first sending of a request to its answer. */
  readonly waitUs = new Spread();
  doneUs: number | undefined;
  readonly #options: RequestOptions;
  readonly #prng: Prng;
  readonly #clients: Client[];

  constructor(options: RequestOptions) {
    this.#options = options;
    this.#prng = createPrng(options.seed);
    this.#clients = Array.from({ length: options.clients }, () => ({ asked: 0, waiting: new Map() }));
  }

  begin(nowUs: number): Uint8Array[] {
    return Array.from({ length: this.#options.inFlight }, () => [...this.#clients.keys()].flatMap((id) => this.#ask(id, nowUs))).flat();
  }

  take(frame: Uint8Array, nowUs: number): Uint8Array[] {
    const reply = decodeReply(frame);
    const waiting = reply && this.#clients[reply.client]?.waiting;
    const answered = waiting?.get(reply!.request);
    if (answered === undefined) return [];
    waiting!.delete(reply!.request);
    this.answers += 1;
    this.requestBytes += answered.frame.length;
    this.answerBytes += frame.length;
    this.waitUs.add(nowUs - answered.askedUs);
    if (this.answers === this.#options.clients * this.#options.requests) this.doneUs = nowUs;
    return this.#ask(reply!.client, nowUs);
  }

  taken(): Uint8Array[] {
    return [];
  }

  overdue(nowUs: number): Uint8Array[] {
    const frames: Uint8Array[] = [];
    for (const { waiting } of this.#clients) {
      for (const request of waiting.values()) {
        if (nowUs - request.sentUs < this.#options.retryAfterUs) continue;
        request.sentUs = nowUs;
        frames.push(request.frame);
      }
    }
    return frames;
  }

  #ask(id: number, nowUs: number): Uint8Array[] {
    const client = this.#clients[id]!;
    if (client.asked === this.#options.requests) return [];
    client.asked += 1;
    const frame = encodeRequest({ ...this.#options.next(this.#prng), client: id, request: client.asked });
    client.waiting.set(client.asked, { frame, askedUs: nowUs, sentUs: nowUs });
    return [frame];
  }
}

export interface DatagramOptions {
  /** How many frames, all the same. */
  frames: number;
  frame: Uint8Array;
  /** So many are on their way or wait for the guest; the next is sent when it has taken one. */
  inFlight: number;
}

/** A sender of datagrams that nobody answers, as fast as the guest takes them. */
export class DatagramLoad implements TimedLoad {
  takenFrames = 0;
  doneUs: number | undefined;
  readonly #options: DatagramOptions;
  #sent: number;

  constructor(options: DatagramOptions) {
    this.#options = options;
    this.#sent = Math.min(options.inFlight, options.frames);
  }

  get takenBytes(): number {
    return this.takenFrames * this.#options.frame.length;
  }

  begin(): Uint8Array[] {
    return Array.from({ length: this.#sent }, () => this.#options.frame);
  }

  take(): Uint8Array[] {
    return [];
  }

  taken(frame: Uint8Array, nowUs: number): Uint8Array[] {
    this.takenFrames += 1;
    if (this.takenFrames === this.#options.frames) this.doneUs = nowUs;
    if (this.#sent === this.#options.frames) return [];
    this.#sent += 1;
    return [frame];
  }

  overdue(): Uint8Array[] {
    return [];
  }
}

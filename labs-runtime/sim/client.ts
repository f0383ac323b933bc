/**
 * A client of the replicated guest: takes tickets over a network that loses and delays, sends a request again until it is answered, and records
 * what it saw. It is what the protocol is for, so what it sees is the last word on whether the protocol works.
 */
import { decodeReply, encodeRequest } from '../guests/tickets-protocol.ts';
import type { RunRecord } from './run-record.ts';

/** One answer: ticket number, and the time at which the guest issued it, in ticks of its clock. */
export interface Ticket {
  ticket: number;
  time: number;
}

export interface ClientOptions {
  /** From 0; the guest tells its clients apart by it. */
  id: number;
  run: RunRecord;
  /** Puts a frame on the network; `words` say in the trace what it is. */
  send: (frame: Uint8Array, words: string) => void;
  /** Every answer seen so far by any client: who holds which ticket. */
  holders: Map<number, string>;
  /** After how long without an answer a request is sent again, in milliseconds. */
  retryAfterMs: number;
}

/** What a client is called in a trace: A for number 0, and so on. */
export function clientName(id: number): string {
  return String.fromCharCode(65 + id);
}

export class Client {
  /** Answers by the request's number, from 1. */
  readonly tickets = new Map<number, Ticket>();
  /** Number of the last request made. */
  requests = 0;
  readonly #options: ClientOptions;
  #sentMs = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Whether a request of it has no answer yet. */
  get waits(): boolean {
    return this.requests > this.tickets.size;
  }

  /** The request that waits, in words. */
  get waiting(): string {
    return `request ${this.#name(this.requests)}`;
  }

  /** Makes the next request, unless one waits for its answer. */
  request(): void {
    if (this.waits) return;
    this.requests += 1;
    this.#send(`asks for a ticket (request ${this.#name(this.requests)})`);
  }

  /** Asks the guest to switch itself off. */
  powerOff(): void {
    const { id, send } = this.#options;
    send(encodeRequest({ op: 'power off', client: id, request: this.requests + 1 }), 'tells the guest to power off');
  }

  /** Time has passed: sends again what got no answer for too long. */
  time(): void {
    if (!this.waits || this.#options.run.nowMs - this.#sentMs < this.#options.retryAfterMs) return;
    this.#send(`sends request ${this.#name(this.requests)} again`);
  }

  /** A frame arrived; returns whether it was an answer to this client. */
  receive(frame: Uint8Array, message: number): boolean {
    const reply = decodeReply(frame);
    if (reply === undefined || reply.client !== this.#options.id) return false;
    const { run, holders } = this.#options;
    const { request, ticket, time } = reply;
    const name = this.#name(request);
    run.trace.mark('client', `gets ticket ${ticket} for request ${name}`, { message });
    const before = this.tickets.get(request);
    if (before !== undefined) {
      if (before.ticket !== ticket || before.time !== time)
        run.report('client', 'client', `ticket ${wordsOf(before)} again, for request ${name}`, `ticket ${wordsOf({ ticket, time })}`);
      return true;
    }
    const holder = holders.get(ticket);
    if (holder !== undefined)
      run.report('client', 'client', `a ticket that nobody holds, for request ${name}`, `ticket ${ticket}, which request ${holder} got`);
    holders.set(ticket, name);
    this.tickets.set(request, { ticket, time });
    return true;
  }

  #send(words: string): void {
    const { id, run, send } = this.#options;
    this.#sentMs = run.nowMs;
    send(encodeRequest({ op: 'take ticket', client: id, request: this.requests }), words);
  }

  /** A request by client and number, e.g. `A1`. */
  #name(request: number): string {
    return `${clientName(this.#options.id)}${request}`;
  }
}

function wordsOf({ ticket, time }: Ticket): string {
  return `${ticket} issued at ${time}`;
}

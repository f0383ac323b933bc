/**
 * Everything in the world that takes time to arrive: datagrams of clients and heartbeats, which can be lost and delayed, and answers of the
 * storage. Ordered bytes of the logging channel have a link of their own (`link.ts`).
 */
import type { Role } from '../ft/channel-api.ts';
import { Agenda } from './agenda.ts';
import type { RunRecord } from './run-record.ts';
import type { DatagramKind, WorldEvent } from './world-event.ts';

/** What arrives. Datagrams of clients have numbers, by which a trace ties sending to arrival. */
export type Arrival =
  | { what: 'request'; frame: Uint8Array; message: number; client: number }
  | { what: 'reply'; frame: Uint8Array; message: number; from: Role }
  | { what: 'heartbeat'; to: Role }
  /** The answer to a test-and-set; without an owner, the word that none came. */
  | { what: 'flag'; to: Role; owner: Role | undefined }
  /** The backup's replay to the end is done. */
  | { what: 'log end' };

/** A datagram from a client or to one. */
type ClientDatagram = Extract<Arrival, { what: 'request' | 'reply' }>;

/** How long a datagram takes when nothing delays it. */
const LATENCY_MS = 1;

export class Networks {
  readonly #run: RunRecord;
  readonly #agenda = new Agenda<Arrival>();
  readonly #toLose: Record<DatagramKind, number> = { request: 0, reply: 0, heartbeat: 0 };
  readonly #delayMs: Record<DatagramKind, number> = { request: 0, reply: 0, heartbeat: 0 };
  #heartbeatsPass = true;
  #clientsAreSplit = false;
  #datagrams = 0;

  constructor(run: RunRecord) {
    this.#run = run;
  }

  /** A number for the next datagram of a client or to one. */
  number(): number {
    return ++this.#datagrams;
  }

  /** Puts a datagram on its way, unless it is to be lost. Returns what becomes of it, to follow the words that say what it is. */
  send(datagram: ClientDatagram): string {
    const fate = this.#fateOf(datagram.what);
    if (fate === 'lost') return ', which is lost';
    this.after(LATENCY_MS + fate, datagram);
    return fate > 0 ? `, which will be ${fate} ms late` : '';
  }

  /** Sends a heartbeat, unless it is to be lost. */
  sendHeartbeat(to: Role): void {
    const fate = this.#fateOf('heartbeat');
    const { trace } = this.#run;
    if (fate === 'lost') return trace.mark('link', `a heartbeat to the ${to} is lost`, { tone: 'fault' });
    if (!this.#heartbeatsPass) return;
    if (fate > 0) trace.mark('link', `a heartbeat to the ${to} will be ${fate} ms late`, {});
    this.after(LATENCY_MS + fate, { what: 'heartbeat', to });
  }

  /** What the schedule has in store for the next datagram of a kind: its loss, or by how many milliseconds it is late. */
  #fateOf(kind: DatagramKind): 'lost' | number {
    const byMs = this.#delayMs[kind];
    this.#delayMs[kind] = 0;
    if (this.#toLose[kind] === 0) return byMs;
    this.#toLose[kind] -= 1;
    return 'lost';
  }

  /** Something arrives so much later, whatever the networks do. */
  after(forMs: number, arrival: Arrival): void {
    this.#agenda.add(this.#run.nowMs + forMs, arrival);
  }

  /** Takes off what arrives now. */
  takeDue(): Arrival[] {
    return this.#agenda.takeDue(this.#run.nowMs);
  }

  /** Whether a client's side of the network has that machine on it. */
  reaches(client: number, role: Role): boolean {
    return !this.#clientsAreSplit || (client % 2 === 0) === (role === 'primary');
  }

  /** An event that changes what the networks do from here on. */
  disturb(event: Extract<WorldEvent, { kind: 'lose' | 'delay' | 'heartbeats' | 'clients split' }>): void {
    const { trace } = this.#run;
    switch (event.kind) {
      case 'lose':
        this.#toLose[event.of] += 1;
        return;
      case 'delay':
        this.#delayMs[event.of] += event.byMs;
        return;
      case 'heartbeats':
        if (event.pass === this.#heartbeatsPass) return;
        this.#heartbeatsPass = event.pass;
        return event.pass
          ? trace.mark('link', 'heartbeats pass again', {})
          : trace.mark('link', 'heartbeats are lost from here on', { tone: 'fault' });
      case 'clients split':
        if (event.on === this.#clientsAreSplit) return;
        this.#clientsAreSplit = event.on;
        return event.on
          ? trace.mark('client', 'the network falls in two', { tone: 'fault' })
          : trace.mark('client', 'the network is whole again', {});
    }
  }
}

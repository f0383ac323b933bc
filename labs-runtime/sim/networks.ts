/**
 * Everything in the world that takes time to arrive: datagrams of clients and heartbeats, which can be lost and delayed, and answers of the
 * storage. Ordered bytes of the logging channel have a link of their own (`link.ts`).
 */
import type { Role } from '../ft/channel-api.ts';
import { Agenda } from './agenda.ts';
import type { RunRecord } from './run-record.ts';
import type { Lane } from './trace-event.ts';
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

type Datagram = Extract<Arrival, { what: DatagramKind }>;

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

  /** Puts a datagram on its way, unless it is to be lost. */
  send(datagram: Datagram): void {
    const { what } = datagram;
    const byMs = this.#delayMs[what];
    this.#delayMs[what] = 0;
    const [lane, name]: [Lane, string] = what === 'heartbeat' ? ['link', `a heartbeat to the ${datagram.to}`] : ['client', `the ${what}`];
    if (this.#toLose[what] > 0) {
      this.#toLose[what] -= 1;
      return this.#run.trace.mark(lane, `${name} is lost`, { tone: 'fault' });
    }
    if (what === 'heartbeat' && !this.#heartbeatsPass) return;
    if (byMs > 0) this.#run.trace.mark(lane, `${name} will be ${byMs} ms late`, { tone: 'fault' });
    this.after(LATENCY_MS + byMs, datagram);
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
        return trace.mark('link', event.pass ? 'heartbeats pass again' : 'heartbeats are lost from here on', { tone: 'fault' });
      case 'clients split':
        if (event.on === this.#clientsAreSplit) return;
        this.#clientsAreSplit = event.on;
        return trace.mark('client', event.on ? 'the network falls in two' : 'the network is whole again', { tone: 'fault' });
    }
  }
}

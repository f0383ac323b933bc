/**
 * A page and a browser for `MachineHost`, in virtual time: what the host posts is kept, and what it puts off happens when the test lets time
 * pass. The terminal draws at once, unless the test holds it back.
 */
import { guests, type GuestName } from '../../../labs-runtime/guests/index.ts';
import { optionsForGuest, type BootOptions } from '../../../src/machine-room/boot-options.ts';
import { MachineHost, type Surroundings } from '../../../src/machine-room/machine-host.ts';
import type { Look, MachineView } from '../../../src/machine-room/machine-view.ts';
import type { FromMachine, MachineStatus, ToMachine } from '../../../src/machine-room/messages.ts';

/** Virtual time between two looks at the clock: that of a slice, so that slices keep their length. */
const LOOK_MS = 8;

export const LOOK: Look = { hart: 'turn', memoryAddress: 0x80000000, memoryBytes: 256, codeLines: 16, viewEveryMs: 250 };

export class FakePage {
  readonly host: MachineHost;
  readonly messages: FromMachine[] = [];
  /** The terminal draws nothing, so it acknowledges nothing. */
  isTerminalStuck = false;
  nowMs = 0;
  #console: Uint8Array[] = [];
  #later: { atMs: number; callback: () => void }[] = [];

  constructor(changes: Partial<Surroundings> = {}) {
    this.host = new MachineHost({
      post: (message) => this.#take(message),
      nowMs: () => (this.nowMs += LOOK_MS),
      later: (callback, delayMs) => {
        const due = { atMs: this.nowMs + delayMs, callback };
        this.#later.push(due);
        return () => void (this.#later = this.#later.filter((each) => each !== due));
      },
      entropy: (byteCount) => new Uint8Array(byteCount).fill(0x5a),
      ...changes,
    });
    this.send({ kind: 'look', look: LOOK });
  }

  send(message: ToMachine): void {
    this.host.receive(message);
  }

  type(text: string): void {
    this.send({ kind: 'type', bytes: new TextEncoder().encode(text) });
  }

  async boot(name: GuestName, changes: Partial<BootOptions> = {}): Promise<void> {
    this.send({ kind: 'boot', name, image: await guests[name].load(), options: { ...optionsForGuest(guests[name]), ...changes } });
  }

  /** Lets things happen, in order of their times, until something is so. Fails if nothing is left to happen, or after very many steps. */
  until(isSo: () => boolean, what: string): void {
    for (let steps = 0; !isSo(); steps++) {
      if (steps > 100_000 || !this.happen()) throw new Error(`${what}: never came about. The state is ${JSON.stringify(this.status)}`);
    }
  }

  untilIs(kind: MachineStatus['activity']['kind']): void {
    this.until(() => this.status.activity.kind === kind, `the machine is ${kind}`);
  }

  /** The next thing that was put off. False if there is none. */
  happen(): boolean {
    this.#later.sort((one, other) => one.atMs - other.atMs);
    const next = this.#later.shift();
    if (next === undefined) return false;
    this.nowMs = Math.max(this.nowMs, next.atMs);
    next.callback();
    return true;
  }

  /** Whether the host has put anything off: if not, it costs nothing until a message comes. */
  get isIdle(): boolean {
    return this.#later.length === 0;
  }

  get status(): MachineStatus {
    return this.#last('status').status;
  }

  get view(): MachineView {
    return this.#last('view').view;
  }

  /** The state hash, asked for now. */
  get hash(): string {
    this.send({ kind: 'hash' });
    return this.#last('hash').hash;
  }

  /** What stands on the terminal: all since its last reset. */
  get screen(): string {
    return Buffer.concat(this.#console).toString('latin1');
  }

  #last<Kind extends FromMachine['kind']>(kind: Kind): Extract<FromMachine, { kind: Kind }> {
    return this.messages.findLast((message): message is Extract<FromMachine, { kind: Kind }> => message.kind === kind)!;
  }

  #take(message: FromMachine): void {
    this.messages.push(message);
    if (message.kind !== 'console') return;
    const isReset = message.bytes[0] === 0x1b && message.bytes[1] === 0x63;
    this.#console = isReset ? [message.bytes.subarray(2)] : [...this.#console, message.bytes];
    const shown: ToMachine = { kind: 'shown', byteCount: message.bytes.length };
    if (!this.isTerminalStuck) this.#later.push({ atMs: this.nowMs, callback: () => this.send(shown) });
  }
}

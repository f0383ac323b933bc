/** Servers with a replica each, driven by hand: nothing arrives, nothing is answered and no time passes unless a test says so. */
import { Machine, type MachineOptions } from '../../../../labs-runtime/emulator/machine.ts';
import { RunningGuest } from '../../../../labs-runtime/ft/replica/guest-slot.ts';
import type { LocalDisk } from '../../../../labs-runtime/ft/replica/host.ts';
import type { ReplicaEffect, ReplicaInput } from '../../../../labs-runtime/ft/replica/messages.ts';
import { NOBODY } from '../../../../labs-runtime/ft/replica/messages.ts';
import type { Mechanisms, ReplicaOptions } from '../../../../labs-runtime/ft/replica/options.ts';
import { replicaDefaults } from '../../../../labs-runtime/ft/replica/options.ts';
import { startPair } from '../../../../labs-runtime/ft/replica/pair.ts';
import { stepReplica, type ReplicaPlace } from '../../../../labs-runtime/ft/replica/replica.ts';
import type { ReplicaState } from '../../../../labs-runtime/ft/replica/state.ts';
import { createReceiving, createReplica } from '../../../../labs-runtime/ft/replica/state.ts';
import { bytesOf, jal, WFI } from '../../emulator/assembler.ts';
import { block, DISK_SECTORS, ENTRIES, headOf, places, QUEUE, READ, request, WRITE } from '../../emulator/devices/block-driver.ts';
import { bytesAt, codeOf, offer, word } from '../../emulator/devices/virtio-driver.ts';
import type { Store } from '../../emulator/devices/virtio-driver.ts';
import { bootedMachine, textOf } from '../recorded-run.ts';

/** Attempts that are more than enough for the guests here to come to their wait. */
export const ENOUGH = 20_000;
export const TICK_MS = 50;

const SYSCON = 0x1110_0000;
const POWER_OFF = 0x5555;

type Kind = ReplicaEffect['kind'];
export type EffectOf<K extends Kind> = Extract<ReplicaEffect, { kind: K }>;

export function ofKind<K extends Kind>(effects: readonly ReplicaEffect[], kind: K): EffectOf<K>[] {
  return effects.filter((effect): effect is EffectOf<K> => effect.kind === kind);
}

/** Two ticks of silence are a failure. */
export function options(changes: Partial<Omit<ReplicaOptions, 'mechanisms'>> = {}, mechanisms: Partial<Mechanisms> = {}): ReplicaOptions {
  const failover = { heartbeatEveryMs: TICK_MS, silenceMaxMs: TICK_MS + 10, retryAfterMs: TICK_MS };
  return { ...replicaDefaults, failover, ...changes, mechanisms: { ...replicaDefaults.mechanisms, ...mechanisms } };
}

export class Server {
  readonly state: ReplicaState;
  /** Everything that it has asked for, in order. */
  readonly effects: ReplicaEffect[] = [];
  readonly #place: ReplicaPlace;
  readonly #passed = new Map<Kind, number>();

  constructor(state: ReplicaState, place: ReplicaPlace) {
    this.state = state;
    this.#place = place;
  }

  get machine(): Machine {
    return this.#place.slot.open(this.state.guest);
  }

  get place(): ReplicaPlace {
    return this.#place;
  }

  /** Tells it something; returns what it asks for. */
  tell(input: ReplicaInput): ReplicaEffect[] {
    const effects = stepReplica(this.state, input, this.#place);
    this.effects.push(...effects);
    return effects;
  }

  run(entriesMax = Infinity, attempts = ENOUGH): ReplicaEffect[] {
    return this.tell({ kind: 'run', attempts, entriesMax });
  }

  replay(entriesMax = Infinity): ReplicaEffect[] {
    return this.tell({ kind: 'replay', entriesMax });
  }

  /** Milliseconds since the servers started. */
  time(nowMs: number): ReplicaEffect[] {
    return this.tell({ kind: 'time', nowMs });
  }

  type(text: string): void {
    for (const character of text) this.tell({ kind: 'console', byte: character.charCodeAt(0) });
  }

  /** The disk has done a request. */
  done(id: number, data?: Uint8Array): ReplicaEffect[] {
    return this.tell({ kind: 'disk done', id, status: 'ok', data });
  }

  /** What it has asked for of a kind since the last call for that kind. */
  take<K extends Kind>(kind: K): EffectOf<K>[] {
    const all = ofKind(this.effects, kind);
    const fresh = all.slice(this.#passed.get(kind) ?? 0);
    this.#passed.set(kind, all.length);
    return fresh;
  }

  /** What left the machine so far. */
  get text(): string {
    return ofKind(this.effects, 'output')
      .map(({ made }) => textOf(made))
      .join('');
  }
}

/** Carries what one server has sent since the last time to another. Returns what that asks for. */
export function pass(from: Server, to: Server, kind: 'log bytes' | 'heartbeat' | 'transfer'): ReplicaEffect[] {
  const sender = from.state.id;
  return from.take(kind).flatMap((effect): ReplicaEffect[] => {
    if (effect.kind === 'log bytes')
      return to.tell({ kind: 'log bytes', from: sender, generation: effect.generation, bytes: effect.bytes });
    if (effect.kind === 'heartbeat') return to.tell({ kind: 'heartbeat', from: sender, heartbeat: effect.heartbeat });
    return to.tell({ kind: 'transfer', from: sender, message: effect.message });
  });
}

export interface Pair {
  primary: Server;
  backup: Server;
}

/** A server with that guest in its machine, alone, with nothing said. `chunks` are its own disk, if it has one. */
export function serverWith(
  id: number,
  guest: Machine,
  chosen: ReplicaOptions,
  machine: Partial<MachineOptions> = {},
  chunks?: Uint8Array[],
): Server {
  const slot = new RunningGuest(machine);
  const state = createReplica(id, slot.load(guest.snapshot()), chosen);
  state.position = guest.position;
  state.outputGate = chosen.parts.outputGate.start({ acknowledgedSeq: 0 });
  chosen.parts.outputGate.step(state.outputGate, { kind: 'peer lost' });
  return new Server(state, { options: chosen, slot, localDisk: chunks && diskOf(chunks) });
}

/** A server on which a backup is to be made from pages of another. */
export function receiverOf(id: number, source: Server, machine: Partial<MachineOptions> = {}, chunks?: Uint8Array[]): Server {
  const { options: chosen } = source.place;
  const slot = new RunningGuest(machine);
  const state = createReceiving(id, source.state.id, source.state.attempt, slot.save(), chosen);
  return new Server(state, { options: chosen, slot, localDisk: chunks && diskOf(chunks) });
}

function diskOf(chunks: Uint8Array[]): LocalDisk {
  return { chunks, replace: (index, bytes) => (chunks[index] = bytes) };
}

/** A pair that has just been made of a guest: servers 0 and 1, generation 1. */
export function pairWith(guest: Machine, chosen: ReplicaOptions = options(), machine: Partial<MachineOptions> = {}): Pair {
  const [primary, backup] = [0, 1].map((id) => serverWith(id, guest, chosen, machine)) as [Server, Server];
  startPair({ state: primary.state, options: chosen }, 'primary', 1, 1);
  startPair({ state: backup.state, options: chosen }, 'backup', 0, 1);
  return { primary, backup };
}

/** A pair whose guest counts the bytes typed at its console, and has come to its wait. Each byte makes seven outputs. */
export async function counterPair(chosen: ReplicaOptions = options()): Promise<Pair> {
  const machine = await bootedMachine('counter');
  machine.run(ENOUGH);
  return pairWith(machine, chosen);
}

export interface Wanted {
  kind: 'read' | 'write';
  sector: number;
}

/** A guest that asks its disk for the requests of each list in one notification, and then waits for ever. Each write writes its own number. */
export function diskGuest(...notifications: Wanted[][]): Machine {
  return machineOf(codeOf(block.setup, storesFor(notifications)), WFI, jal(0, -4));
}

/** The same, but that it does not wait: it switches itself off. */
export function leavingDiskGuest(...notifications: Wanted[][]): Machine {
  return machineOf(codeOf(block.setup, storesFor(notifications), [word(SYSCON, POWER_OFF)]));
}

function storesFor(notifications: Wanted[][]): Store[] {
  let index = 0;
  return notifications.flatMap((wanted) => {
    const first = index;
    index += wanted.length;
    const laidOut = wanted.flatMap(({ kind, sector }, at) => [
      ...request(first + at, kind === 'write' ? WRITE : READ, sector, 512),
      ...(kind === 'write' ? bytesAt(places(first + at).data, [first + at + 1]) : []),
    ]);
    const heads = wanted.map((_, at) => headOf(first + at));
    return [...laidOut, ...offer(QUEUE, heads, first, ENTRIES), block.notify(QUEUE)];
  });
}

function machineOf(...code: Parameters<typeof bytesOf>[0]): Machine {
  const machine = new Machine(diskMachine);
  machine.load(bytesOf(code));
  return machine;
}

export const diskMachine = { diskSectors: DISK_SECTORS };

export function diskPair(notifications: Wanted[][], chosen: ReplicaOptions = options()): Pair {
  return pairWith(diskGuest(...notifications), chosen, diskMachine);
}

/** What a server asks the disk for, e.g. `write 6`. */
export function atDisk(effects: readonly ReplicaEffect[]): string[] {
  return ofKind(effects, 'disk').map(({ request: { kind, sector } }) => `${kind} ${sector}`);
}

/** Lets a machine count its peer as failed, and win the flag. Returns what it asks for from then on. */
export function takeOver(server: Server, fromMs = 2 * TICK_MS): ReplicaEffect[] {
  const { generation, id } = server.state;
  const effects = [...server.time(fromMs), ...server.replay()];
  if (ofKind(effects, 'test-and-set').length === 0) throw new Error('the machine does not ask for the flag');
  return server.tell({ kind: 'flag', generation, owner: id });
}

/** Whether it is alone. */
export function isAlone({ state }: Server): boolean {
  return state.role === 'primary' && state.peer === NOBODY;
}

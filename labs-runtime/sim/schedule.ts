/**
 * Schedules of the simulated world: what happens to its machines, networks and clients, as a list that a seed decides.
 */
import type { Role } from '../ft/channel-api.ts';
import { createPrng } from './prng.ts';
import type { Prng } from './prng.ts';
import { ROUND_MS } from './world.ts';
import type { DatagramKind, WorldEvent } from './world-event.ts';

/**
 * What a schedule is about, and so how often each kind of event is drawn:
 * - `log`: console bytes reach the guest, the link carries its log piece by piece;
 * - `service`: clients ask, and each step of the way to the answer is an event;
 * - `failover`: clients ask, time passes in rounds, and what the pair relies on fails.
 */
export type Traffic = 'log' | 'service' | 'failover';

export interface ScheduleOptions {
  seed: number;
  traffic: Traffic;
  /** How many events. */
  length: number;
  /** Largest number of instruction attempts in one `run`. */
  attemptsMax: number;
  /** Smallest and largest piece the link delivers, in bytes; small pieces cut frames, large ones join them. */
  pieceBytesMin: number;
  pieceBytesMax: number;
  /** The most entries the backup replays at once; 0 makes it hold everything until the end, Infinity lets it replay whatever arrives. */
  replayEntriesMax: number;
  /** Whether the link of the logging channel breaks; and whether bytes sent before a break may arrive after it. */
  breaks: boolean;
  lateBytes: boolean;
  /** Whether the output gate is told of acknowledgements again, and of lower ones after higher ones. */
  oldAcknowledgements: boolean;
  /** Whether outputs reach the gate late, after acknowledgements that cover them. */
  lateOutputs: boolean;
  interrupts: boolean;
  /** The machine that crashes at some point, if any. */
  crash: Role | 'either' | 'none';
  /** Whether datagrams are lost and delayed. */
  datagramFaults: boolean;
  /** Whether all heartbeats may be lost for a while. */
  heartbeatFaults: boolean;
  /** Whether the storage may be out of reach for a while, and its answers be lost. */
  storageFaults: boolean;
  /** Whether a client may switch the guest off. */
  powerOffs: boolean;
}

export const scheduleDefaults: Omit<ScheduleOptions, 'seed'> = {
  traffic: 'log',
  length: 60,
  attemptsMax: 500,
  pieceBytesMin: 1,
  pieceBytesMax: 200,
  replayEntriesMax: Infinity,
  breaks: false,
  lateBytes: false,
  oldAcknowledgements: false,
  lateOutputs: false,
  interrupts: false,
  crash: 'none',
  datagramFaults: false,
  heartbeatFaults: false,
  storageFaults: false,
  powerOffs: false,
};

/** The most bytes of the log that still arrive after a crash; half of the crashes leave none. */
const CRASH_LATE_BYTES_MAX = 400;

/** How far an old acknowledgement lies behind the newest one, at most. */
const OLD_ACKNOWLEDGEMENT_BEHIND_MAX = 6;

/** Clients that ask. */
const CLIENTS = 2;

/** Long enough for a guest to start its devices before anything reaches it. */
const BOOT_ATTEMPTS: Record<Traffic, number> = { log: 2000, service: 6000, failover: 6000 };

/** What is broken at this point of a schedule. */
interface Broken {
  link: boolean;
  heartbeats: boolean;
  storage: Role | undefined;
}

/** The schedule of a seed. Equal options give an equal schedule in every host. */
export function scheduleOf(options: Pick<ScheduleOptions, 'seed'> & Partial<ScheduleOptions>): WorldEvent[] {
  const chosen = { ...scheduleDefaults, ...options };
  const random = createPrng(chosen.seed);
  const events: WorldEvent[] = [{ kind: 'run', attempts: BOOT_ATTEMPTS[chosen.traffic] }];
  const broken: Broken = { link: false, heartbeats: false, storage: undefined };
  while (events.length < chosen.length) {
    const event = pickEvent(chosen, random, broken);
    note(event, broken);
    events.push(event);
  }
  if (chosen.crash !== 'none') addCrash(events, chosen, random);
  return events;
}

function note(event: WorldEvent, broken: Broken): void {
  if (event.kind === 'break' || event.kind === 'heal') broken.link = event.kind === 'break';
  if (event.kind === 'heartbeats') broken.heartbeats = !event.pass;
  if (event.kind === 'storage') broken.storage = event.reachable ? undefined : event.machine;
}

/** A crash somewhere in the last part of the schedule: a quarter of it for the log, which then has something to lose; all of it elsewhere. */
function addCrash(events: WorldEvent[], { crash, traffic, length }: ScheduleOptions, random: Prng): void {
  const at = events.length - random.int(traffic === 'log' ? Math.ceil(length / 4) : events.length);
  const machine = crash === 'either' ? random.pick(['primary', 'backup'] as const) : (crash as Role);
  const lateBytes = random.int(2) === 0 ? 0 : random.int(CRASH_LATE_BYTES_MAX);
  events.splice(at, 0, { kind: 'crash', machine, ...(traffic !== 'log' && { lateBytes }) });
}

/** Kinds of events with how often each is drawn. */
function weightsOf(options: ScheduleOptions, broken: Broken): [WorldEvent['kind'], number][] {
  const { traffic, replayEntriesMax, breaks, datagramFaults, heartbeatFaults, storageFaults } = options;
  const isStepwise = traffic !== 'failover';
  return [
    ['run', isStepwise ? 6 : 0],
    ['console', traffic === 'log' ? 5 : 0],
    ['interrupt', options.interrupts ? 3 : 0],
    ['carry', isStepwise && !broken.link ? 8 : 0],
    ['replay', isStepwise && replayEntriesMax > 0 && replayEntriesMax < Infinity ? 3 : 0],
    ['break', breaks && !broken.link ? 1 : 0],
    ['old acknowledgement', options.oldAcknowledgements ? 3 : 0],
    ['late output', options.lateOutputs ? 2 : 0],
    ['heal', broken.link ? (isStepwise ? 4 : 1) : 0],
    ['wait', isStepwise ? 2 : 0],
    ['pass', isStepwise ? 0 : 8],
    ['request', traffic === 'log' ? 0 : 5],
    ['lose', datagramFaults ? 1 : 0],
    ['delay', datagramFaults ? 1 : 0],
    ['heartbeats', heartbeatFaults ? 1 : 0],
    ['storage', storageFaults ? 2 : 0],
    ['lose answer', storageFaults ? 1 : 0],
    ['power off', options.powerOffs ? 1 : 0],
  ];
}

function pickEvent(options: ScheduleOptions, random: Prng, broken: Broken): WorldEvent {
  const weights = weightsOf(options, broken);
  let ticket = random.int(weights.reduce((sum, [, weight]) => sum + weight, 0));
  const kind = weights.find(([, weight]) => (ticket -= weight) < 0)![0];
  return eventOf(kind, options, random, broken);
}

function eventOf(kind: WorldEvent['kind'], options: ScheduleOptions, random: Prng, broken: Broken): WorldEvent {
  const side = (): Role => random.pick(['primary', 'backup']);
  const datagram = (): DatagramKind => random.pick(['request', 'reply', 'heartbeat']);
  switch (kind) {
    case 'run':
      return { kind, attempts: 1 + random.int(options.attemptsMax) };
    case 'console':
      return { kind, byte: random.int(256) };
    case 'interrupt':
      return { kind, line: random.int(2) === 0 ? 3 : 7 };
    case 'carry':
      return { kind, to: random.int(5) < 3 ? 'backup' : 'primary', bytesMax: pieceBytes(options, random) };
    case 'replay':
      return { kind, entriesMax: 1 + random.int(options.replayEntriesMax) };
    case 'break':
      return { kind, lateToBackup: lateBytes(options, random), lateToPrimary: lateBytes(options, random) };
    case 'old acknowledgement':
      return { kind, behind: random.int(OLD_ACKNOWLEDGEMENT_BEHIND_MAX) };
    case 'wait':
      return { kind, forMs: 1 + random.int(40) };
    case 'pass':
      return { kind, forMs: ROUND_MS * (1 + random.int(6)) };
    case 'request':
    case 'power off':
      return { kind, client: random.int(CLIENTS) };
    case 'lose':
      return { kind, of: datagram() };
    case 'delay':
      return { kind, of: datagram(), byMs: 1 + random.int(150) };
    case 'heartbeats':
      return { kind, pass: broken.heartbeats };
    case 'storage':
      return { kind, machine: broken.storage ?? side(), reachable: broken.storage !== undefined };
    case 'lose answer':
    case 'crash':
      return { kind, machine: side() };
    case 'clients split':
      return { kind, on: random.int(2) === 0 };
    case 'late output':
      return { kind, acknowledgements: 1 + random.int(2) };
    case 'heal':
      return { kind };
  }
}

function pieceBytes({ pieceBytesMin, pieceBytesMax }: ScheduleOptions, random: Prng): number {
  return pieceBytesMin + random.int(1 + pieceBytesMax - pieceBytesMin);
}

function lateBytes(options: ScheduleOptions, random: Prng): number {
  return options.lateBytes ? random.int(64) : 0;
}

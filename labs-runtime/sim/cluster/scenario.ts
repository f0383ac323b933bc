/**
 * A scenario: what guest runs on how many servers, what clients ask, what may fail, and how finely it is looked at. The same scenario is searched
 * to its bounds, walked through by seeds, and replayed from a trace.
 */
import type { ReplicaOptions } from '../../ft/replica/options.ts';
import type { GuestName } from '../../guests/index.ts';
import type { EventKind } from './cluster-event.ts';
import type { Allowance } from './cluster-state.ts';
import type { KeyedCommand, Service, TicketCommand } from './services.ts';

export interface Clients<Command> {
  service: Service<Command>;
  /** For each client, what it asks, one after the other. */
  commands: readonly (readonly Command[])[];
}

/** Clients, whatever they speak: a scenario's commands fit its service. */
export type AnyClients = Clients<never> & { service: Service<unknown>; commands: readonly (readonly unknown[])[] };

export interface Scenario {
  name: string;
  /** What it is about, in a sentence. */
  about: string;
  guest: GuestName;
  harts: number;
  servers: number;
  clients: Clients<KeyedCommand> | Clients<TicketCommand> | undefined;
  /** Whether the scenario begins when the guest has started and waits, or when the pair is made of a machine that has run nothing yet. */
  startsAtRest: boolean;
  /** What is typed at the guest's console. */
  keys: string;
  options: ReplicaOptions;
  /** Faults that may happen, and how many of them at most. */
  faults: readonly EventKind[];
  allowance: Allowance;
  /** How much time a tick is. */
  tickMs: number;
  /** By how much each server's clock is ahead. */
  clockOffsetsMs: readonly number[];
  /** The most attempts that the guest makes in one event. */
  attemptsMax: number;
  /** How many attempts each server's processor has time for in a tick; undefined where the search chooses what runs when. */
  attemptsPerTick: readonly number[] | undefined;
  /** The most that a backup may be behind, in milliseconds of the primary's work (3.2). */
  lagMsMax: number;
  /** Kinds of events that happen as soon as they can, in this order, so that the search need not choose when. */
  eager: readonly EventKind[];
  /** The longest schedule that the search looks at. */
  depthMax: number;
  /** Whether a storage that gives the flag away forgets what the loser has asked its disk for. */
  fences: boolean;
  /** Whether the flag is given to one machine only (2.3). */
  flagIsExclusive: boolean;
  /** What drives the harts of each server's machine, where there are several. */
  hartSeeds: readonly number[];
}

/** A pair that has just been made, with time, faults and traffic for one failure. */
export const scenarioDefaults = {
  harts: 1,
  servers: 2,
  startsAtRest: true,
  clients: undefined,
  keys: '',
  faults: [],
  allowance: { faults: 1, ticks: 4, retries: 1, repairs: 0, leaves: 0, keys: 0 },
  tickMs: 50,
  clockOffsetsMs: [0, 0, 0],
  attemptsMax: 20_000,
  attemptsPerTick: undefined,
  lagMsMax: Infinity,
  eager: [],
  depthMax: 40,
  fences: true,
  flagIsExclusive: true,
  hartSeeds: [1, 1, 1],
} as const satisfies Partial<Scenario>;

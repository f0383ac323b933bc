/**
 * A run of the simulated world for a live figure: a script of events, played one event after another, and after each what there is to draw. The
 * machines are real and run the guest `tickets`; the parts of the protocol are the reference's, of which a figure may leave one out.
 */
import * as channelPart from '../../../labs-runtime/ft/channel.ts';
import * as failoverPart from '../../../labs-runtime/ft/failover.ts';
import * as outputGatePart from '../../../labs-runtime/ft/output-gate.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { clientName } from '../../../labs-runtime/sim/client.ts';
import { Machines } from '../../../labs-runtime/sim/machines.ts';
import type { ChannelPart, FailoverPart, OutputGatePart } from '../../../labs-runtime/sim/part-end.ts';
import { settle } from '../../../labs-runtime/sim/settle.ts';
import type { TraceEvent } from '../../../labs-runtime/sim/trace-event.ts';
import { World } from '../../../labs-runtime/sim/world.ts';
import type { WorldEvent } from '../../../labs-runtime/sim/world-event.ts';
import { worldDefaults } from '../../../labs-runtime/sim/world-options.ts';

export interface Script {
  /** What the figure is about: events that are drawn one by one, with each step of the log. */
  steps: WorldEvent[];
  /** What happens after it, drawn with the log summed up. */
  after: WorldEvent[];
  /** Mechanisms that can be turned off. */
  outputRule: boolean;
  flag: boolean;
  /** Whether the fair end belongs to the run: every network whole, until every request is answered. */
  settles: boolean;
}

/** An answer that a client holds. */
export interface HeldTicket {
  client: string;
  request: number;
  ticket: number;
  /** Another client holds the same ticket. */
  isDouble: boolean;
}

export interface WorldFrame {
  rows: TraceEvent[];
  tickets: HeldTicket[];
  /** What each machine is: `live`, `follows the log`, `dead`, `halted`. */
  machines: Record<'primary' | 'backup', string>;
}

/** Long enough for the guest to start its devices; not drawn. */
const BOOT: WorldEvent = { kind: 'run', attempts: 6000 };

/** The image that every run needs. */
export function loadGuest(): Promise<Uint8Array> {
  return guests.tickets.load();
}

/** Plays a script; a frame after each event. */
export function* playScript({ steps, after, outputRule, flag, settles }: Script, image: Uint8Array): Generator<WorldFrame> {
  const world = new World({
    ...worldDefaults,
    seed: 1,
    machines: new Machines(image, guests.tickets.ramBytes),
    channelPart: channelPart as ChannelPart,
    failoverPart: failoverPart as FailoverPart,
    outputGatePart: outputRule ? (outputGatePart as OutputGatePart) : undefined,
    flag,
  });
  world.apply(BOOT);
  const firstEvent = world.run.event + 1;
  for (const event of steps) {
    world.apply(event);
    yield frameOf(world, firstEvent, world.run.event);
  }
  const lastStep = world.run.event;
  for (const event of after) {
    world.apply(event);
    yield frameOf(world, firstEvent, lastStep);
  }
  if (!settles) return;
  settle(world);
  yield frameOf(world, firstEvent, lastStep);
}

function frameOf(world: World, firstEvent: number, lastStep: number): WorldFrame {
  const { trace, event } = world.run;
  const steps = trace.rows({ firstEvent, lastEvent: lastStep, sumsUpLog: false, rowsMax: Infinity });
  const after = trace.rows({ firstEvent: lastStep + 1, lastEvent: event, sumsUpLog: true, rowsMax: Infinity });
  return {
    rows: [...steps, ...after],
    tickets: ticketsOf(world),
    machines: { primary: conditionOf(world, 'primary'), backup: conditionOf(world, 'backup') },
  };
}

function ticketsOf(world: World): HeldTicket[] {
  const all = world.clients.flatMap((client, id) =>
    [...client.tickets].map(([request, { ticket }]) => ({ client: clientName(id), request, ticket })),
  );
  return all.map((held) => ({ ...held, isDouble: all.some((other) => other.ticket === held.ticket && other.client !== held.client) }));
}

function conditionOf({ hosts }: World, role: 'primary' | 'backup'): string {
  const { condition, recording } = hosts[role];
  if (condition === 'crashed') return 'dead';
  if (condition === 'halted') return 'halted';
  return recording === undefined ? 'follows the log' : 'live';
}

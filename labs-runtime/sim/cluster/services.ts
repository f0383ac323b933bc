/**
 * What clients may ask of a guest over the network, how it goes on the wire, and what is wrong with what they were told.
 */
import * as keyValue from '../../guests/key-value-protocol.ts';
import type { KeyValueCommand } from '../../guests/key-value-protocol.ts';
import * as tickets from '../../guests/tickets-protocol.ts';
import type { KeyValueOperation } from './key-value-history.ts';
import { explainHistory } from './key-value-history.ts';

/** A client asks, or is answered. Moments are numbered by their place in the list. */
export type Moment =
  { kind: 'asks'; client: number; request: number } | { kind: 'is told'; client: number; request: number; answer: Answer };

/** What a reply says, as plain data. */
export type Answer = Readonly<{ status: string; value: Uint8Array; time: number }>;

export interface Service<Command> {
  encode(client: number, request: number, command: Command): Uint8Array;
  /** The reply in a frame; undefined if there is none in it. */
  decode(frame: Uint8Array): { client: number; request: number; answer: Answer } | undefined;
  /** What no single machine could have answered, in a sentence; undefined if there is nothing. */
  explain(commands: readonly (readonly Command[])[], history: readonly Moment[]): string | undefined;
  /** Whether the guest answers a command at all. */
  isAnswered(command: Command): boolean;
  /** A command in words, e.g. `put x "1"`. */
  nameOf(command: Command): string;
  /** An answer in words, e.g. `ok "1"`. */
  nameOfAnswer(answer: Answer): string;
}

/** What a client is called: A for number 0, and so on. */
export function clientName(client: number): string {
  return String.fromCharCode(65 + client);
}

export type KeyedCommand = KeyValueCommand & { key: Uint8Array };

export const keyValueService: Service<KeyedCommand> = {
  encode: (client, request, command) => keyValue.encodeRequest({ ...command, client, request }),
  decode(frame) {
    const reply = keyValue.decodeReply(frame);
    return reply && { client: reply.client, request: reply.request, answer: { status: reply.status, value: reply.value, time: 0 } };
  },
  explain: (commands, history) => explainHistory(operationsOf(commands, history), (client) => `client ${clientName(client)}`),
  isAnswered: () => true,
  nameOf(command) {
    const value = 'value' in command ? ` ${JSON.stringify(text(command.value))}` : '';
    return `${command.op} ${text(command.key)}${value}`;
  },
  nameOfAnswer: ({ status, value }) => (value.length === 0 ? status : `${status} ${JSON.stringify(text(value))}`),
};

function operationsOf(commands: readonly (readonly KeyedCommand[])[], history: readonly Moment[]): KeyValueOperation[] {
  const operations = new Map<string, KeyValueOperation>();
  for (const [moment, event] of history.entries()) {
    const { client, request } = event;
    const name = `${client} ${request}`;
    if (event.kind === 'asks')
      operations.set(name, { client, input: commands[client]![request - 1]!, output: undefined, invokedAt: moment, answeredAt: Infinity });
    else {
      const { status, value } = event.answer;
      operations.set(name, { ...operations.get(name)!, output: { status: status as keyValue.Status, value }, answeredAt: moment });
    }
  }
  return [...operations.values()];
}

/** A ticket is asked for, or the guest told to switch itself off. */
export type TicketCommand = 'take ticket' | 'power off';

export const ticketService: Service<TicketCommand> = {
  encode: (client, request, op) => tickets.encodeRequest({ op, client, request }),
  decode(frame) {
    const reply = tickets.decodeReply(frame);
    return (
      reply && { client: reply.client, request: reply.request, answer: { status: String(reply.ticket), value: NOTHING, time: reply.time } }
    );
  },
  explain: (_, history) => explainTickets(history),
  isAnswered: (command) => command === 'take ticket',
  nameOf: (command) => command,
  nameOfAnswer: ({ status, time }) => `ticket ${status}, issued at ${time}`,
};

const NOTHING = new Uint8Array(0);

/** Each ticket has one holder, and tickets asked for later were issued later. */
function explainTickets(history: readonly Moment[]): string | undefined {
  const told = history.filter((moment) => moment.kind === 'is told');
  for (const [index, later] of told.entries()) {
    const ticket = Number(later.answer.status);
    const [name, asked] = [`${clientName(later.client)}${later.request}`, history.findIndex((moment) => isAsking(moment, later))];
    for (const earlier of told.slice(0, index)) {
      const other = `${clientName(earlier.client)}${earlier.request}`;
      const otherTicket = Number(earlier.answer.status);
      if (ticket === otherTicket) return `request ${name} got ticket ${ticket}, which request ${other} had got`;
      const isLater = asked > history.indexOf(earlier);
      if (isLater && ticket < otherTicket)
        return `request ${name}, asked after request ${other} had got ticket ${otherTicket}, got ticket ${ticket}`;
      if (isLater && later.answer.time < earlier.answer.time)
        return `request ${name} got ticket ${ticket} issued at ${later.answer.time}, after ticket ${otherTicket} issued at ${earlier.answer.time}`;
    }
  }
  return undefined;
}

function isAsking(moment: Moment, { client, request }: Moment): boolean {
  return moment.kind === 'asks' && moment.client === client && moment.request === request;
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** What clients ask and are told: on the wire, in words, and what no single machine could have told them. */
import { describe, expect, it } from 'vitest';
import { encodeDatagram } from '../../../../labs-runtime/guests/internet-packets.ts';
import * as keyValue from '../../../../labs-runtime/guests/key-value-protocol.ts';
import * as tickets from '../../../../labs-runtime/guests/tickets-protocol.ts';
import type { KeyedCommand, Moment } from '../../../../labs-runtime/sim/cluster/services.ts';
import { clientName, keyValueService, ticketService } from '../../../../labs-runtime/sim/cluster/services.ts';

const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const asks = (client: number, request: number): Moment => ({ kind: 'asks', client, request });

describe('tickets', () => {
  const told = (client: number, request: number, ticket: number, time = 0): Moment => ({
    kind: 'is told',
    client,
    request,
    answer: { status: String(ticket), value: new Uint8Array(0), time },
  });
  const explain = (...history: Moment[]) => ticketService.explain([], history);

  it('are asked for as the guest wants it', () => {
    expect(ticketService.encode(3, 7, 'take ticket')).toEqual(tickets.encodeRequest({ op: 'take ticket', client: 3, request: 7 }));
    expect(ticketService.encode(0, 1, 'power off')).toEqual(tickets.encodeRequest({ op: 'power off', client: 0, request: 1 }));
  });

  it('are read from the guest’s replies, and from nothing else', () => {
    const frame = new Uint8Array(28);
    const view = new DataView(frame.buffer);
    view.setUint16(12, 0x88b5);
    view.setUint8(14, 0x81);
    view.setUint8(15, 2);
    view.setUint32(16, 9);
    view.setUint32(20, 41);
    view.setUint32(24, 1234);
    expect(ticketService.decode(frame)).toEqual({ client: 2, request: 9, answer: { status: '41', value: new Uint8Array(0), time: 1234 } });
    expect(ticketService.decode(frame.slice(1))).toBeUndefined();
    expect(ticketService.decode(ticketService.encode(0, 1, 'take ticket'))).toBeUndefined();
  });

  it('are answered, unlike a power-off', () => {
    expect(ticketService.isAnswered('take ticket')).toBe(true);
    expect(ticketService.isAnswered('power off')).toBe(false);
    expect(ticketService.nameOf('power off')).toBe('power off');
  });

  it('may come in any order while their requests overlap', () => {
    expect(explain(asks(0, 1), asks(1, 1), told(1, 1, 2, 9), told(0, 1, 1, 5))).toBeUndefined();
    expect(explain(asks(0, 1), told(0, 1, 1, 5), asks(1, 1), told(1, 1, 2, 5), asks(0, 2), told(0, 2, 7, 6))).toBeUndefined();
    expect(explain()).toBeUndefined();
    expect(explain(asks(0, 1))).toBeUndefined();
  });

  it('have one holder each', () => {
    expect(explain(asks(0, 1), asks(1, 1), told(0, 1, 4), told(1, 1, 4))).toBe('request B1 got ticket 4, which request A1 had got');
    expect(explain(asks(0, 1), told(0, 1, 4), asks(1, 1), told(1, 1, 5), asks(0, 2), told(0, 2, 4))).toBe(
      'request A2 got ticket 4, which request A1 had got',
    );
  });

  it('go up for those who ask later', () => {
    expect(explain(asks(0, 1), told(0, 1, 4), asks(1, 1), told(1, 1, 3))).toBe(
      'request B1, asked after request A1 had got ticket 4, got ticket 3',
    );
    // Numbers are not compared as texts.
    expect(explain(asks(0, 1), told(0, 1, 9), asks(1, 1), told(1, 1, 10))).toBeUndefined();
  });

  it('are issued later for those who ask later, which is where a clock that goes back shows', () => {
    expect(explain(asks(0, 1), told(0, 1, 4, 100), asks(1, 1), told(1, 1, 5, 99))).toBe(
      'request B1 got ticket 5 issued at 99, after ticket 4 issued at 100',
    );
    expect(explain(asks(0, 1), asks(1, 1), told(0, 1, 4, 100), told(1, 1, 5, 99))).toBeUndefined();
  });

  it('are told wrongly at the first answer that is wrong', () => {
    const wrong = [asks(0, 1), told(0, 1, 2), asks(0, 2), told(0, 2, 1), asks(0, 3), told(0, 3, 2)];
    expect(explain(...wrong)).toBe('request A2, asked after request A1 had got ticket 2, got ticket 1');
  });
});

describe('a key-value store', () => {
  const put: KeyedCommand = { op: 'put', key: bytes('x'), value: bytes('1') };
  const get: KeyedCommand = { op: 'get', key: bytes('x') };
  const told = (client: number, request: number, status: string, value = ''): Moment => ({
    kind: 'is told',
    client,
    request,
    answer: { status, value: bytes(value), time: 0 },
  });

  it('is asked as the guest wants it', () => {
    expect(keyValueService.encode(1, 2, put)).toEqual(keyValue.encodeRequest({ ...put, client: 1, request: 2 }));
  });

  it('is read from the guest’s replies, and from nothing else', () => {
    const payload = Uint8Array.of(0x81, 0, 3, 0, 0, 0, 0, 5, 0, 0, 0, 6, ...bytes('abc'));
    const frame = encodeDatagram({ from: keyValue.SERVER, to: keyValue.clientEndpoint(5), payload });
    expect(keyValueService.decode(frame)).toEqual({ client: 5, request: 6, answer: { status: 'ok', value: bytes('abc'), time: 0 } });
    expect(keyValueService.decode(keyValueService.encode(5, 6, get))).toBeUndefined();
    expect(keyValueService.decode(frame.slice(0, 20))).toBeUndefined();
  });

  it('answers every command, and names it', () => {
    expect(keyValueService.isAnswered(put)).toBe(true);
    expect(keyValueService.nameOf(put)).toBe('put x "1"');
    expect(keyValueService.nameOf(get)).toBe('get x');
  });

  it('has nothing wrong with what one machine could have told', () => {
    const commands = [[put, get], [get]];
    expect(
      keyValueService.explain(commands, [
        asks(0, 1),
        asks(1, 1),
        told(1, 1, 'not found'),
        told(0, 1, 'ok'),
        asks(0, 2),
        told(0, 2, 'ok', '1'),
      ]),
    ).toBeUndefined();
    // What nobody has answered may have happened or not.
    expect(keyValueService.explain(commands, [asks(0, 1), asks(1, 1), told(1, 1, 'ok', '1')])).toBeUndefined();
    expect(keyValueService.explain(commands, [asks(0, 1), asks(1, 1), told(1, 1, 'not found')])).toBeUndefined();
  });

  it('may not forget what it has acknowledged, by the names of clients', () => {
    const text = keyValueService.explain([[put], [get]], [asks(0, 1), told(0, 1, 'ok'), asks(1, 1), told(1, 1, 'not found')]);
    expect(text).toContain('client A');
    expect(text).toContain('client B');
  });

  it('takes each request for the command of its own number and client', () => {
    const other: KeyedCommand = { op: 'put', key: bytes('x'), value: bytes('2') };
    const history = [asks(0, 1), told(0, 1, 'ok'), asks(0, 2), told(0, 2, 'ok'), asks(1, 1), told(1, 1, 'ok', '2')];
    expect(keyValueService.explain([[put, other], [get]], history)).toBeUndefined();
    expect(keyValueService.explain([[other, put], [get]], history)).toBeDefined();
  });

  it('is served to clients A, B and so on', () => {
    expect([0, 1, 25].map(clientName)).toEqual(['A', 'B', 'Z']);
  });
});

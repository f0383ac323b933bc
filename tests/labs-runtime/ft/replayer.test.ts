/** Where guest and log disagree, the replayer says what it was told, and what the guest did instead (VMware FT, section 2.1). */
import { describe, expect, it } from 'vitest';
import { Machine, type DiskRequest } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry, LogEvent } from '../../../labs-runtime/ft/log-entry.ts';
import { createReplayer, describeEntry, ReplayDivergence, WrongSequence, type Replayer } from '../../../labs-runtime/ft/replayer.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { encodeRequest } from '../../../labs-runtime/guests/tickets-protocol.ts';
import { diskGuest, ENOUGH, entropyGuest, resetOfDisk } from './device-guests.ts';
import { bootedMachine } from './recorded-run.ts';

/** Entries numbered from 1. */
function log(...events: [number, LogEvent][]): LogEntry[] {
  return events.map(([at, event], index) => ({ seq: index + 1, at, event }));
}

function holding(machine: Machine, entries: LogEntry[]): Replayer {
  const replayer = createReplayer({ machine });
  for (const entry of entries) replayer.accept(entry);
  return replayer;
}

/** The divergence that a run ends in. */
function divergence(replayer: Replayer): ReplayDivergence {
  try {
    replayer.run();
  } catch (error) {
    if (error instanceof ReplayDivergence) return error;
    throw error;
  }
  throw new Error('the replay did not diverge');
}

const byte = (value: number): LogEvent => ({ kind: 'console', byte: value });

describe('replayer', () => {
  it('stays where it is without entries', async () => {
    const machine = await bootedMachine('counter');
    expect(createReplayer({ machine }).run()).toEqual({ consumed: 0 });
    expect(machine.position).toBe(0);
  });

  it('stops at the last entry it holds and goes on when the next one comes', async () => {
    const machine = await bootedMachine('counter');
    const replayer = holding(machine, log([500, byte(65)]));
    expect(replayer.run()).toEqual({ consumed: 1 });
    expect(machine.position).toBe(500);
    expect(replayer.run()).toEqual({ consumed: 1 });
    expect(machine.position).toBe(500);
  });

  it('runs a slice of at most attemptsMax attempts, and injects what lies at its end', async () => {
    const machine = await bootedMachine('counter');
    const replayer = holding(machine, log([500, byte(65)], [500, byte(66)]));
    expect(replayer.run(499)).toEqual({ consumed: 0 });
    expect(machine.position).toBe(499);
    expect(replayer.held).toBe(2);
    expect(replayer.run(1)).toEqual({ consumed: 2 });
    expect(replayer.held).toBe(0);
  });

  it('finishes the load of a clock entry only if the slice has an attempt left for it', async () => {
    const machine = await bootedMachine('clockwork');
    const at = clockLoad(await bootedMachine('clockwork'));
    const replayer = holding(machine, log([at, { kind: 'clock', value: 5n }]));
    expect(replayer.run(at)).toEqual({ consumed: 0 });
    expect(machine.position).toBe(at);
    expect(replayer.run(1)).toEqual({ consumed: 1 });
    expect(machine.position).toBe(at + 1);
  });

  it('refuses an entry that is repeated, left out or too early', async () => {
    const replayer = createReplayer({ machine: await bootedMachine('counter'), consumed: 4 });
    const entry = (seq: number): LogEntry => ({ seq, at: 900, event: byte(1) });
    expect(() => replayer.accept(entry(6))).toThrow('was given log entry 6, the next one is 5');
    replayer.accept(entry(5));
    expect(() => replayer.accept(entry(5))).toThrow(WrongSequence);
    expect(() => replayer.accept(entry(4))).toThrow(WrongSequence);
    replayer.accept(entry(6));
    expect(replayer.run()).toEqual({ consumed: 6 });
  });

  it('diverges where the guest reads the clock without an entry', async () => {
    const machine = await bootedMachine('clockwork');
    const at = clockLoad(await bootedMachine('clockwork'));
    const entries = log([5000, byte(65)]);
    expect(divergence(holding(machine, entries))).toMatchObject({ position: at, entry: entries[0], guestDid: 'read the clock' });
  });

  it('diverges at a clock entry where the guest does not read the clock', async () => {
    const entries = log([3, { kind: 'clock', value: 1n }]);
    const error = divergence(holding(await bootedMachine('clockwork'), entries));
    expect(error).toMatchObject({ position: 4, entry: entries[0], guestDid: 'did something else' });
    expect(error.message).toBe(
      'replay diverged at position 4: the next log entry is number 1 at position 3, clock value 1, but the guest did something else',
    );
  });

  it('diverges where the guest makes an output without an entry', async () => {
    const entries = log([100, byte(65)], [5000, byte(66)]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({ entry: entries[1], guestDid: 'made an output' });
  });

  it('diverges at an output entry where the guest makes none', async () => {
    const entries = log([30, { kind: 'output', output: 0 }]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({ position: 30, guestDid: 'did something else' });
  });

  it('diverges at an output entry with another number', async () => {
    const probe = await bootedMachine('counter');
    expect(probe.run(100).reason).toBe('wait');
    const waitsAt = probe.position;
    probe.receive(65);
    expect(probe.run(1000).reason).toBe('output');
    const entries = log([waitsAt, byte(65)], [probe.position, { kind: 'output', output: 1 }]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({
      entry: entries[1],
      guestDid: 'made an output of another number',
    });
  });

  it('diverges where the output comes before the place of its entry', async () => {
    const entries = log([100, byte(65)], [1000, { kind: 'output', output: 0 }]);
    const error = divergence(holding(await bootedMachine('counter'), entries));
    expect(error).toMatchObject({ entry: entries[1], guestDid: 'made an output' });
    expect(error.position).toBeLessThan(1000);
  });

  it('diverges at an entry in the past', async () => {
    const entries = log([100, byte(65)], [99, byte(66)]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({ position: 100, guestDid: 'was already past it' });
  });

  it.each([
    ['powered off', 0x000055b7, 0x55558593],
    ['rebooted', 0x000075b7, 0x77758593],
  ] as const)('diverges where the guest %s before the entry', (what, loadUpper, addLower) => {
    const machine = new Machine();
    // lui a0, 0x11100; the value into a1; sw a1, 0(a0)
    machine.load(new Uint8Array(Uint32Array.of(0x11100537, loadUpper, addLower, 0x00b52023).buffer));
    expect(divergence(holding(machine, log([50, byte(65)])))).toMatchObject({ position: 4, guestDid: what });
  });

  it('repeats its divergence instead of running on from a wrong state', async () => {
    const machine = await bootedMachine('counter');
    const replayer = holding(machine, log([30, { kind: 'output', output: 0 }]));
    const first = divergence(replayer);
    expect(divergence(replayer)).toBe(first);
    expect(machine.position).toBe(30);
  });

  it('describes each kind of entry in words', () => {
    const words = log(
      [5, { kind: 'clock', value: 9n }],
      [6, { kind: 'interrupt', line: 7 }],
      [7, byte(65)],
      [8, { kind: 'output', output: 2 }],
      [9, { kind: 'packet', frame: new Uint8Array(60) }],
      [10, { kind: 'power-off' }],
      [11, { kind: 'reboot' }],
      [12, { kind: 'interrupt', line: 3, hart: 2 }],
      [13, { kind: 'entropy', bytes: new Uint8Array(4) }],
      [14, { kind: 'disk', request: 3, status: 'error' }],
      [15, { kind: 'disk', request: 4, status: 'ok', data: new Uint8Array(512) }],
      [16, { kind: 'control', operation: 'quiesced' }],
    );
    expect(words.map(describeEntry)).toEqual([
      'number 1 at position 5, clock value 9',
      'number 2 at position 6, interrupt line 7',
      'number 3 at position 7, console byte 65',
      'number 4 at position 8, output 2',
      'number 5 at position 9, packet of 60 bytes',
      'number 6 at position 10, power-off',
      'number 7 at position 11, reboot',
      'number 8 at position 12, interrupt line 3 of hart 2',
      'number 9 at position 13, entropy of 4 bytes',
      'number 10 at position 14, disk request 3 error',
      'number 11 at position 15, disk request 4 ok with 512 bytes',
      'number 12 at position 16, control operation quiesced',
    ]);
  });

  it('runs to a control entry and consumes it, and nothing else happens to the guest (section 3.3)', async () => {
    const [machine, other] = [await bootedMachine('counter'), await bootedMachine('counter')];
    const replayer = holding(
      machine,
      log([30, { kind: 'control', operation: 'alive' }], [200, { kind: 'control', operation: 'quiesced' }]),
    );
    expect(replayer.run(100)).toEqual({ consumed: 1 });
    expect(replayer.run()).toEqual({ consumed: 2 });
    while (other.run(200).reason !== 'position');
    expect(machine.position).toBe(200);
    expect(machine.stateHash()).toBe(other.stateHash());
  });

  it('diverges at a control entry in the past, and where the guest reads the clock before it', async () => {
    const past = log([100, byte(65)], [99, { kind: 'control', operation: 'alive' }]);
    expect(divergence(holding(await bootedMachine('counter'), past))).toMatchObject({ position: 100, guestDid: 'was already past it' });
    const at = clockLoad(await bootedMachine('clockwork'));
    const early = log([at + 1, { kind: 'control', operation: 'alive' }]);
    expect(divergence(holding(await bootedMachine('clockwork'), early))).toMatchObject({ position: at, guestDid: 'read the clock' });
  });

  it('approaches the place of the next entry without consuming it, once however often it is asked', async () => {
    const machine = await bootedMachine('counter');
    const replayer = holding(machine, log([500, byte(65)], [600, byte(66)]));
    replayer.approach();
    expect([machine.position, replayer.consumed, replayer.held]).toEqual([500, 0, 2]);
    const before = machine.stateHash();
    replayer.approach();
    expect(machine.stateHash()).toBe(before);
    expect(replayer.run(0)).toEqual({ consumed: 1 });
    expect(machine.position).toBe(500);
    replayer.approach();
    expect([machine.position, replayer.consumed]).toEqual([600, 1]);
  });

  it('approaches nothing without an entry, and never again once it has diverged', async () => {
    const machine = await bootedMachine('counter');
    const replayer = createReplayer({ machine });
    replayer.approach();
    expect(machine.position).toBe(0);
    for (const entry of log([100, byte(65)], [99, byte(66)])) replayer.accept(entry);
    expect(() => replayer.run()).toThrow('was already past it');
    expect(() => replayer.approach()).toThrow('was already past it');
    expect(machine.position).toBe(100);
  });

  it('diverges on its approach as in a run, and repeats the divergence', async () => {
    const at = clockLoad(await bootedMachine('clockwork'));
    const replayer = holding(await bootedMachine('clockwork'), log([5000, byte(65)]));
    const approach = () => replayer.approach();
    expect(approach).toThrow(ReplayDivergence);
    expect(approach).toThrow(`replay diverged at position ${at}`);
    expect(divergence(replayer)).toMatchObject({ position: at, guestDid: 'read the clock' });
  });
});

describe('replayer of a guest on the network', () => {
  const request = encodeRequest({ op: 'take ticket', client: 0, request: 1 });

  /** A recorded run: a ticket taken, then the power-off. */
  async function recorded(): Promise<{ machine: Machine; entries: LogEntry[] }> {
    const machine = await bootedMachine('tickets');
    const entries: LogEntry[] = [];
    const recorder = createRecorder({
      machine,
      clock: () => 7n,
      log: (each) => entries.push({ seq: entries.length + 1, ...each }),
      output: () => {},
    });
    recorder.run(10_000);
    recorder.packet(request);
    recorder.run(20_000);
    recorder.packet(encodeRequest({ op: 'power off', client: 0, request: 1 }));
    recorder.run(30_000);
    return { machine, entries };
  }

  it('takes frames where the primary did, makes the same outputs, and powers off where it did', async () => {
    const { machine, entries } = await recorded();
    expect(entries.map(({ event }) => event.kind)).toEqual([
      'clock',
      'packet',
      'clock',
      'output',
      'output',
      'output',
      'packet',
      'power-off',
    ]);
    const backup = await bootedMachine('tickets');
    const devices: string[] = [];
    const replayer = createReplayer({ machine: backup, output: (output, made) => devices.push(`${output} ${made.device}`) });
    for (const entry of entries) replayer.accept(entry);
    expect(replayer.run()).toEqual({ consumed: entries.length });
    expect(devices).toEqual(['0 network', '1 console', '2 console']);
    expect(backup.power).toBe('power-off');
    expect(backup.stateHash()).toBe(machine.stateHash());
  });

  it('consumes the power-off in a slice that ends with it, and not before', async () => {
    const { machine, entries } = await recorded();
    const replayer = holding(await bootedMachine('tickets'), entries);
    expect(replayer.run(machine.position - 1)).toEqual({ consumed: entries.length - 1 });
    expect(replayer.run(1)).toEqual({ consumed: entries.length });
  });

  /** The divergence of a log that was changed. */
  async function diverging(change: (entries: LogEntry[]) => LogEntry[]): Promise<ReplayDivergence> {
    const { entries } = await recorded();
    const changed = change(entries).map((entry, index) => ({ ...entry, seq: index + 1 }));
    return divergence(holding(await bootedMachine('tickets'), changed));
  }

  it('diverges where the device has no room for the frame that the log says it took', async () => {
    const error = await diverging(([clock, packet, ...rest]) => [{ ...packet!, at: 0 }, clock!, ...rest]);
    expect(error).toMatchObject({ position: 0, guestDid: 'had no room for the frame' });
    expect(error.message).toBe(
      'replay diverged at position 0: the next log entry is number 1 at position 0, packet of 20 bytes, but the guest had no room for the frame',
    );
    const tooMany = await diverging(([clock, packet, ...rest]) => [clock!, ...new Array<LogEntry>(9).fill(packet!), ...rest]);
    expect(tooMany).toMatchObject({ entry: { seq: 10 }, guestDid: 'had no room for the frame' });
  });

  it('diverges where the guest sends without an entry', async () => {
    const error = await diverging((entries) => entries.filter(({ event }) => event.kind !== 'output' || event.output !== 0));
    expect(error).toMatchObject({ entry: { event: { kind: 'output', output: 1 } }, guestDid: 'made an output' });
  });

  it.each<[string, LogEvent]>([
    ['a power-off', { kind: 'power-off' }],
    ['a reboot', { kind: 'reboot' }],
  ])('diverges at %s that the guest did not make', async (_, event) => {
    const error = await diverging((entries) => [...entries.slice(0, -1), { ...entries.at(-2)!, event }]);
    expect(error).toMatchObject({ entry: { event }, guestDid: 'did something else' });
  });

  it.each([1, -1])('diverges at a power-off whose place is off by %i', async (shift) => {
    const error = await diverging((entries) => [...entries.slice(0, -1), { ...entries.at(-1)!, at: entries.at(-1)!.at + shift }]);
    expect(error.guestDid).toBe(shift === 1 ? 'powered off' : 'did something else');
  });

  it('diverges where the log says reboot and the guest powered off', async () => {
    const error = await diverging((entries) => [...entries.slice(0, -1), { ...entries.at(-1)!, event: { kind: 'reboot' } }]);
    expect(error.guestDid).toBe('powered off');
  });

  it.each<[string, LogEvent]>([
    ['a second power-off', { kind: 'power-off' }],
    ['a frame', { kind: 'packet', frame: request }],
    ['an interrupt', { kind: 'interrupt', line: 7 }],
  ])('diverges at %s behind the power-off', async (_, event) => {
    const error = await diverging((entries) => [...entries, { ...entries.at(-1)!, event }]);
    expect(error).toMatchObject({ entry: { event }, guestDid: 'powered off' });
  });
});

describe('replayer of a guest with a disk', () => {
  const sector = Uint8Array.from({ length: 512 }, (_, index) => index);
  const guest = () => diskGuest([['read'], ['write', 'read', 'flush']]);

  /** A recorded run: every request completed, in another order. */
  function recorded(machine = guest()): { machine: Machine; entries: LogEntry[] } {
    const entries: LogEntry[] = [];
    const recorder = createRecorder({
      machine,
      clock: () => 0n,
      log: (each) => entries.push({ seq: entries.length + 1, ...each }),
      output: () => {},
    });
    recorder.run(ENOUGH);
    recorder.disk(2, 'ok', sector);
    recorder.disk(3, 'ok');
    recorder.run(machine.position + 10);
    recorder.disk(0, 'error');
    recorder.disk(1, 'ok');
    return { machine, entries };
  }

  it('needs no entry for a read, completes requests where the primary did, and makes the same output', () => {
    const { machine, entries } = recorded();
    expect(entries.map(({ event }) => event.kind)).toEqual(['output', 'disk', 'disk', 'disk', 'disk']);
    const backup = guest();
    const made: string[] = [];
    const replayer = createReplayer({
      machine: backup,
      output: (output, each) =>
        made.push(`${output} ${each.device === 'disk' ? each.requests.map(({ kind }) => kind).join(' ') : each.device}`),
    });
    for (const entry of entries) replayer.accept(entry);
    expect(replayer.run()).toEqual({ consumed: entries.length });
    expect(made).toEqual(['0 write flush']);
    expect(backup.stateHash()).toBe(machine.stateHash());
    expect(backup.pendingDiskRequests).toEqual([]);
  });

  it('shows the reads that the guest asks for on the way, in a run and on an approach, and no other request (section 4.2)', () => {
    const entries = log(
      [ENOUGH, { kind: 'disk', request: 0, status: 'ok', data: sector }],
      [ENOUGH, { kind: 'disk', request: 1, status: 'error' }],
    );
    const asked: string[] = [];
    const diskReads = (requests: DiskRequest[]) => asked.push(requests.map(({ id, kind }) => `${kind} ${id}`).join(', '));
    const readOnly = () => diskGuest([['read'], ['read']]);
    const replayer = createReplayer({ machine: readOnly(), diskReads });
    for (const entry of entries) replayer.accept(entry);
    replayer.approach();
    expect(asked).toEqual(['read 0', 'read 1']);
    expect(replayer.run()).toEqual({ consumed: 2 });
    expect(asked).toEqual(['read 0', 'read 1']);
    asked.length = 0;
    const mixed = createReplayer({ machine: guest(), diskReads });
    for (const entry of recorded().entries) mixed.accept(entry);
    mixed.run();
    // The write and the flush beside the second read are an output's.
    expect(asked).toEqual(['read 0', 'read 2']);
  });

  it('shows all requests of a notification in the guest’s order, once', () => {
    const asked: string[] = [];
    const diskRequests = (requests: DiskRequest[]) => asked.push(requests.map(({ id, kind }) => `${kind} ${id}`).join(', '));
    const replayer = createReplayer({ machine: guest(), diskRequests });
    for (const entry of recorded().entries) replayer.accept(entry);
    replayer.run();
    expect(asked).toEqual(['read 0', 'write 1, read 2, flush 3']);
  });

  it('does not approach what the guest does itself, and so the run finds it done there', () => {
    const { machine, entries } = recorded();
    const backup = guest();
    const made: number[] = [];
    const replayer = createReplayer({ machine: backup, output: (output) => made.push(output) });
    for (const entry of entries) replayer.accept(entry);
    replayer.approach();
    expect([backup.position, made]).toEqual([0, []]);
    replayer.run();
    expect(made).toEqual([0]);
    expect(backup.stateHash()).toBe(machine.stateHash());
  });

  /** The divergence of a log that was changed. */
  function diverging(change: (entries: LogEntry[]) => LogEntry[], machine = guest()): ReplayDivergence {
    const changed = change(recorded().entries).map((entry, index) => ({ ...entry, seq: index + 1 }));
    return divergence(holding(machine, changed));
  }

  it.each<[string, LogEvent]>([
    ['was completed before', { kind: 'disk', request: 2, status: 'ok', data: sector }],
    ['was never made', { kind: 'disk', request: 4, status: 'ok' }],
    ['is a write and got data', { kind: 'disk', request: 1, status: 'ok', data: sector }],
    ['is a read and got none', { kind: 'disk', request: 0, status: 'ok' }],
    ['is a read and got too little', { kind: 'disk', request: 0, status: 'ok', data: sector.slice(1) }],
  ])('diverges at the completion of a request that %s', (_, event) => {
    const error = diverging((entries) => [...entries.slice(0, 3), { ...entries[3]!, event }]);
    expect(error).toMatchObject({ entry: { seq: 4, event }, guestDid: 'had no such disk request' });
  });

  it('diverges at the completion of a request that the guest has abandoned', () => {
    const abandoning = diskGuest([['read'], ['write', 'read', 'flush']], resetOfDisk);
    const later = ([output, ...completions]: LogEntry[]) => [output!, ...completions.map((entry) => ({ ...entry, at: ENOUGH }))];
    expect(diverging(later, abandoning)).toMatchObject({ entry: { seq: 2 }, guestDid: 'had no such disk request' });
  });

  it('diverges where the guest writes without an entry', () => {
    const error = diverging((entries) => entries.slice(1));
    expect(error).toMatchObject({ entry: { event: { kind: 'disk' } }, guestDid: 'made an output' });
  });

  it('diverges at an output where the guest has only asked for a read', () => {
    const readOnly = diskGuest([['read']]);
    const at = readOnly.run(ENOUGH).reason === 'disk' ? readOnly.position : -1;
    const error = diverging(([output]) => [{ ...output!, at }]);
    expect(error).toMatchObject({ position: at, guestDid: 'did something else' });
  });
});

describe('replayer of a guest that wants entropy', () => {
  const given = (...lengths: number[]) =>
    lengths.map((length): [number, LogEvent] => [ENOUGH, { kind: 'entropy', bytes: new Uint8Array(length).fill(7) }]);

  it('gives it the bytes of the log, at their place', () => {
    const machine = entropyGuest();
    const other = entropyGuest();
    expect(holding(machine, log(...given(16, 5))).run()).toEqual({ consumed: 2 });
    while (other.run(ENOUGH).reason !== 'position');
    for (const [, event] of given(16, 5)) if (event.kind === 'entropy') other.provideEntropy(event.bytes);
    expect(machine.stateHash()).toBe(other.stateHash());
  });

  it.each([
    ['more than it wants', given(17)],
    ['more often than it wants', given(1, 1, 1)],
    ['before it wants any', given(1).map(([, event]): [number, LogEvent] => [0, event])],
  ])('diverges where the log gives it %s', (_, events) => {
    expect(divergence(holding(entropyGuest(), log(...events)))).toMatchObject({ guestDid: 'did not want such entropy' });
  });
});

describe('replayer of a machine with several harts', () => {
  it('raises lines of the hart that the log names', () => {
    const machine = new Machine({ harts: 3 });
    holding(machine, log([0, { kind: 'interrupt', line: 7, hart: 2 }], [0, { kind: 'interrupt', line: 3 }])).run();
    expect([0, 1, 2].map((hart) => machine.hart(hart).csr(0x344))).toEqual([8, 0, 0x80]);
  });

  it('diverges at an interrupt of a hart that there is not', () => {
    const entries = log([0, { kind: 'interrupt', line: 7, hart: 3 }]);
    const error = divergence(holding(new Machine({ harts: 3 }), entries));
    expect(error.message).toBe(
      'replay diverged at position 0: the next log entry is number 1 at position 0, interrupt line 7 of hart 3, but the guest has no such hart',
    );
  });
});

/** Position of the guest's first load of mtime. */
function clockLoad(machine: Machine): number {
  const stop = machine.run(10_000);
  if (stop.reason !== 'clock') throw new Error(`the guest ended in ${stop.reason} before it read the clock`);
  return machine.position;
}

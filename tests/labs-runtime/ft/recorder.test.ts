/** What the recorder logs, where, and in which order (VMware FT, sections 2.1, 2.2 and 3.2). */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Output, Recorded } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder, type Recorder, type RecorderOptions } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { decodeReply, encodeRequest } from '../../../labs-runtime/guests/tickets-protocol.ts';
import { diskGuest, ENOUGH, entropyGuest, resetOfDisk, WRITTEN } from './device-guests.ts';
import { bootedMachine, textOf } from './recorded-run.ts';

interface Recording {
  machine: Machine;
  recorder: Recorder;
  log: Recorded[];
  /** What happened, in order: the kind of each event logged, and each output byte as a character. */
  order: string[];
}

async function record(guest: 'counter' | 'clockwork' | 'tickets', options: Partial<RecorderOptions> = {}): Promise<Recording> {
  return recordMachine(await bootedMachine(guest), options);
}

function recordMachine(machine: Machine, options: Partial<RecorderOptions> = {}): Recording {
  const log: Recorded[] = [];
  const order: string[] = [];
  let ticks = 100n;
  const recorder = createRecorder({
    machine,
    clock: () => ticks++,
    log: (recorded) => {
      log.push(recorded);
      order.push(recorded.event.kind);
    },
    output: (_, made) => order.push(textOf(made)),
    ...options,
  });
  return { machine, recorder, log, order };
}

describe('recorder', () => {
  it('stops at the position asked for, or where the guest waits', async () => {
    const { machine, recorder } = await record('counter');
    expect(recorder.run(10)).toBe('position');
    expect(machine.position).toBe(10);
    expect(recorder.run(100_000)).toBe('wait');
    expect(machine.position).toBeLessThan(100);
  });

  it('logs an output as an entry of its own before it hands the byte over, numbered from 0 (section 2.2)', async () => {
    const { machine, recorder, log, order } = await record('counter');
    recorder.run(1000);
    const at = machine.position;
    recorder.console(65);
    expect(log).toEqual([{ at, event: { kind: 'console', byte: 65 } }]);
    recorder.run(2000);
    expect(order.slice(1).filter((_, index) => index % 2 === 0)).toEqual(new Array(7).fill('output'));
    expect(
      order
        .slice(1)
        .filter((_, index) => index % 2 === 1)
        .join(''),
    ).toBe('1 b915\n');
    expect(log.slice(1).map(({ event }) => event)).toEqual([0, 1, 2, 3, 4, 5, 6].map((output) => ({ kind: 'output', output })));
    expect(recorder.outputs).toBe(7);
  });

  it('places an output behind the store that made it', async () => {
    const { machine, recorder, log } = await record('counter');
    recorder.run(1000);
    recorder.console(65);
    recorder.run(2000);
    const outputAt = log[1]!.at;
    const other = await bootedMachine('counter');
    other.run(1000);
    other.receive(65);
    expect(other.run(outputAt - 1).reason).toBe('position');
    expect(other.run(outputAt)).toEqual({ reason: 'output', byte: '1'.charCodeAt(0) });
    expect(machine.position).toBeGreaterThan(outputAt);
  });

  it('logs a clock value at the position of the load that got it, asked once a load', async () => {
    const { machine, recorder, log } = await record('clockwork');
    expect(recorder.run(10_000)).toBe('position');
    expect(log.length).toBeGreaterThan(3);
    expect(log.map(({ event }) => event)).toEqual(log.map((_, index) => ({ kind: 'clock', value: 100n + BigInt(index) })));
    const other = await bootedMachine('clockwork');
    for (const { at, event } of log) {
      expect(other.run(machine.position)).toEqual({ reason: 'clock' });
      expect(other.position).toBe(at);
      if (event.kind === 'clock') other.provideClock(event.value);
    }
    expect(other.run(machine.position).reason).toBe('position');
    expect(other.stateHash()).toBe(machine.stateHash());
  });

  it("logs an interrupt at the machine's position and raises it", async () => {
    const { machine, recorder, log } = await record('clockwork');
    recorder.run(5000);
    const before = machine.stateHash();
    recorder.interrupt(3);
    expect(log.at(-1)).toEqual({ at: 5000, event: { kind: 'interrupt', line: 3 } });
    expect(machine.stateHash()).not.toBe(before);
  });

  it.each(['counter', 'clockwork'] as const)(
    'stalls %s right behind the entry that filled the buffer, and goes on as if nothing had been (section 3.2)',
    async (guest) => {
      const straight = await record(guest);
      straight.recorder.run(100);
      straight.recorder.console(65);
      straight.recorder.run(5000);

      const stalling: Recording = await record(guest, {
        log: (recorded) => {
          stalling.log.push(recorded);
          stalling.recorder.stall();
        },
      });
      const runOn = (until: number) => {
        for (;;) {
          stalling.recorder.resume();
          const logged = stalling.log.length;
          const end = stalling.recorder.run(until);
          expect(stalling.log.length - logged).toBe(end === 'stalled' ? 1 : 0);
          if (end !== 'stalled') return;
          const position = stalling.machine.position;
          expect(stalling.recorder.run(until)).toBe('stalled');
          expect(stalling.machine.position).toBe(position);
        }
      };
      runOn(100);
      stalling.recorder.console(65);
      runOn(5000);
      expect(stalling.log).toEqual(straight.log);
      expect(new Set(straight.log.map(({ event }) => event.kind)).size).toBe(2);
      expect(stalling.machine.stateHash()).toBe(straight.machine.stateHash());
    },
  );

  it('finishes the load before it stalls, so that the next input is logged behind it', async () => {
    const { machine, recorder, log } = await record('clockwork', { clock: () => (recorder.stall(), 5n) });
    expect(recorder.run(5000)).toBe('stalled');
    expect(machine.position).toBe(log[0]!.at + 1);
    recorder.resume();
    recorder.interrupt(3);
    const backup = await bootedMachine('clockwork');
    const replayer = createReplayer({ machine: backup });
    log.forEach((recorded, index) => replayer.accept({ seq: index + 1, ...recorded }));
    expect(replayer.run()).toEqual({ consumed: 2 });
    expect(backup.stateHash()).toBe(machine.stateHash());
  });

  it('goes live where a replay ended, with output numbers going on', async () => {
    const { machine, recorder, log } = await record('counter');
    recorder.run(1000);
    recorder.console(65);
    recorder.run(2000);
    const backup = await bootedMachine('counter');
    const replayer = createReplayer({ machine: backup });
    log.slice(0, 4).forEach((recorded, index) => replayer.accept({ seq: index + 1, ...recorded }));
    replayer.run();
    const live: Recorded[] = [];
    let text = '';
    const next = createRecorder({
      machine: backup,
      clock: () => 0n,
      log: (recorded) => live.push(recorded),
      output: (_, made) => (text += textOf(made)),
      outputs: replayer.outputs,
    });
    expect(next.run(2000)).toBe('wait');
    expect(text).toBe('915\n');
    expect(live).toEqual(log.slice(4));
    expect(backup.stateHash()).toBe(machine.stateHash());
  });

  it("ends with the guest's power-off and takes no events after it", async () => {
    const { machine, recorder, log } = await record('counter');
    // lui a0, 0x11100; lui a1, 0x5; addi a1, a1, 0x555; sw a1, 0(a0)
    machine.load(new Uint8Array(Uint32Array.of(0x11100537, 0x000055b7, 0x55558593, 0x00b52023).buffer));
    expect(recorder.run(100)).toBe('power-off');
    expect(machine.position).toBe(4);
    expect(recorder.run(100)).toBe('power-off');
    expect(() => recorder.console(1)).toThrow('for a machine that is off');
    expect(log).toEqual([{ at: 4, event: { kind: 'power-off' } }]);
  });

  it('refuses what would put events out of order: inputs while the guest runs or is stalled, a run back', async () => {
    const { recorder } = await record('clockwork', { clock: () => (recorder.interrupt(3), 0n) });
    expect(() => recorder.run(1000)).toThrow('while the guest runs');
    const stalled = (await record('counter')).recorder;
    stalled.run(20);
    stalled.stall();
    expect(() => stalled.console(1)).toThrow('hold it back until resume()');
    stalled.resume();
    expect(() => stalled.run(19)).toThrow('cannot run back from position 20 to 19');
  });
});

describe('recorder of a guest on the network', () => {
  const request = (client: number, number: number) => encodeRequest({ op: 'take ticket', client, request: number });
  const powerOff = encodeRequest({ op: 'power off', client: 0, request: 1 });

  it("logs a frame at the machine's position, as it was then, and hands it in", async () => {
    const { machine, recorder, log } = await record('tickets');
    recorder.run(10_000);
    const frame = request(0, 1);
    const before = machine.stateHash();
    expect(recorder.packet(frame)).toBe(true);
    expect(machine.stateHash()).not.toBe(before);
    frame.fill(0);
    expect(log.at(-1)).toEqual({ at: machine.position, event: { kind: 'packet', frame: request(0, 1) } });
  });

  it('logs nothing for a frame that the device has no room for, and changes nothing', async () => {
    const { machine, recorder, log } = await record('tickets');
    expect(recorder.packet(request(0, 1))).toBe(false);
    recorder.run(10_000);
    for (let count = 1; count <= 8; count++) expect(recorder.packet(request(0, count))).toBe(true);
    const [before, logged] = [machine.stateHash(), log.length];
    expect(recorder.packet(request(0, 9))).toBe(false);
    expect(recorder.packet(new Uint8Array(2000))).toBe(false);
    expect([machine.stateHash(), log.length]).toEqual([before, logged]);
  });

  it('tells when the guest has offered buffers, which is no output', async () => {
    let offers = 0;
    const { recorder, log } = await record('tickets', { receiveBuffers: () => offers++ });
    recorder.run(10_000);
    expect([offers, recorder.outputs]).toEqual([1, 0]);
    expect(log.map(({ event }) => event.kind)).toEqual(['clock']);
    recorder.packet(request(0, 1));
    recorder.run(20_000);
    expect(offers).toBe(2);
  });

  it('logs one output for the frames of one notification, in one count with the console (section 2.2)', async () => {
    const made: [number, Output][] = [];
    const { recorder, order } = await record('tickets', {
      output: (output, each) => {
        order.push(each.device);
        made.push([output, each]);
      },
    });
    recorder.run(10_000);
    recorder.packet(request(2, 1));
    recorder.run(20_000);
    expect(order).toEqual(['clock', 'packet', 'clock', 'output', 'network', 'output', 'console', 'output', 'console']);
    expect(made.map(([output, each]) => [output, each.device])).toEqual([
      [0, 'network'],
      [1, 'console'],
      [2, 'console'],
    ]);
    const first = made[0]![1];
    const frames = first.device === 'network' ? first.frames : [];
    expect(frames.map((frame) => decodeReply(frame))).toEqual([{ client: 2, request: 1, ticket: 1, time: 101 }]);
    expect(recorder.outputs).toBe(3);
  });

  it.each(['before', 'after'])('loses no output when it stalls behind each, with the next packet %s the rest of them', async (when) => {
    const recording = await record('tickets', {
      log: (recorded) => {
        recording.log.push(recorded);
        if (recorded.event.kind === 'output') recording.recorder.stall();
      },
    });
    const { machine, recorder, log, order } = recording;
    recorder.run(10_000);
    recorder.packet(request(0, 1));
    expect(recorder.run(machine.position + 1000)).toBe('stalled');
    expect(() => recorder.packet(request(1, 1))).toThrow('hold it back until resume()');
    recorder.resume();
    if (when === 'before') recorder.packet(request(1, 1));
    while (recorder.run(machine.position + 10_000) === 'stalled') recorder.resume();
    if (when === 'after') recorder.packet(request(1, 1));
    while (recorder.run(machine.position + 10_000) === 'stalled') recorder.resume();
    expect(log.filter(({ event }) => event.kind === 'output').length).toBe(6);
    expect(order.filter((text) => text.length > 20).length).toBe(2);
  });

  it('logs a power-off once, behind the store that made it, and takes nothing after it', async () => {
    const { machine, recorder, log } = await record('tickets');
    recorder.run(10_000);
    recorder.packet(powerOff);
    expect(recorder.run(20_000)).toBe('power-off');
    expect(recorder.run(20_000)).toBe('power-off');
    expect(log.slice(1)).toEqual([
      { at: log[1]!.at, event: { kind: 'packet', frame: powerOff } },
      { at: machine.position, event: { kind: 'power-off' } },
    ]);
    expect(() => recorder.packet(powerOff)).toThrow('a packet event came for a machine that is off');
    expect(() => recorder.interrupt(7)).toThrow('for a machine that is off');
  });

  it('logs a reboot', async () => {
    const { machine, recorder, log } = await record('counter');
    // lui a0, 0x11100; lui a1, 0x7; addi a1, a1, 0x777; sw a1, 0(a0)
    machine.load(new Uint8Array(Uint32Array.of(0x11100537, 0x000075b7, 0x77758593, 0x00b52023).buffer));
    expect(recorder.run(100)).toBe('reboot');
    expect(log).toEqual([{ at: 4, event: { kind: 'reboot' } }]);
  });
});

describe('recorder of a guest with a disk', () => {
  const sector = (from: number) => Uint8Array.from({ length: 512 }, (_, index) => from + index);

  /** A recording with what the guest asked for, in order: `output` or `reads`, and the requests of each. */
  function recordDisk(...guest: Parameters<typeof diskGuest>): Recording & { asked: [string, string[]][] } {
    const asked: [string, string[]][] = [];
    const recording = recordMachine(diskGuest(...guest), {
      output: (output, made) => {
        if (made.device === 'disk') asked.push([`output ${output}`, made.requests.map(({ id, kind }) => `${id} ${kind}`)]);
      },
      diskReads: (requests) => asked.push(['reads', requests.map(({ id, kind }) => `${id} ${kind}`)]),
    });
    return { ...recording, asked };
  }

  it('logs one output for the writes and flushes of one notification, and none for its reads (section 2.2)', () => {
    const { recorder, log, asked } = recordDisk([['write', 'read', 'flush'], ['read'], ['flush']]);
    expect(recorder.run(ENOUGH)).toBe('wait');
    expect(asked).toEqual([
      ['output 0', ['0 write', '2 flush']],
      ['reads', ['1 read']],
      ['reads', ['3 read']],
      ['output 1', ['4 flush']],
    ]);
    expect(log.map(({ event }) => event)).toEqual([
      { kind: 'output', output: 0 },
      { kind: 'output', output: 1 },
    ]);
    expect(recorder.outputs).toBe(2);
  });

  it('hands over all requests of a notification in the guest’s order, after the output among them', () => {
    const requests: string[] = [];
    const { recorder, order } = recordMachine(diskGuest([['read'], ['read', 'write']]), {
      diskRequests: (asked) => requests.push(`${order.at(-1) ?? ''}${asked.map(({ id, kind }) => `${id} ${kind}`).join(', ')}`),
    });
    recorder.run(ENOUGH);
    expect(requests).toEqual(['0 read', 'write 6\n1 read, 2 write']);
  });

  it('hands a write over with its data, once its own entry is logged', () => {
    const order: unknown[] = [];
    const machine = diskGuest([['write']]);
    const recorder = createRecorder({
      machine,
      clock: () => 0n,
      log: ({ event }) => order.push(event.kind),
      output: (_, made) => order.push(made),
    });
    recorder.run(ENOUGH);
    const write = { id: 0, kind: 'write', sector: 6, byteCount: 512, data: WRITTEN };
    expect(order).toEqual(['output', { device: 'disk', requests: [write] }]);
  });

  it("logs a completion at the machine's position, with what the read got, as it was then", () => {
    const { machine, recorder, log } = recordDisk([['read', 'write']]);
    recorder.run(ENOUGH);
    const before = machine.stateHash();
    const data = sector(1);
    expect([recorder.disk(1, 'error'), recorder.disk(0, 'ok', data)]).toEqual([true, true]);
    data.fill(0);
    expect(machine.stateHash()).not.toBe(before);
    expect(log.slice(1)).toEqual([
      { at: machine.position, event: { kind: 'disk', request: 1, status: 'error' } },
      { at: machine.position, event: { kind: 'disk', request: 0, status: 'ok', data: sector(1) } },
    ]);
    expect(log[1]!.event).not.toHaveProperty('data');
  });

  it('logs nothing for a request that was completed or abandoned', () => {
    const { machine, recorder, log } = recordDisk([['read', 'write']], resetOfDisk);
    expect(recorder.run(machine.position + 1)).toBe('position');
    while (log.length === 0) recorder.run(machine.position + 1);
    expect([recorder.disk(1, 'ok'), recorder.disk(1, 'ok')]).toEqual([true, false]);
    recorder.run(ENOUGH);
    const before = machine.stateHash();
    expect(recorder.disk(0, 'ok', sector(1))).toBe(false);
    expect([machine.stateHash(), log.length]).toEqual([before, 2]);
  });

  it('refuses what the guest did not ask for, and logs nothing', () => {
    const { recorder, log } = recordDisk([['read']]);
    recorder.run(ENOUGH);
    expect(() => recorder.disk(0, 'ok', new Uint8Array(100))).toThrow('Disk request 0, a read, ends ok with 512 bytes of data');
    expect(() => recorder.disk(1, 'error')).toThrow('The guest has made no disk request 1 so far.');
    expect(log).toEqual([]);
  });

  it('takes no completion while the guest runs or is stalled, and loses no read when it stalls behind the output with it', () => {
    const reads: number[] = [];
    const machine = diskGuest([['write', 'read'], ['flush']]);
    const recorder: Recorder = createRecorder({
      machine,
      clock: () => 0n,
      log: () => recorder.stall(),
      output: () => expect(() => recorder.disk(0, 'ok')).toThrow('a disk event came while the guest runs'),
      diskReads: (requests) => reads.push(...requests.map(({ id }) => id)),
    });
    expect(recorder.run(ENOUGH)).toBe('stalled');
    expect(reads).toEqual([1]);
    expect(() => recorder.disk(0, 'ok')).toThrow('a disk event came while the recorder is stalled');
    recorder.resume();
    expect(recorder.run(ENOUGH)).toBe('stalled');
    expect(recorder.outputs).toBe(2);
  });

  it('asks again for what was pending where it goes live, and ends as the other would have (section 3.4)', () => {
    const first = recordDisk([['write', 'read'], ['flush']]);
    first.recorder.run(ENOUGH);
    const backup = diskGuest([['write', 'read'], ['flush']]);
    const replayer = createReplayer({ machine: backup });
    first.log.forEach((recorded, index) => replayer.accept({ seq: index + 1, ...recorded }));
    replayer.run();
    expect(backup.pendingDiskRequests).toEqual(first.machine.pendingDiskRequests);
    expect(backup.pendingDiskRequests.map(({ kind }) => kind)).toEqual(['write', 'read', 'flush']);
    const live = recordMachine(backup, { outputs: replayer.outputs });
    for (const { machine, recorder } of [first, live]) {
      while (recorder.run(ENOUGH) !== 'position');
      for (const { id, kind } of machine.pendingDiskRequests) recorder.disk(id, 'ok', kind === 'read' ? sector(9) : undefined);
      while (recorder.run(ENOUGH + 100) !== 'position');
    }
    expect(live.log.map(({ event }) => event)).toEqual(first.log.slice(2).map(({ event }) => event));
    expect(backup.stateHash()).toBe(first.machine.stateHash());
  });
});

describe('recorder of a guest that wants entropy', () => {
  it('tells how much is wanted, which is no output, and logs what is given', () => {
    const wanted: number[] = [];
    const { machine, recorder, log } = recordMachine(entropyGuest(), { entropyWanted: (byteCount) => wanted.push(byteCount) });
    expect(recorder.run(ENOUGH)).toBe('wait');
    expect([wanted, recorder.outputs, log]).toEqual([[16], 0, []]);
    const bytes = Uint8Array.of(1, 2, 3);
    expect(recorder.entropy(bytes)).toBe(true);
    bytes.fill(0);
    expect(log).toEqual([{ at: machine.position, event: { kind: 'entropy', bytes: Uint8Array.of(1, 2, 3) } }]);
  });

  it('logs nothing for bytes that are not wanted, and changes nothing', () => {
    const { machine, recorder, log } = recordMachine(entropyGuest());
    expect(recorder.entropy(Uint8Array.of(1))).toBe(false);
    recorder.run(ENOUGH);
    const before = machine.stateHash();
    for (const length of [0, 17, 300]) expect(recorder.entropy(new Uint8Array(length))).toBe(false);
    expect([machine.stateHash(), log]).toEqual([before, []]);
    expect([16, 8].map((length) => recorder.entropy(new Uint8Array(length)))).toEqual([true, true]);
    expect(recorder.entropy(new Uint8Array(1))).toBe(false);
  });
});

describe('recorder of a machine with several harts', () => {
  const harts = () => recordMachine(new Machine({ harts: 3 }));

  it('logs of which hart an interrupt is, and for hart 0 as it always did', () => {
    const { machine, recorder, log } = harts();
    recorder.interrupt(7);
    recorder.interrupt(3, 0);
    recorder.interrupt(7, 2);
    expect(log.map(({ event }) => event)).toEqual([
      { kind: 'interrupt', line: 7 },
      { kind: 'interrupt', line: 3 },
      { kind: 'interrupt', line: 7, hart: 2 },
    ]);
    expect([0, 1, 2].map((hart) => machine.hart(hart).csr(0x344))).toEqual([0x88, 0, 0x80]);
  });

  it('refuses an interrupt of a hart that there is not', () => {
    const { recorder, log } = harts();
    expect(() => recorder.interrupt(3, 3)).toThrow('recorder: there is no hart 3 to interrupt');
    expect(log).toEqual([]);
  });
});

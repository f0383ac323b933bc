/** The monitor gives a guest what it waits for, at the right time, and everything it gives is in the log. */
import { describe, expect, test } from 'vitest';
import { readImage } from '../../../labs-runtime/emulator/image.ts';
import { memoryDisk } from '../../../labs-runtime/monitor/disk.ts';
import { ReplayRun } from '../../../labs-runtime/monitor/replay-run.ts';
import { bootMachine } from '../../../labs-runtime/monitor/setup.ts';
import { decodeReply, encodeRequest as encodeKeyValueRequest } from '../../../labs-runtime/guests/key-value-protocol.ts';
import { encodeRequest } from '../../../labs-runtime/guests/tickets-protocol.ts';
import { bytes } from '../guests/key-value-model.ts';
import {
  addi,
  arithmetic,
  beq,
  bytesOf,
  CLINT,
  csrrs,
  immediates,
  jal,
  lbu,
  li,
  lw,
  MTIMECMP,
  sb,
  sw,
  SYSCON,
  UART,
  WFI,
  type Code,
} from '../emulator/assembler.ts';
import { clockworkRun, guestSetup, monitored } from './monitored.ts';

const { add } = arithmetic;
const { slli } = immediates;

function setupOf(code: Code, harts = 1) {
  const ramBytes = 65536;
  return { name: 'code', ramBytes, harts, scheduleSeed: 1, program: readImage(bytesOf(code), ramBytes), disk: new Uint8Array(0) };
}

/** Sets mtimecmp to a number of ticks below 2^31. */
const setTimer = (ticks: number): Code => [...li(5, MTIMECMP), ...li(6, ticks), sw(0, 5, 4), sw(6, 5, 0)];
const POWER_OFF: Code = [...li(5, SYSCON), ...li(6, 0x5555), sw(6, 5, 0)];
const REBOOT: Code = [...li(5, SYSCON), ...li(6, 0x7777), sw(6, 5, 0)];
/** Enables interrupts in mie, without taking any: WFI goes on when one is pending. */
const wakeFor = (bit: number): Code => [...li(5, 1 << bit), csrrs(0, 0x304, 5)];

describe('how a slice ends', () => {
  test('running: the attempts are used up, no more and no less', () => {
    const { monitor, machine } = monitored(setupOf([jal(0, 0)]));
    expect(monitor.run(1000)).toEqual({ reason: 'running' });
    expect(machine.position).toBe(1000);
  });

  test('power-off and reboot, and they stay the answer', () => {
    for (const [code, reason] of [
      [POWER_OFF, 'power-off'],
      [REBOOT, 'reboot'],
    ] as const) {
      const { monitor, entries } = monitored(setupOf(code));
      expect([monitor.run(1000), monitor.run(1000)]).toEqual([{ reason }, { reason }]);
      expect(entries.map(({ event }) => event.kind)).toEqual([reason]);
    }
  });

  test('waiting without a timer: only input can wake the guest', () => {
    const { monitor } = monitored(setupOf([...wakeFor(11), WFI, jal(0, -4)]));
    expect(monitor.run(1000)).toEqual({ reason: 'waiting', until: undefined });
  });

  test('waiting for a timer: until it is due', () => {
    const { monitor, skipTo } = monitored(setupOf([...setTimer(5000), ...wakeFor(7), WFI, jal(0, -4)]));
    expect(monitor.run(1000)).toEqual({ reason: 'waiting', until: 5000n });
    skipTo(4900n);
    expect(monitor.run(100)).toEqual({ reason: 'waiting', until: 5000n });
    skipTo(5000n);
    // It is pending from now on, so that WFI does not wait any more.
    expect(monitor.run(100)).toEqual({ reason: 'running' });
  });

  test('a timer that is due is raised once, and not before', () => {
    const loop: Code = [WFI, csrrs(7, 0x344, 0), jal(0, -8)];
    const { monitor, skipTo, entries, machine } = monitored(setupOf([...setTimer(5000), ...wakeFor(7), ...loop]));
    monitor.run(100);
    skipTo(4900n);
    monitor.run(100);
    expect(entries).toEqual([]);
    skipTo(5000n);
    monitor.run(100);
    monitor.run(100);
    expect(entries.map(({ event }) => event)).toEqual([{ kind: 'interrupt', line: 7 }]);
    expect(machine.registers[7]! & 0x80).toBe(0x80);
  });
});

test('each hart has its own timer', () => {
  const mtimecmpOfHart: Code = [csrrs(8, 0xf14, 0), slli(9, 8, 3), ...li(5, MTIMECMP), add(5, 5, 9)];
  const dueAtThousandsOfHart: Code = [addi(8, 8, 5), slli(6, 8, 12), sw(0, 5, 4), sw(6, 5, 0)];
  const loop: Code = [WFI, jal(0, -4)];
  const { monitor, skipTo, entries } = monitored(setupOf([...mtimecmpOfHart, ...dueAtThousandsOfHart, ...wakeFor(7), ...loop], 3));
  expect(monitor.run(5000)).toEqual({ reason: 'waiting', until: 5n * 4096n });
  skipTo(5n * 4096n);
  monitor.run(100);
  skipTo(7n * 4096n);
  monitor.run(100);
  expect(entries.map(({ event }) => event)).toEqual([
    { kind: 'interrupt', line: 7 },
    { kind: 'interrupt', line: 7, hart: 1 },
    { kind: 'interrupt', line: 7, hart: 2 },
  ]);
});

test('the clock answers a load of mtime with the time that is given', () => {
  const { machine, monitor, entries } = monitored(setupOf([...li(5, CLINT + 0xbff8), lw(6, 5, 0), jal(0, 0)]), { clock: () => 1234567n });
  monitor.run(100);
  expect(machine.registers[6]).toBe(1234567);
  expect(entries).toEqual([{ seq: 1, at: 2, event: { kind: 'clock', value: 1234567n } }]);
});

test('a long text reaches a guest that polls its UART, in order and without loss', () => {
  const echo: Code = [...li(5, UART), lbu(6, 5, 5), 0x00137313, beq(6, 0, -8), lbu(7, 5, 0), sb(7, 5, 0), jal(0, -20)];
  const { monitor, text, entries } = monitored(setupOf(echo), { consoleSetupPosition: 200_000 });
  const typed = Array.from({ length: 500 }, (_, index) => String.fromCharCode(33 + (index % 90))).join('');
  monitor.type(Buffer.from(typed));
  for (let slice = 0; slice < 100 && text().length < typed.length; slice++) monitor.run(50_000);
  expect(text()).toBe(typed);
  expect(monitor.typedBytes).toBe(0);
  // It polls and never says that it is ready, so it had to be given its time.
  expect(entries[0]!.at).toBe(200_000);
});

test('what is typed before the guest has set up its console is kept for it', async () => {
  const { monitor, runOn, text } = monitored(await guestSetup('counter'));
  monitor.type(Buffer.from('abc'));
  runOn(1_000_000);
  expect(text().trim().split('\n').at(-1)).toMatch(/^3 /);
});

test('a guest that never sets up its console, and waits for nothing else, gets what is typed', () => {
  const { monitor, entries } = monitored(setupOf([...wakeFor(11), WFI, jal(0, -4)]));
  monitor.type([0x61]);
  expect(monitor.run(1000)).toEqual({ reason: 'waiting', until: undefined });
  expect(entries.map(({ event }) => event)).toEqual([{ kind: 'console', byte: 0x61 }]);
});

test('a counter server answers each key, and between keys costs nothing', async () => {
  const { monitor, text, machine } = monitored(await guestSetup('counter'));
  expect(monitor.run(1_000_000)).toEqual({ reason: 'waiting', until: undefined });
  const idle = machine.position;
  expect(idle).toBeLessThan(10_000);
  const lines = () => text().split('\n').length;
  const before = lines();
  monitor.type([0x61]);
  expect(monitor.run(1_000_000)).toEqual({ reason: 'waiting', until: undefined });
  expect(lines()).toBe(before + 1);
});

test('frames go both ways: a ticket is issued for a request', async () => {
  const answers: Uint8Array[] = [];
  const run = monitored(await guestSetup('tickets'), { transmit: (frames) => void answers.push(...frames) });
  run.runOn(200_000);
  expect(run.monitor.receiveFrame(encodeRequest({ op: 'take ticket', client: 1, request: 1 }))).toBe(true);
  run.runOn(200_000);
  expect(answers.length).toBeGreaterThan(0);
  expect(run.entries.some(({ event }) => event.kind === 'packet')).toBe(true);
});

test('a server keeps its data on a disk, in the bytes of the caller', async () => {
  const content = new Uint8Array(512 * 124);
  const setup = await guestSetup('key-value-disk', { disk: content.slice() });
  const answers: Uint8Array[] = [];
  const { monitor, runOn, entries } = monitored(setup, { disk: memoryDisk(content), transmit: (frames) => void answers.push(...frames) });
  runOn(3_000_000);
  const atBoot = content.slice();
  answers.length = 0;
  monitor.receiveFrame(encodeKeyValueRequest({ op: 'put', client: 1, request: 1, key: bytes('colour'), value: bytes('blue') }));
  runOn(3_000_000);
  expect(answers.map((frame) => decodeReply(frame)?.status)).toContain('ok');
  expect(content).not.toEqual(atBoot);
  expect(String.fromCharCode(...content)).toContain('blue');
  expect(entries.some(({ event }) => event.kind === 'disk' && event.status === 'ok')).toBe(true);
});

test('without a disk to serve them, requests fail, and the guest is told', async () => {
  const setup = await guestSetup('key-value-disk', { disk: new Uint8Array(512 * 124) });
  const { runOn, entries } = monitored(setup);
  runOn(3_000_000);
  const outcomes = entries.flatMap(({ event }) => (event.kind === 'disk' ? [event.status] : []));
  expect(outcomes.length).toBeGreaterThan(0);
  expect(new Set(outcomes)).toEqual(new Set(['error']));
});

test('a lottery draws with the bytes that it is given, and waits while there are none', async () => {
  const setup = await guestSetup('lottery');
  const draw = (entropy?: (byteCount: number) => Uint8Array) => {
    const { monitor, runOn, text } = monitored(setup, entropy && { entropy });
    monitor.type([0x20]);
    runOn(1_000_000);
    return text();
  };
  const counting = (from: number) => () => Uint8Array.of(from++ & 63);
  expect(draw(counting(1))).not.toBe(draw(counting(20)));
  expect(draw(counting(1))).toBe(draw(counting(1)));
  expect(draw()).not.toMatch(/\d+ \d+ \d+/);
  expect(draw(counting(1))).toMatch(/\d+ \d+ \d+/);
});

test('the network drops frames when too many wait', () => {
  const { monitor } = monitored(setupOf([jal(0, 0)]));
  const taken = Array.from({ length: 300 }, () => monitor.receiveFrame(new Uint8Array(60)));
  expect(taken.indexOf(false)).toBe(256);
});

test('everything is in the log: its replay is the same run', async () => {
  const { setup, run } = await clockworkRun(7);
  const kinds = new Set(run.entries.map(({ event }) => event.kind));
  expect([...kinds].sort()).toEqual(['clock', 'console', 'interrupt', 'output']);
  const machine = bootMachine(setup);
  new ReplayRun({ machine, entries: run.entries }).runTo(run.machine.position);
  expect(machine.stateHash()).toBe(run.machine.stateHash());
});

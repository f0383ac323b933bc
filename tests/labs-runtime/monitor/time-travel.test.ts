/** Time travel is exact: the state at a position is the same however it was reached, and another future can begin anywhere. */
import { beforeAll, describe, expect, test } from 'vitest';
import { memoryDisk } from '../../../labs-runtime/monitor/disk.ts';
import { Monitor } from '../../../labs-runtime/monitor/monitor.ts';
import { ReplayRun } from '../../../labs-runtime/monitor/replay-run.ts';
import { bootMachine, type MachineSetup } from '../../../labs-runtime/monitor/setup.ts';
import { TimeTravel } from '../../../labs-runtime/monitor/time-travel.ts';
import { encodeRequest } from '../../../labs-runtime/guests/key-value-protocol.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { bytes } from '../guests/key-value-model.ts';
import { clockworkRun, guestSetup, monitored, type Monitored } from './monitored.ts';

let setup: MachineSetup;
let run: Monitored;
beforeAll(async () => void ({ setup, run } = await clockworkRun(17)));

/** The state hash at a position, by one replay from boot. */
function hashAt(position: number, entries = run.entries): string {
  const machine = bootMachine(setup);
  new ReplayRun({ machine, entries }).runTo(position);
  return machine.stateHash();
}

function travel(options: { snapshotAttempts?: number; snapshotsMax?: number } = {}) {
  const machine = bootMachine(setup);
  const time = new TimeTravel({ machine, entries: run.entries, endPosition: run.machine.position, ...options });
  return { machine, time };
}

describe('over a recording', () => {
  test('random walks, forward and back, meet the same state at every position', () => {
    const { machine, time } = travel({ snapshotAttempts: 5000, snapshotsMax: 8 });
    const prng = createPrng(23);
    for (let walk = 0; walk < 60; walk++) {
      const position = prng.int(run.machine.position + 1);
      time.runTo(position);
      expect(machine.position).toBe(position);
      expect(machine.stateHash()).toBe(hashAt(position));
      time.stepBack(1 + prng.int(20));
      expect(machine.stateHash()).toBe(hashAt(machine.position));
    }
  });

  test('single steps back undo single steps forward, across every kind of entry', () => {
    const { machine, time } = travel({ snapshotAttempts: 2000 });
    for (const kind of ['clock', 'console', 'interrupt', 'output'] as const) {
      const { at } = run.entries.find(({ event, at }) => event.kind === kind && at > 3)!;
      time.runTo(at - 3);
      const hashes = [machine.stateHash()];
      for (let step = 1; step <= 6; step++) {
        time.runTo(at - 3 + step);
        hashes.push(machine.stateHash());
      }
      expect(new Set(hashes).size).toBe(7);
      for (let step = 5; step >= 0; step--) {
        time.stepBack();
        expect(machine.stateHash(), `${kind}, ${step} steps from its beginning`).toBe(hashes[step]);
      }
    }
  });

  test('the moments between the entries of one position can be had too', () => {
    const { machine, time } = travel({ snapshotAttempts: 2000 });
    const prng = createPrng(41);
    for (let visit = 0; visit < 40; visit++) {
      const seq = prng.int(run.entries.length + 1);
      time.runToEntry(seq);
      expect(time.consumed).toBe(seq);
      const direct = bootMachine(setup);
      const entry = run.entries[seq - 1];
      const position = entry === undefined ? 0 : entry.at + (entry.event.kind === 'clock' ? 1 : 0);
      new ReplayRun({ machine: direct, entries: run.entries }).runTo(position, seq);
      expect([machine.position, machine.stateHash()]).toEqual([position, direct.stateHash()]);
    }
    expect(() => time.runToEntry(run.entries.length + 1)).toThrow(/There is no entry/);
  });

  test('beyond its beginning and its end there is nothing', () => {
    const { machine, time } = travel();
    time.runTo(run.machine.position + 1000);
    expect(machine.position).toBe(run.machine.position);
    expect(machine.stateHash()).toBe(run.machine.stateHash());
    expect(time.isAtEnd).toBe(true);
    time.stepBack(Infinity);
    expect([machine.position, time.isAtEnd]).toEqual([0, false]);
    expect(machine.stateHash()).toBe(bootMachine(setup).stateHash());
  });

  test('without a length, it reaches to its last entry', () => {
    const last = run.entries.findLast(({ event }) => event.kind === 'clock')!;
    const time = new TimeTravel({ machine: bootMachine(setup), entries: run.entries.slice(0, last.seq) });
    expect(time.endPosition).toBe(last.at + 1);
    time.runTo(last.at + 1);
    expect(time.consumed).toBe(last.seq);
    expect(time.lastClock).toBe(last.event.kind === 'clock' && last.event.value);
  });

  test('snapshots stay few, close together near the present and far apart elsewhere, with boot among them', () => {
    const { time } = travel({ snapshotAttempts: 1000, snapshotsMax: 10 });
    time.runTo(run.machine.position);
    const saved = time.savedPositions;
    expect(saved.length).toBeLessThanOrEqual(10);
    expect(saved[0]).toBe(0);
    const gaps = saved.slice(1).map((position, index) => position - saved[index]!);
    expect(gaps.at(-1)!).toBeLessThan(Math.max(...gaps) / 4);
    expect(time.endPosition - saved.at(-1)!).toBeLessThanOrEqual(1000);
    time.runTo(Math.floor(run.machine.position / 3));
    expect(time.savedPositions.length).toBeLessThanOrEqual(10);
  });
});

describe('over a live machine', () => {
  /** A live machine under the monitor, in time travel's hands from boot on. */
  function live() {
    const machine = bootMachine(setup);
    const time = new TimeTravel({ machine, snapshotAttempts: 5000, snapshotsMax: 8 });
    let base = 0n;
    const monitorOf = () =>
      new Monitor({
        machine,
        clock: () => BigInt(machine.position) + base,
        log: (recorded) => time.log(recorded),
        output: (made) => time.output(made),
        consoleOutput: () => {},
        outputs: time.outputs,
      });
    const runLive = (monitor: Monitor, slices: number, key: number) => {
      for (let slice = 0; slice < slices; slice++) {
        monitor.type([key]);
        monitor.run(3000);
        time.note();
      }
    };
    return { machine, time, monitorOf, runLive, setClock: (ticks: bigint) => void (base = ticks - BigInt(machine.position)) };
  }

  test('goes back, returns to the present, and runs on as if nothing had been', () => {
    const one = live();
    const monitor = one.monitorOf();
    one.runLive(monitor, 10, 0x61);
    const present = one.machine.stateHash();
    one.time.runTo(12_345);
    expect(one.machine.stateHash()).toBe(hashAt(12_345, [...one.time.entries]));
    one.time.runTo(Infinity);
    expect(one.machine.stateHash()).toBe(present);
    one.runLive(monitor, 10, 0x62);

    const other = live();
    const undisturbed = other.monitorOf();
    other.runLive(undisturbed, 10, 0x61);
    other.runLive(undisturbed, 10, 0x62);
    expect(one.machine.stateHash()).toBe(other.machine.stateHash());
    expect(one.time.entries).toEqual(other.time.entries);
  });

  test('an entry in the past of the run is refused until the future is cut off', () => {
    const { time, monitorOf, runLive } = live();
    const monitor = monitorOf();
    runLive(monitor, 10, 0x61);
    time.runTo(5000);
    expect(() => monitor.run(20_000)).toThrow(/cut\(\) it off first/);
  });

  test('goes live in the middle with another future, which is a recorded run of its own', () => {
    const { machine, time, monitorOf, runLive, setClock } = live();
    runLive(monitorOf(), 20, 0x61);
    const before = [...time.entries];
    time.runTo(23_456);
    time.cut();
    expect([time.isAtEnd, time.endPosition]).toEqual([true, 23_456]);
    setClock(time.lastClock);
    runLive(monitorOf(), 20, 0x62);
    const kept = time.entries.filter(({ at }) => at < 23_456);
    expect(kept).toEqual(before.filter(({ at }) => at < 23_456));
    expect(time.entries.map(({ seq }) => seq)).toEqual(time.entries.map((_, index) => index + 1));
    const outputs = time.entries.flatMap(({ event }) => (event.kind === 'output' ? [event.output] : []));
    expect(outputs).toEqual(outputs.map((_, index) => index));
    expect(machine.stateHash()).toBe(hashAt(machine.position, [...time.entries]));
    time.runTo(30_000);
    expect(machine.stateHash()).toBe(hashAt(30_000, [...time.entries]));
  });
});

test('a machine with several harts goes back to the same turns', async () => {
  const racer = await guestSetup('racer', { harts: 3, scheduleSeed: 8 });
  const { machine: live, entries, runOn } = monitored(racer);
  expect(runOn(10_000_000)).toEqual({ reason: 'power-off' });
  const machine = bootMachine(racer);
  const time = new TimeTravel({ machine, entries, endPosition: live.position, snapshotAttempts: 20_000 });
  const positions = Array.from({ length: 30 }, (_, index) => Math.floor((live.position * index) / 30));
  const hashes = positions.map((position) => {
    time.runTo(position);
    return [machine.stateHash(), machine.currentHart];
  });
  expect(new Set(hashes.map(([hash]) => hash)).size).toBe(30);
  for (const index of [...positions.keys()].reverse()) {
    time.runTo(positions[index]!);
    expect([machine.stateHash(), machine.currentHart]).toEqual(hashes[index]);
  }
  time.runTo(Infinity);
  expect(machine.stateHash()).toBe(live.stateHash());
});

test('the disk of any moment can be had again, and a run that goes live in the past goes on with it', async () => {
  const disk = new Uint8Array(512 * 124);
  const server = await guestSetup('key-value-disk', { disk });
  const machine = bootMachine(server);
  const time = new TimeTravel({ machine, disk, snapshotAttempts: 50_000 });
  let content: Uint8Array = disk.slice();
  const monitorOf = () =>
    new Monitor({
      machine,
      clock: () => BigInt(machine.position),
      log: (recorded) => time.log(recorded),
      output: (made) => time.output(made),
      consoleOutput: () => {},
      disk: memoryDisk(content),
      outputs: time.outputs,
    });
  const put = (monitor: Monitor, request: number, value: string) => {
    monitor.receiveFrame(encodeRequest({ op: 'put', client: 1, request, key: bytes('key'), value: bytes(value) }));
    for (let slice = 0; slice < 30; slice++) {
      monitor.run(50_000);
      time.note();
    }
  };
  const moments: { entries: number; content: Uint8Array }[] = [];
  const monitor = monitorOf();
  for (const [index, value] of ['', 'first', 'second', 'third'].entries()) {
    put(monitor, index + 1, value);
    // The guest waits, and the next request will come at the same position: only the log tells these moments apart.
    moments.push({ entries: time.entries.length, content: content.slice() });
  }
  expect(Buffer.from(content).includes('third')).toBe(true);
  for (const moment of moments.toReversed()) {
    time.runToEntry(moment.entries);
    expect(Buffer.compare(time.diskContent(), moment.content)).toBe(0);
  }
  time.runToEntry(moments[1]!.entries);
  time.cut();
  content = time.diskContent();
  put(monitorOf(), 9, 'another');
  for (const [value, isThere] of Object.entries({ first: true, second: false, third: false, another: true })) {
    expect(Buffer.from(content).includes(value), value).toBe(isThere);
    expect(Buffer.from(time.diskContent()).includes(value), value).toBe(isThere);
  }
});

test('a machine that has run already is refused', () => {
  const machine = bootMachine(setup);
  machine.run(1);
  expect(() => new TimeTravel({ machine })).toThrow(/begins at boot/);
});

import { describe, expect, test } from 'vitest';
import type { KeyValueCommand } from '../../../../labs-runtime/guests/key-value-protocol.ts';
import type { TimedSetup } from '../../../../labs-runtime/sim/cluster/start-timed-run.ts';
import { startTimedRun } from '../../../../labs-runtime/sim/cluster/start-timed-run.ts';
import { RequestLoad } from '../../../../labs-runtime/sim/cluster/timed-load.ts';
import { TimedLink } from '../../../../labs-runtime/sim/cluster/timed-link.ts';
import type { TimedOptions } from '../../../../labs-runtime/sim/cluster/timed-options.ts';
import { timedDefaults } from '../../../../labs-runtime/sim/cluster/timed-options.ts';
import type { TimedRun } from '../../../../labs-runtime/sim/cluster/timed-run.ts';
import type { Prng } from '../../../../labs-runtime/sim/prng.ts';

const VALUE = new Uint8Array(64).fill(7);

function writeOrRead(prng: Prng): KeyValueCommand & { key: Uint8Array } {
  const key = Uint8Array.of(0x61 + prng.int(8));
  return prng.int(2) === 0 ? { op: 'get', key } : { op: 'put', key, value: VALUE };
}

function asking(requests: number, seed = 1): RequestLoad {
  return new RequestLoad({ clients: 8, inFlight: 1, requests, next: writeOrRead, seed, retryAfterUs: 50_000 });
}

async function run(setup: Partial<TimedSetup>, untilUs = 5e6): Promise<TimedRun> {
  const started = await startTimedRun({ options: timedDefaults, guest: 'key-value', servers: 2, startsAtRest: true, ...setup });
  started.goOn(untilUs);
  return started;
}

function withLink(mbitPerSecond: number): TimedOptions {
  return { ...timedDefaults, serverLink: { ...timedDefaults.serverLink, mbitPerSecond } };
}

describe('a cluster in virtual time', () => {
  test('comes to the same end at the same microsecond every time', async () => {
    const [first, second] = [await run({ load: asking(40) }), await run({ load: asking(40) })];
    expect(first.doneUs).toBeGreaterThan(0);
    expect([second.doneUs, second.measures]).toEqual([first.doneUs, first.measures]);
    expect((await run({ load: asking(40, 2) })).measures).not.toEqual(first.measures);
  });

  test('holds each output for the way of its entry to the backup and back, and not much longer (section 2.2)', async () => {
    const load = asking(40);
    const { measures } = await run({ load });
    expect(load.answers).toBe(320);
    expect(measures.outputDelayUs.count).toBe(320);
    expect(measures.outputDelayUs.mean).toBeGreaterThan(2 * timedDefaults.serverLink.latencyUs);
    expect(measures.outputDelayUs.max).toBeLessThan(3 * timedDefaults.serverLink.latencyUs);
  });

  test('holds no output, and logs nothing, for a machine alone', async () => {
    const alone = await run({ servers: 1, load: asking(40) });
    expect(alone.measures.logBytes).toBe(0);
    expect(alone.measures.outputDelayUs.max).toBe(0);
    expect(alone.doneUs).toBeLessThan((await run({ load: asking(40) })).doneUs!);
  });

  test('is slowed by a logging channel that is too narrow for its log (section 5.2)', async () => {
    const wide = await run({ load: asking(40), options: withLink(1000) });
    const narrow = await run({ load: asking(40), options: withLink(5) });
    expect(narrow.doneUs!).toBeGreaterThan(2 * wide.doneUs!);
  });

  test('sends fewer bytes where entries share frames (section 3.2)', async () => {
    const one = await run({ load: asking(40), options: { ...timedDefaults, batchEntriesMax: 1 } });
    const sixteen = await run({ load: asking(40) });
    expect(sixteen.measures.logMessages).toBeLessThan(one.measures.logMessages);
    expect(sixteen.measures.logBytes).toBeLessThan(one.measures.logBytes);
  });

  test('puts what the backup reads itself not into the log (section 4.2)', async () => {
    const reads = { guest: 'dma-poll', startsAtRest: false } as const;
    const [carried, own] = [await run(reads), await run({ ...reads, mechanisms: { backupReadsDisk: true } })];
    expect(carried.measures.logBytes).toBeGreaterThan(8 * 4096);
    expect(own.measures.logBytes).toBeLessThan(carried.measures.logBytes / 4);
  });
});

describe('a failure in virtual time', () => {
  const crashUs = 10_000;
  const crash = { kind: 'crash', server: 0, atUs: crashUs } as const;

  test('is over once the silence was long enough, the log replayed and the storage asked (section 2.3)', async () => {
    const { measures } = await run({ load: asking(2000), faults: [crash] }, 200_000);
    const { silenceMaxMs, heartbeatEveryMs } = timedDefaults.failover;
    const declaredUs = measures.momentUs('failure declared', crashUs)!;
    expect(declaredUs - crashUs).toBeGreaterThan((silenceMaxMs - heartbeatEveryMs) * 1000);
    expect(declaredUs - crashUs).toBeLessThan((silenceMaxMs + 2) * 1000);
    expect(measures.momentUs('goes live', crashUs)! - measures.momentUs('test-and-set', crashUs)!).toBe(timedDefaults.storageLatencyUs);
    expect(measures.momentUs('first output', crashUs)).toBeDefined();
  });

  test('may come at any microsecond', async () => {
    for (let atUs = crashUs; atUs < crashUs + 12; atUs++) {
      const { measures } = await run({ load: asking(2000), faults: [{ ...crash, atUs }] }, 120_000);
      expect([atUs, measures.momentUs('first output', atUs) !== undefined]).toEqual([atUs, true]);
    }
  });

  test('leaves every request answered, and the pair whole again after a short pause (section 3.1)', async () => {
    const load = asking(700);
    const { measures, doneUs } = await run({ servers: 3, load, faults: [crash] });
    expect(load.answers).toBe(5600);
    expect(doneUs).toBeLessThan(1e6);
    const stoppedUs = measures.momentUs('stopped', crashUs)!;
    const pauseUs = measures.momentUs('goes on', stoppedUs)! - stoppedUs;
    expect(pauseUs).toBeGreaterThan(0);
    expect(pauseUs).toBeLessThan(2000);
    expect(measures.momentUs('round sent', crashUs)).toBeLessThan(stoppedUs);
  });
});

describe('a cut in virtual time', () => {
  test('that ends before the silence is too long delays answers, and nobody takes over', async () => {
    const load = asking(400);
    const cut = (kind: 'cut' | 'mend', atUs: number) => ({ kind, servers: [0, 1], atUs }) as const;
    const { measures, doneUs } = await run({ load, faults: [cut('cut', 10_000), cut('mend', 40_000)] });
    expect(load.answers).toBe(3200);
    expect(doneUs).toBeGreaterThan(40_000);
    expect(measures.outputDelayUs.max).toBeGreaterThan(25_000);
    expect(measures.moments).toEqual([]);
  });
});

describe('a link in virtual time', () => {
  const options = { mbitPerSecond: 8, latencyUs: 5, overheadBytes: 10, packetBytesMax: 100 };

  test('takes a byte a microsecond at 8 Mbit/s, then the latency, and what was sent later waits', () => {
    const link = new TimedLink(options);
    expect([link.arrivalUs(0, 50), link.arrivalUs(20, 50), link.arrivalUs(1000, 50)]).toEqual([65, 125, 1065]);
  });

  test('takes each packet of a long message with its overhead', () => {
    expect(new TimedLink(options).arrivalUs(0, 201)).toBe(201 + 3 * 10 + 5);
  });
});

describe('lag control in virtual time (section 3.2)', () => {
  // Slow processors and small bounds, so that a lag grows within a run that is short for the host.
  const options: TimedOptions = {
    ...timedDefaults,
    attemptsPerUs: 20,
    bufferEntriesMax: 4096,
    lag: { lagMsMax: 20, lagMsCalm: 10, adjustEveryMs: 5, stepPercent: 5, sharePercentMin: 20 },
    failover: { heartbeatEveryMs: 2, silenceMaxMs: 200, retryAfterMs: 50 },
  };
  const slow = (percent: number, atUs: number) => ({ kind: 'speed', server: 1, percent, atUs }) as const;

  test('a backup of half the speed makes the primary slower, and the lag stays bounded', async () => {
    const { measures } = await run({ options, load: asking(1e6), faults: [slow(50, 0)] }, 600_000);
    const settled = measures.samples.filter(({ atUs }) => atUs > 300_000);
    expect(Math.max(...settled.map(({ sharePercent }) => sharePercent))).toBeLessThan(100);
    expect(measures.lagUs.max).toBeLessThan(100_000);
    const uncontrolled = await run({ options, load: asking(1e6), faults: [slow(50, 0)], mechanisms: { controlsLag: false } }, 600_000);
    expect(uncontrolled.measures.lagUs.max).toBeGreaterThan(measures.lagUs.max);
    expect(uncontrolled.measures.sharePercentMin).toBe(100);
  });

  test('a backup that is fast again gets the primary its share back', async () => {
    const { measures } = await run({ options, load: asking(1e6), faults: [slow(50, 0), slow(100, 200_000)] }, 700_000);
    expect(measures.sharePercentMin).toBeLessThan(100);
    expect(measures.samples.at(-1)).toMatchObject({ sharePercent: 100 });
    expect(measures.samples.at(-1)!.lagUs).toBeLessThan(10_000);
  });
});

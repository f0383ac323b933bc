/** The output rule around a whole machine (VMware FT, section 2.2), and the logging channel's buffers (section 3.2). */
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../../labs-runtime/ft/frame.ts';
import { replicaDefaults } from '../../../../labs-runtime/ft/replica/options.ts';
import { bootedMachine } from '../recorded-run.ts';
import { counterPair, isAlone, ofKind, options, pairWith, pass, takeOver, TICK_MS } from './hand-made-pair.ts';

/** What seven outputs of the counter say of the first byte. */
const FIRST = /^1 [0-9a-f]{4}\n$/;

describe('an output', () => {
  it('is held until the backup has acknowledged its own entry, while the guest goes on (2.2)', async () => {
    const { primary, backup } = await counterPair();
    primary.type('a');
    const effects = primary.run();
    expect(ofKind(effects, 'made').map(({ output }) => output)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(primary.state).toMatchObject({ isIdle: true, outputs: 7, released: 0 });
    expect(primary.text).toBe('');
    pass(primary, backup, 'log bytes');
    expect(primary.text).toBe('');
    pass(backup, primary, 'log bytes');
    expect(primary.text).toMatch(FIRST);
    expect(primary.state).toMatchObject({ released: 7, held: [] });
  });

  it('waits for its own entry, not for the one before it, and outputs leave in order', async () => {
    const { primary } = await counterPair();
    primary.type('a');
    primary.run();
    // Entry 1 is the byte; entries 2 to 8 are the outputs.
    const acknowledge = (seq: number) =>
      primary.tell({ kind: 'log bytes', from: 1, generation: 1, bytes: encodeFrame({ kind: 'acknowledge', seq }) });
    expect(ofKind(acknowledge(1), 'output')).toEqual([]);
    expect(ofKind(acknowledge(2), 'output').map(({ output }) => output)).toEqual([0]);
    expect(ofKind(acknowledge(2), 'output')).toEqual([]);
    expect(ofKind(acknowledge(5), 'output').map(({ output }) => output)).toEqual([1, 2, 3]);
    expect(ofKind(acknowledge(8), 'output').map(({ output }) => output)).toEqual([4, 5, 6]);
  });

  it('says how long it was held', async () => {
    const { primary, backup } = await counterPair();
    primary.time(10);
    primary.type('a');
    primary.run();
    primary.time(35);
    pass(primary, backup, 'log bytes');
    expect(ofKind(pass(backup, primary, 'log bytes'), 'output').map(({ heldForMs }) => heldForMs)).toEqual(new Array(7).fill(25));
  });

  it('leaves at once from a machine that serves alone', async () => {
    const { primary } = await counterPair();
    expect(ofKind(takeOver(primary), 'goes live').length).toBe(1);
    expect(isAlone(primary)).toBe(true);
    primary.take('log bytes');
    primary.type('a');
    primary.run();
    expect(primary.text).toMatch(FIRST);
    expect(primary.take('log bytes')).toEqual([]);
  });

  it('that waits for a backup which has failed leaves once its machine has won the flag (2.3)', async () => {
    const { primary } = await counterPair();
    primary.type('a');
    primary.run();
    primary.time(2 * TICK_MS);
    expect(primary.text).toBe('');
    const effects = primary.tell({ kind: 'flag', generation: 1, owner: 0 });
    expect(effects[0]).toEqual({ kind: 'goes live' });
    expect(primary.text).toMatch(FIRST);
  });
});

describe('a primary whose log is full', () => {
  const small = options({ channel: { ...replicaDefaults.channel, bufferEntriesMax: 3 } }, { keepsLogAlive: false });

  it('stops its guest, takes nothing in, and goes on once there is room (3.2)', async () => {
    const { primary, backup } = await counterPair(small);
    primary.type('a');
    primary.run();
    expect(primary.state).toMatchObject({ isStalledByChannel: true, appendedSeq: 3, outputs: 2 });
    const { position } = primary.machine;
    expect(primary.run()).toEqual([]);
    primary.type('b');
    primary.tell({ kind: 'frame', frame: new Uint8Array(60) });
    expect(primary.state.appendedSeq).toBe(3);
    expect(primary.machine.position).toBe(position);
    pass(primary, backup, 'log bytes');
    pass(backup, primary, 'log bytes');
    expect(primary.state.isStalledByChannel).toBe(false);
    primary.run();
    expect(primary.state.appendedSeq).toBe(6);
  });

  it('gets no acknowledgement for what the backup has no room for, until that has replayed (3.2)', async () => {
    const { primary, backup } = await counterPair(small);
    const exchange = () => {
      pass(primary, backup, 'log bytes');
      pass(backup, primary, 'log bytes');
    };
    primary.type('a');
    primary.run();
    exchange();
    primary.run();
    exchange();
    expect(backup.state).toMatchObject({ deliveredSeq: 3, consumedSeq: 0 });
    expect(primary.state).toMatchObject({ acknowledgedSeq: 3, isStalledByChannel: true });
    backup.replay();
    expect(backup.state).toMatchObject({ consumedSeq: 3, entries: [] });
    primary.time(replicaDefaults.channel.resendAfterMs);
    exchange();
    expect(primary.state).toMatchObject({ acknowledgedSeq: 6, isStalledByChannel: false });
  });

  it('goes on at once where it has become alone', async () => {
    const { primary } = await counterPair(small);
    primary.type('a');
    primary.run();
    takeOver(primary);
    primary.run();
    expect(primary.text).toMatch(FIRST);
  });
});

describe('a gate of one’s own', () => {
  it('may stop the guest for an output, as the protocol does not', async () => {
    const parts = {
      ...replicaDefaults.parts,
      outputGate: {
        start: () => ({}),
        step: (_: unknown, { kind }: { kind: string }) =>
          kind === 'operation' ? [{ kind: 'stall' as const }] : kind === 'acknowledged' ? [{ kind: 'resume' as const }] : [],
      },
    };
    const { primary, backup } = await counterPair(options({ parts }));
    primary.type('a');
    primary.run();
    expect(primary.state).toMatchObject({ isStalledByGate: true, outputs: 1, isIdle: false });
    expect(primary.run()).toEqual([]);
    pass(primary, backup, 'log bytes');
    pass(backup, primary, 'log bytes');
    expect(primary.state.isStalledByGate).toBe(false);
    primary.run();
    expect(primary.state.outputs).toBe(2);
  });
});

describe('the log', () => {
  it('says from time to time that an idle primary lives, and nothing while it is busy anyway (2.3)', async () => {
    const { primary, backup } = await counterPair();
    primary.time(TICK_MS - 1);
    expect(primary.state.appendedSeq).toBe(0);
    primary.time(TICK_MS);
    expect(primary.state.appendedSeq).toBe(1);
    primary.type('a');
    primary.time(TICK_MS + 10);
    expect(primary.state.appendedSeq).toBe(2);
    pass(primary, backup, 'log bytes');
    backup.replay();
    expect(backup.state.consumedSeq).toBe(2);
    primary.run(7);
    pass(primary, backup, 'log bytes');
    backup.replay();
    expect(backup.state.guest.hash).toBe(primary.state.guest.hash);
  });

  it('is silent where that mechanism is off', async () => {
    const { primary } = await counterPair(options({}, { keepsLogAlive: false }));
    primary.time(10 * TICK_MS);
    expect(primary.state.appendedSeq).toBe(0);
  });

  it('sends an output’s entry out at once, though others are sent in batches', async () => {
    const { primary, backup } = await counterPair(options({ channel: { ...replicaDefaults.channel, batchEntriesMax: 8 } }));
    primary.type('a');
    expect(primary.take('log bytes')).toEqual([]);
    primary.run(1);
    pass(primary, backup, 'log bytes');
    pass(backup, primary, 'log bytes');
    expect(ofKind(primary.effects, 'output').map(({ output }) => output)).toEqual([0]);
  });

  it('of another pair, or of another server, is not listened to', async () => {
    const { primary, backup } = await counterPair();
    primary.type('a');
    const { bytes } = primary.take('log bytes')[0]!;
    for (const [from, generation] of [
      [0, 2],
      [0, 0],
      [2, 1],
    ] as const)
      backup.tell({ kind: 'log bytes', from, generation, bytes });
    expect(backup.state.entries).toEqual([]);
    backup.tell({ kind: 'log bytes', from: 0, generation: 1, bytes });
    expect(backup.state.entries.length).toBe(1);
    const careless = await counterPair(options({}, { checksGeneration: false }));
    careless.backup.tell({ kind: 'log bytes', from: 2, generation: 7, bytes });
    expect(careless.backup.state.entries.length).toBe(1);
  });
});

describe('the timer interrupt', () => {
  it('comes once the guest’s time is there, is logged, and is not raised again before the guest has taken it', async () => {
    const { primary } = pairWith(await bootedMachine('clockwork'), options({}, { keepsLogAlive: false }));
    for (let slice = 0; slice < 100 && primary.state.timerTicks < 0; slice++) primary.run(Infinity, 500);
    const dueMs = Math.ceil(primary.state.timerTicks / 1000);
    expect(dueMs).toBeGreaterThan(0);
    const logged = primary.state.appendedSeq;
    primary.time(dueMs - 1);
    expect(primary.state.appendedSeq).toBe(logged);
    primary.time(dueMs);
    expect(primary.state.appendedSeq).toBe(logged + 1);
    primary.time(dueMs + 1);
    expect(primary.state.appendedSeq).toBe(logged + 1);
  });
});

/** A backup that follows by checkpoints: outputs wait for their epoch, and a takeover begins at the last one held. Section 4 of VMware FT names Remus. */
import { describe, expect, it } from 'vitest';
import type { TransferMessage } from '../../../../labs-runtime/ft/replica/messages.ts';
import { bootedMachine } from '../recorded-run.ts';
import { ENOUGH, isAlone, ofKind, options, pass, receiverOf, type Server, serverWith, takeOver, TICK_MS } from './hand-made-pair.ts';

const EPOCH_MS = 20;
const chosen = options({ follows: 'checkpoints', epochMs: EPOCH_MS });

async function pair(): Promise<{ primary: Server; backup: Server }> {
  const machine = await bootedMachine('counter');
  machine.run(ENOUGH);
  const primary = serverWith(0, machine, chosen);
  primary.tell({ kind: 'server found', server: 1 });
  const backup = receiverOf(1, primary);
  while (pass(primary, backup, 'transfer').length + pass(backup, primary, 'transfer').length > 0);
  return { primary, backup };
}

function checkpoints(server: Server): Extract<TransferMessage, { kind: 'checkpoint' }>[] {
  return ofKind(server.effects, 'transfer').flatMap(({ message }) => (message.kind === 'checkpoint' ? [message] : []));
}

describe('a primary whose backup follows by checkpoints', () => {
  it('logs nothing, and holds outputs until the backup holds the state at the end of their epoch', async () => {
    const { primary, backup } = await pair();
    primary.type('a');
    primary.run();
    expect(primary.state).toMatchObject({ outputs: 7, released: 0, channel: null });
    primary.time(EPOCH_MS - 1);
    expect(checkpoints(primary)).toEqual([]);
    primary.time(EPOCH_MS);
    expect(checkpoints(primary).map(({ epoch }) => epoch)).toEqual([1]);
    pass(primary, backup, 'transfer');
    expect(primary.text).toBe('');
    pass(backup, primary, 'transfer');
    expect(primary.text).toMatch(/^1 [0-9a-f]{4}\n$/);
    expect(primary.take('log bytes')).toEqual([]);
    expect(backup.state.guest.hash).toBe(primary.state.guest.hash);
    expect(backup.state).toMatchObject({ epoch: 1, outputs: 7 });
  });

  it('holds what was made after an epoch’s end for the next one', async () => {
    const { primary, backup } = await pair();
    primary.time(EPOCH_MS);
    primary.type('a');
    primary.run();
    pass(primary, backup, 'transfer');
    pass(backup, primary, 'transfer');
    expect(primary.text).toBe('');
    primary.time(2 * EPOCH_MS);
    pass(primary, backup, 'transfer');
    pass(backup, primary, 'transfer');
    expect(primary.text).not.toBe('');
  });

  it('sends only pages that have changed, and takes no checkpoint while one is on its way', async () => {
    const { primary, backup } = await pair();
    primary.type('a');
    primary.run();
    primary.time(EPOCH_MS);
    primary.type('b');
    primary.run();
    primary.time(2 * EPOCH_MS);
    const [first, ...more] = checkpoints(primary);
    expect(more).toEqual([]);
    expect(first!.pages.length).toBeGreaterThan(0);
    expect(first!.pages.length).toBeLessThan(8);
    pass(primary, backup, 'transfer');
    pass(backup, primary, 'transfer');
    primary.time(3 * EPOCH_MS);
    pass(primary, backup, 'transfer');
    expect(backup.state.guest.hash).toBe(primary.state.guest.hash);
    pass(backup, primary, 'transfer');
    primary.time(4 * EPOCH_MS);
    expect(checkpoints(primary).at(-1)!.pages).toEqual([]);
  });

  it('lets out what it holds once it goes on alone', async () => {
    const { primary } = await pair();
    primary.type('a');
    primary.run();
    takeOver(primary);
    expect(isAlone(primary)).toBe(true);
    expect(primary.text).toMatch(/^1 /);
  });

  it('believes no word of another pair or server', async () => {
    const { primary, backup } = await pair();
    primary.type('a');
    primary.run();
    primary.time(EPOCH_MS);
    pass(primary, backup, 'transfer');
    const { message } = backup.take('transfer').at(-1)!;
    primary.tell({ kind: 'transfer', from: 2, message });
    primary.tell({ kind: 'transfer', from: 1, message: { ...message, generation: 2 } });
    expect(primary.text).toBe('');
    primary.tell({ kind: 'transfer', from: 1, message });
    expect(primary.text).not.toBe('');
  });
});

describe('a backup that follows by checkpoints', () => {
  it('takes over from the last that it holds: what came after is lost, and nobody has seen it', async () => {
    const { primary, backup } = await pair();
    primary.type('a');
    primary.run();
    primary.time(EPOCH_MS);
    pass(primary, backup, 'transfer');
    const held = backup.state.guest.hash;
    primary.type('b');
    primary.run();
    expect(primary.text).toBe('');
    const effects = takeOver(backup);
    // The outputs of the epoch that it holds may be outside or not: they are made again.
    expect(ofKind(effects, 'output').map(({ output }) => output)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(backup.state.guest.hash).toBe(held);
    backup.type('c');
    backup.run();
    expect(backup.text).toMatch(/^1 [0-9a-f]{4}\n2 [0-9a-f]{4}\n$/);
  });

  it('takes no more checkpoints once it has declared a failure', async () => {
    const { primary, backup } = await pair();
    primary.type('a');
    primary.run();
    primary.time(EPOCH_MS);
    backup.time(2 * TICK_MS);
    const before = backup.state.guest.hash;
    expect(pass(primary, backup, 'transfer')).toEqual([]);
    expect([backup.state.guest.hash, backup.state.epoch]).toEqual([before, 0]);
  });

  it('has nothing to replay', async () => {
    const { primary, backup } = await pair();
    primary.type('a');
    expect(backup.replay()).toEqual([]);
    expect(backup.state.entries).toEqual([]);
  });
});

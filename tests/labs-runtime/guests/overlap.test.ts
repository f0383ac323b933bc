/** The guest that has two requests for one sector at the disk at a time. */
import { describe, expect, it } from 'vitest';
import type { DiskRequest } from '../../../labs-runtime/emulator/machine.ts';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { SECTOR_BYTES } from '../../../labs-runtime/emulator/stop.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';

interface Run {
  printed: string;
  /** The kinds of requests that were with the disk together. */
  together: string[];
  /** The first byte of the sector at the end. */
  left: string;
}

/** Types keys, and does what the guest asks its disk for in the order that `order` gives it, or with an error. */
async function run(keys: string, order: (pending: DiskRequest[]) => DiskRequest[], status: 'ok' | 'error' = 'ok'): Promise<Run> {
  const { overlap } = guests;
  const machine = new Machine({ ramBytes: overlap.ramBytes, diskSectors: overlap.diskSectors! });
  machine.load(await overlap.load());
  const sector = new Uint8Array(SECTOR_BYTES);
  const result: Run = { printed: '', together: [], left: '' };
  for (const typed = [...keys]; ;) {
    const stop = machine.run(Number.MAX_SAFE_INTEGER);
    if (stop.reason === 'output') result.printed += String.fromCharCode(stop.byte);
    const pending = machine.pendingDiskRequests;
    if (stop.reason === 'power-off') {
      result.together.push(namesOf(pending));
      return { ...result, left: String.fromCharCode(sector[0]!) };
    }
    if (stop.reason !== 'wait') continue;
    if (pending.length === 0 && typed.length === 0) return { ...result, left: String.fromCharCode(sector[0]!) };
    if (pending.length === 0) machine.receive(typed.shift()!.charCodeAt(0));
    else result.together.push(namesOf(pending));
    for (const { id, kind, data } of order([...pending])) {
      if (data !== undefined && status === 'ok') sector.set(data);
      machine.completeDisk(id, status, kind === 'read' && status === 'ok' ? sector.slice() : undefined);
    }
  }
}

function namesOf(pending: DiskRequest[]): string {
  return pending.map(({ kind, sector }) => `${kind} ${sector}`).join(', ');
}

describe('the guest overlap', () => {
  it('has two requests for one sector at the disk at a time, and reads what it wrote before it wrote again', async () => {
    expect(await run('am', (pending) => pending)).toEqual({
      printed: 'bn',
      together: ['write 0, write 0', 'read 0, write 0', 'write 0, write 0', 'read 0, write 0'],
      left: 'o',
    });
  });

  it('shows an order other than its own', async () => {
    expect(await run('a', (pending) => pending.reverse())).toMatchObject({ printed: 'c', left: 'c' });
  });

  it('switches itself off at a full stop, with two writes on their way', async () => {
    const { together, printed, left } = await run('a.b', (pending) => pending);
    expect([printed, together.at(-1), left]).toEqual(['b.', 'write 0, write 0', 'c']);
  });

  it('says so when its disk fails', async () => {
    expect(await run('a', (pending) => pending, 'error')).toMatchObject({ printed: '!' });
  });
});

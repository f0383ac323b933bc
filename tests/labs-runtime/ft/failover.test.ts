/** The reference failover, step by step (VMware FT, section 2.3). Whole runs of it are in tests/labs-runtime/sim/world.test.ts. */
import { describe, expect, test } from 'vitest';
import { start, step, type FailoverState } from '../../../labs-runtime/ft/failover.ts';
import type { FailoverInput } from '../../../labs-runtime/ft/failover-api.ts';

const times = { heartbeatEveryMs: 50, silenceMaxMs: 250, retryAfterMs: 100 };
const primary = (): FailoverState => start({ role: 'primary', ...times });
const backup = (): FailoverState => start({ role: 'backup', ...times });

/** The effects of several inputs, by kind. */
function tell(state: FailoverState, ...inputs: FailoverInput[]): string[] {
  return inputs.flatMap((input) => step(state, input)).map(({ kind }) => kind);
}

const at = (nowMs: number): FailoverInput => ({ kind: 'time', nowMs });
const heard: FailoverInput[] = [{ kind: 'heartbeat' }, { kind: 'log traffic' }];

/** A backup that has noticed the silence of its primary and replayed the log to its end. */
function asking(): FailoverState {
  const state = backup();
  tell(state, at(251), { kind: 'log end' });
  return state;
}

describe('failover', () => {
  test('sends a heartbeat as often as one is due', () => {
    const state = primary();
    expect(tell(state, at(49), at(50), at(75), at(100), ...heard)).toEqual(['heartbeat', 'heartbeat']);
  });

  test('a peer that is heard in time counts as alive', () => {
    const state = backup();
    for (let nowMs = 250; nowMs < 2000; nowMs += 250) expect(tell(state, at(nowMs), ...heard)).toEqual(['heartbeat']);
  });

  test.each([
    ['heartbeats', { kind: 'log traffic' }],
    ['log traffic', { kind: 'heartbeat' }],
  ] as const)('a failure is declared when %s alone have stopped', (_, other) => {
    const state = primary();
    expect(tell(state, at(250), other, at(251))).toContain('test-and-set');
  });

  test('a backup replays to the end, then asks, then goes live', () => {
    const state = backup();
    expect(tell(state, at(251))).toEqual(['heartbeat', 'replay to end']);
    expect(tell(state, at(400))).toEqual([]);
    expect(tell(state, { kind: 'log end' })).toEqual(['test-and-set']);
    expect(tell(state, { kind: 'flag', owner: 'backup' })).toEqual(['go live']);
  });

  test('the machine that does not get the flag halts', () => {
    expect(tell(asking(), { kind: 'flag', owner: 'primary' })).toEqual(['halt']);
  });

  test('without an answer it waits, and asks again', () => {
    const state = asking();
    expect(tell(state, { kind: 'no flag answer' }, at(350))).toEqual([]);
    expect(tell(state, at(351))).toEqual(['test-and-set']);
    expect(tell(state, at(900))).toEqual([]);
  });

  test('a peer that is heard again changes nothing', () => {
    const state = asking();
    expect(tell(state, ...heard, at(300))).toEqual([]);
    expect(tell(state, { kind: 'flag', owner: 'backup' })).toEqual(['go live']);
  });

  test('after a power-off nobody goes live', () => {
    const state = backup();
    expect(tell(state, { kind: 'power-off' })).toEqual(['halt']);
    expect(tell(state, at(5000), { kind: 'log end' }, { kind: 'flag', owner: 'backup' })).toEqual([]);
  });
});

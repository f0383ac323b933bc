/** The reference output gate, step by step (VMware FT, section 2.2). Whole runs of it are in tests/labs-runtime/sim/world.test.ts. */
import { describe, expect, test } from 'vitest';
import { start, step, type OutputGateState } from '../../../labs-runtime/ft/output-gate.ts';
import type { Operation } from '../../../labs-runtime/ft/output-gate-api.ts';

const frame: Operation = { device: 'network', action: 'transmit' };
const byte: Operation = { device: 'console', action: 'write' };

/** Tells the gate of an operation, and returns the numbers of those it releases. */
function operate(state: OutputGateState, operation: number, seq: number, what: Operation): number[] {
  return released(step(state, { kind: 'operation', operation, seq, ...what }));
}

function released(effects: ReturnType<typeof step>): number[] {
  return effects.map((effect) => (effect.kind === 'release' ? effect.operation : NaN));
}

describe('the output gate', () => {
  test('holds frames and console bytes until their own entries are acknowledged, and lets them go in order', () => {
    const state = start({ acknowledgedSeq: 0 });
    expect(operate(state, 1, 4, frame)).toEqual([]);
    expect(operate(state, 2, 5, byte)).toEqual([]);
    expect(released(step(state, { kind: 'acknowledged', seq: 3 }))).toEqual([]);
    expect(released(step(state, { kind: 'acknowledged', seq: 4 }))).toEqual([1]);
    expect(operate(state, 3, 6, frame)).toEqual([]);
    expect(released(step(state, { kind: 'acknowledged', seq: 9 }))).toEqual([2, 3]);
  });

  test('lets pass at once what stays inside the machine', () => {
    const state = start({ acknowledgedSeq: 0 });
    expect(operate(state, 1, 1, byte)).toEqual([]);
    expect(operate(state, 2, 1, { device: 'clock', action: 'read' })).toEqual([2]);
    expect(operate(state, 3, 1, { device: 'network', action: 'offer buffers' })).toEqual([3]);
  });

  test('lets pass at once an output whose entry is acknowledged already', () => {
    const state = start({ acknowledgedSeq: 7 });
    expect(operate(state, 1, 7, frame)).toEqual([1]);
    expect(operate(state, 2, 8, frame)).toEqual([]);
  });

  test('takes an acknowledgement twice, or an old one, as nothing new', () => {
    const state = start({ acknowledgedSeq: 0 });
    operate(state, 1, 2, frame);
    expect(released(step(state, { kind: 'acknowledged', seq: 2 }))).toEqual([1]);
    expect(step(state, { kind: 'acknowledged', seq: 2 })).toEqual([]);
    expect(step(state, { kind: 'acknowledged', seq: 1 })).toEqual([]);
    expect(operate(state, 2, 2, byte)).toEqual([2]);
  });

  test('alone it lets out what it holds, and holds nothing any more', () => {
    const state = start({ acknowledgedSeq: 0 });
    operate(state, 1, 1, frame);
    operate(state, 2, 2, byte);
    expect(released(step(state, { kind: 'peer lost' }))).toEqual([1, 2]);
    expect(operate(state, 3, 3, frame)).toEqual([3]);
  });
});

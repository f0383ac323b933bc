/** Steps of servers that are worked out once: what is recalled is what would be worked out again, and nothing that was recalled changes later. */
import { describe, expect, test } from 'vitest';
import type { ReplicaEffect, ReplicaInput } from '../../../../labs-runtime/ft/replica/messages.ts';
import type { ServerState } from '../../../../labs-runtime/sim/cluster/cluster-state.ts';
import { hashPlain } from '../../../../labs-runtime/sim/cluster/plain-data.ts';
import { StepMemo } from '../../../../labs-runtime/sim/cluster/step-memo.ts';

const server = (draws: number): ServerState => ({ condition: 'up', incarnation: 0, replica: null, draws, chunks: null });
const frame = (byte: number): ReplicaInput => ({ kind: 'frame', frame: Uint8Array.of(byte) });
const effects: ReplicaEffect[] = [{ kind: 'goes live' }];

/** A memo, and a step that counts how often it is asked. */
function counted(): { recall: (before: ServerState, input: ReplicaInput) => ServerState; steps: () => number } {
  const memo = new StepMemo();
  let steps = 0;
  const step = (at: ServerState): ReplicaEffect[] => {
    steps += 1;
    at.draws += 100;
    return effects;
  };
  return { recall: (before, input) => memo.recall(before, input, step).after, steps: () => steps };
}

describe('what a server did before', () => {
  test('is worked out on a copy, and has its effects with it', () => {
    const before = server(1);
    const { after, effects: asked } = new StepMemo().recall(before, frame(1), (at) => {
      at.draws = 7;
      return effects;
    });
    expect([before.draws, after.draws, asked]).toEqual([1, 7, effects]);
  });

  test('is worked out once for servers that are equal, with inputs that are equal', () => {
    const { recall, steps } = counted();
    const first = recall(server(1), frame(1));
    expect(recall(server(1), frame(1))).toBe(first);
    expect(steps()).toBe(1);
  });

  test('is worked out for each other server, and each other input', () => {
    const { recall, steps } = counted();
    const results = [
      recall(server(1), frame(1)),
      recall(server(2), frame(1)),
      recall(server(1), frame(2)),
      recall(server(1), { kind: 'leave' }),
    ];
    expect(results.map(({ draws }) => draws)).toEqual([101, 102, 101, 101]);
    expect(new Set(results).size).toBe(4);
    expect(steps()).toBe(4);
  });

  test('is remembered as long as it is asked for now and then, and forgotten else', () => {
    const { recall, steps } = counted();
    const often = recall(server(0), frame(0));
    recall(server(1), frame(0));
    for (let draws = 2; draws < 10_000; draws++) {
      recall(server(draws), frame(0));
      if (draws % 1000 === 0) expect(recall(server(0), frame(0))).toBe(often);
    }
    expect(steps()).toBe(10_000);
    recall(server(1), frame(0));
    expect(steps()).toBe(10_001);
  });

  test('leaves the hash of what was recalled as it was', () => {
    const { recall } = counted();
    const after = recall(server(1), frame(1));
    const hash = hashPlain({ ...after });
    recall(after, frame(1));
    expect(hashPlain({ ...after })).toBe(hash);
  });
});

/** One fault and a pair of machines: replication helps against a stop, and against nothing else (FT paper, section 1). */
import { describe, expect, test } from 'vitest';
import {
  ATTEMPTS_PER_POINT,
  describePair,
  END,
  runPair,
  wrongReplies,
  type Fault,
  type FaultyRun,
} from '../../../../src/components/figures/faulty-pair.ts';

/** Each position that the figure's slider has. */
const positions = Array.from({ length: 81 }, (_, index) => 1000 + index * ATTEMPTS_PER_POINT);
/** Between the store of the sum and that of the reply: a bit that flips in the sum meanwhile is too late for this reply. */
const ATTEMPTS_FROM_SUM_TO_REPLY = 3;

function outcome(fault: Fault, at: number): FaultyRun {
  let last: FaultyRun | undefined;
  for (const run of runPair({ fault, at })) last = run;
  return last!;
}

function textOf(letters: FaultyRun['got']): string {
  return letters.map(({ letter }) => letter).join('');
}

describe('wherever it happens', () => {
  test('a primary that stops is replaced, and its clients notice nothing', () => {
    for (const at of positions) {
      const run = outcome('plug', at);
      expect(run.primary.position).toBe(at);
      expect(run.backup.liveAt).toBeLessThanOrEqual(at);
      expect(run.backup.position).toBe(END);
      expect(run.got).toEqual(run.right);
      expect(run.differAt).toBeUndefined();
    }
  });

  test('a bug stops both machines, at the same instruction', () => {
    for (const at of positions) {
      const { primary, backup, got, right, compared, differAt, divergence } = outcome('bug', at);
      expect(primary.crashedIn).toBe(0x8000005c);
      expect(backup.crashedIn).toBe(primary.crashedIn);
      expect(primary.position).toBeGreaterThan(at);
      expect(primary.position).toBeLessThan(at + 300);
      expect(backup.position).toBe(primary.position);
      expect(got).toEqual(right.slice(0, got.length));
      expect(got.length).toBeLessThan(right.length);
      expect([differAt, divergence]).toEqual([undefined, undefined]);
      // At boot, at each point before the crash, and where both went off.
      expect(compared).toBe(Math.ceil(primary.position / ATTEMPTS_PER_POINT) + 1);
    }
  });

  test('a bit of the sum makes each later reply wrong, and the replay does not see it', () => {
    for (const at of positions) {
      const run = outcome('sum-bit', at);
      const first = run.right.findIndex((letter) => letter.at > at + ATTEMPTS_FROM_SUM_TO_REPLY);
      expect(wrongReplies(run)).toEqual([...run.right.keys()].slice(first));
      expect(run.got.map((letter) => letter.at)).toEqual(run.right.map((letter) => letter.at));
      expect(textOf(run.backup.letters)).toBe(textOf(run.right));
      expect(run.differAt).toBe(at);
      expect(run.divergence).toBeUndefined();
      expect(run.backup.position).toBe(END);
    }
  });

  test('a bit of the pace makes no reply wrong, and the replay sees it at the next output', () => {
    for (const at of positions) {
      const run = outcome('pace-bit', at);
      expect(wrongReplies(run)).toEqual([]);
      expect(textOf(run.got)).toBe(textOf(run.right));
      expect(run.differAt).toBe(at);
      expect(run.divergence!.position).toBeGreaterThan(at);
      expect(run.divergence!.position).toBeLessThan(at + 600);
      expect(run.divergence!.entry.event.kind).toBe('output');
      expect(run.backup.liveAt).toBeUndefined();
    }
  });
});

test('the clients of a pair without a fault get a reply to each request', () => {
  const { right, got, compared } = outcome('bug', END + ATTEMPTS_PER_POINT);
  // The nineteenth was sent at 9,500; to the one at the end nobody replies any more.
  expect(right).toHaveLength(19);
  expect(got).toEqual(right);
  expect(compared).toBe(END / ATTEMPTS_PER_POINT + 1);
});

test('what a run came to is said in words', () => {
  const said = (fault: Fault) => describePair({ fault, at: 4000 }, outcome(fault, 4000));
  expect(said('plug')).toBe(
    'The backup replayed to the end of the log, position 4,000, and went on from there. The clients got all 19 replies, each once. Replication helped.',
  );
  expect(said('bug')).toBe(
    'Both guests crashed at the instruction at 0x8000005c and were off at position 4,143. The clients got 8 of 19 replies. Replication did not help.',
  );
  expect(said('sum-bit')).toMatch(
    /^The states differ from position 4,000 on\. 12 of 19 replies were wrong, the first at position 4,031\. The replay noticed nothing: .* Replication did not help\.$/,
  );
  expect(said('pace-bit')).toMatch(
    /^The states differ from position 4,000 on\. All replies were right, .* The replay noticed it, 520 attempts after the fault, .* Replication did not help\.$/,
  );
});

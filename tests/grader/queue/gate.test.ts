import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gate } from '../../../grader/queue/gate.ts';

test('a piece that goes alone has none beside it; the others go side by side, in the order in which they came', async () => {
  const pieces = fc.array(fc.record({ isAlone: fc.boolean(), turns: fc.nat({ max: 5 }), fails: fc.boolean() }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, async (wanted) => {
      const gate = new Gate();
      const begun: number[] = [];
      const under = new Set<number>();
      const results = wanted.map(({ isAlone, turns, fails }, index) =>
        gate.pass(isAlone, async () => {
          begun.push(index);
          under.add(index);
          for (const other of under) if (other !== index) expect([isAlone, wanted[other]!.isAlone]).toEqual([false, false]);
          for (let turn = 0; turn < turns; turn++) await Promise.resolve();
          under.delete(index);
          if (fails) throw new Error('it fails, and nothing behind it waits for ever');
          return index;
        }),
      );
      const settled = await Promise.allSettled(results);
      expect(settled.map(({ status }) => status)).toEqual(wanted.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')));
      expect(begun).toEqual(wanted.map((_, index) => index));
    }),
  );
});

test('pieces that need not be alone do go side by side', async () => {
  const gate = new Gate();
  let meet: (() => void) | undefined;
  const met = new Promise<void>((resolve) => (meet = resolve));
  await Promise.all([gate.pass(false, () => met), gate.pass(false, async () => meet!())]);
});

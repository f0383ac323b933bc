/** The live figure of the logging channel does what its caption says, whatever the reader chooses (VMware FT, section 3.2). */
import { beforeAll, describe, expect, test } from 'vitest';
import { describe as inWords, loadGuest, playBreak } from '../../../../src/components/figures/break-the-link.ts';
import { traceSvg } from '../../../../src/components/trace/trace-svg.ts';
import type { BreakFrame, BreakSettings } from '../../../../src/components/figures/break-the-link.ts';

interface Run {
  settings: BreakSettings;
  frames: BreakFrame[];
  last: BreakFrame;
}

/** Everything that the controls can be set to. */
const choices: BreakSettings[] = [true, false].flatMap((hasRoom) =>
  Array.from({ length: 10 }, (_, index) => 4 + 4 * index).flatMap((pieceBytesMax) =>
    Array.from({ length: 11 }, (_, index) => ({ hasRoom, pieceBytesMax, lateShare: index / 10 })),
  ),
);

let runs: Run[];
beforeAll(async () => {
  const image = await loadGuest();
  runs = choices.map((settings) => {
    const frames = [...playBreak(settings, image)];
    return { settings, frames, last: frames.at(-1)! };
  });
});

/** The runs of which something does not hold, by their settings. */
function exceptions(holds: (run: Run) => boolean): BreakSettings[] {
  return runs.filter((run) => !holds(run)).map(({ settings }) => settings);
}

const wordsOf = ({ rows }: BreakFrame): string => rows.map(({ what }) => what).join('; ');
const breakOf = ({ last }: Run): { lost: number; late: number } => {
  const [, lost, late] = /breaks: (\d+) bytes lost, (\d+) will come late/.exec(wordsOf(last))!;
  return { lost: Number(lost), late: Number(late) };
};

describe('with every choice of the reader’s', () => {
  test('no rule is broken, and every entry is handed over once and in order', () => {
    const inOrder = [1, 2, 3, 4, 5, 6, 7, 8];
    for (const { last } of runs) {
      expect(last.brokenRules).toEqual([]);
      expect(last.counts).toMatchObject({ appended: 8, handedOver: inOrder, acknowledged: 8 });
      expect(inWords(last)).toMatch(/^All 8 entries were handed over once and in order\. /);
    }
  });

  test('the link breaks while part of a frame has arrived', () => {
    expect(
      exceptions(({ frames }) => {
        const broken = frames.findIndex(({ rows }) => rows.some(({ tone }) => tone === 'fault'));
        return frames[broken]!.counts.keptBytes > 0;
      }),
    ).toEqual([]);
  });

  test('what the break took and what comes late is what the reader chose', () => {
    expect(
      exceptions((run) => {
        const { lost, late } = breakOf(run);
        const { lostBytes, lostAnswerBytes } = run.last.counts;
        return (
          lost === lostBytes + lostAnswerBytes && lostAnswerBytes > 0 && late === Math.floor((lostBytes + late) * run.settings.lateShare)
        );
      }),
    ).toEqual([]);
  });

  test('every byte that was sent has arrived or was lost at the break', () => {
    expect(
      exceptions(({ last: { rows, counts } }) => {
        const arrived = rows
          .filter(({ lane }) => lane === 'backup')
          .map(({ what }) => Number(/(\d+) bytes? arrives?/.exec(what)?.[1] ?? 0));
        return arrived.reduce((sum, bytes) => sum + bytes, 0) + counts.lostBytes === counts.firstBytes + counts.againBytes;
      }),
    ).toEqual([]);
  });

  test('the drawing is short enough for a phone, and no row of it is cut there', () => {
    expect(Math.max(...runs.map(({ last }) => last.rows.length))).toBeLessThanOrEqual(29);
    expect(exceptions(({ last }) => !traceSvg(last.rows, { width: 320 }).includes(' …'))).toEqual([]);
  });
});

describe('room', () => {
  test('large buffers never stall the guest', () => {
    expect(exceptions(({ settings, last }) => !settings.hasRoom || (last.counts.stalledMs === 0 && !/stalls/.test(wordsOf(last))))).toEqual(
      [],
    );
  });

  test('small ones do, the drawing shows it and the closing words say for how long', () => {
    expect(
      exceptions(({ settings, last }) => {
        const said = inWords(last).includes(`The guest stood still for ${last.counts.stalledMs} ms`);
        return settings.hasRoom || (last.counts.stalledMs > 0 && /stalls the guest/.test(wordsOf(last)) && said);
      }),
    ).toEqual([]);
  });
});

describe('the head of a frame that is left of a cut', () => {
  test('makes the backup wait for bytes that a false length promises, and costs more sending; no other cut does', () => {
    const fooled = runs.filter(({ last }) => last.counts.keptBytesMax > last.counts.frameBytesMax);
    expect(fooled.length).toBeGreaterThan(0);
    expect(fooled.length).toBeLessThan(runs.length / 10);
    expect(fooled.map(({ settings }) => settings)).toContainEqual({ hasRoom: false, pieceBytesMax: 12, lateShare: 0.5 });
    const usual = Math.max(...runs.filter((run) => !fooled.includes(run)).map(({ last }) => last.counts.againBytes));
    for (const { last } of fooled) {
      expect(last.counts.againBytes).toBeGreaterThan(usual);
      expect(inWords(last)).toContain(`kept ${last.counts.keptBytesMax} bytes before it knew better`);
    }
  });
});

test('a channel that fails is not said to be whole', () => {
  const { last } = runs[0]!;
  expect(inWords({ ...last, counts: { ...last.counts, handedOver: [1, 3, 2] } })).toMatch(/^Broken: 3 of 8 entries/);
  expect(inWords({ ...last, brokenRules: ['once'] })).toMatch(/^Broken: .* once$/);
});

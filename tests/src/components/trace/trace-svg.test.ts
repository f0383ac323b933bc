import { describe, expect, test } from 'vitest';
import type { Lane, TraceEvent } from '../../../../labs-runtime/checks/report.ts';
import { FONT, layoutOf } from '../../../../src/components/trace/layout.ts';
import { traceSvg } from '../../../../src/components/trace/trace-svg.ts';
import { textWidth } from '../../../../src/components/trace/words.ts';

/** A row at event and time `number`. */
function at(number: number, lane: Lane, what: string, rest: Partial<TraceEvent> = {}): TraceEvent {
  return { event: number, atMs: number, lane, what, ...rest };
}

const trace = [
  at(1, 'client', 'asks', { to: 'primary' }),
  at(2, 'primary', 'heartbeat', { to: 'backup', message: 1 }),
  at(3, 'backup', 'hears it', { message: 1 }),
  at(4, 'primary', 'crashes', { tone: 'fault' }),
  at(5, 'backup', 'answers', { to: 'client', tone: 'broken' }),
];

/** How often a text occurs in the drawing. */
function count(drawing: string, text: string | RegExp): number {
  return drawing.split(text).length - 1;
}

const head = /z" fill="/;

describe('the layout', () => {
  test('gives each lane that takes part a column, in order, the link a thin one', () => {
    const { lanes } = layoutOf([...trace, at(6, 'link', 'breaks')], 700);
    expect(lanes.map(({ lane }) => lane)).toEqual(['client', 'primary', 'link', 'backup']);
    const [client, primary, link, backup] = lanes.map(({ x }) => x);
    expect(backup! - link!).toBeLessThan(primary! - client!);
  });

  test.each([300, 350, 480, 700])('keeps names on one level apart, and the words within %d pixels', (width) => {
    const all = (['client', 'primary', 'link', 'backup', 'storage'] as const).map((lane, index) =>
      at(index, lane, 'some words of the trace'),
    );
    const { lanes, wordsX, rows } = layoutOf(all, width);
    for (const [index, column] of lanes.entries()) {
      const beside = lanes.slice(index + 1).filter(({ level }) => level === column.level);
      for (const other of beside) expect(other.x - column.x).toBeGreaterThan(6 * 3.5);
    }
    expect(wordsX).toBeLessThan(width - 100);
    expect(rows.every((row, index) => index === 0 || row.top === rows[index - 1]!.top + rows[index - 1]!.height)).toBe(true);
  });

  test('says event and time once for rows of one event', () => {
    const { rows } = layoutOf([at(1, 'primary', 'a'), at(1, 'backup', 'b'), at(2, 'backup', 'c')], 400);
    expect(rows.map(({ showsEvent, showsTime }) => [showsEvent, showsTime])).toEqual([
      [true, true],
      [false, false],
      [true, true],
    ]);
  });
});

describe('the drawing', () => {
  test('of nothing is nothing', () => {
    expect(traceSvg([], { width: 400 })).toBe('');
  });

  test('is as wide as it is told to be, and the same each time', () => {
    expect(traceSvg(trace, { width: 412.6 })).toContain('width="412"');
    expect(traceSvg(trace, { width: 400 })).toBe(traceSvg(trace, { width: 400 }));
  });

  test('says everything in words too', () => {
    const drawing = traceSvg(trace, { width: 400, title: 'One live, seed 7' });
    expect(drawing).toContain('<title>One live, seed 7</title>');
    expect(drawing).toContain('Event 2, 2 ms, primary to backup: heartbeat. Event 3, 3 ms, backup: hears it.');
    expect(drawing).toContain('Event 5, 5 ms, backup to client: answers. Rule broken here.</desc>');
  });

  test('escapes what a part may have put into the words', () => {
    const drawing = traceSvg([at(1, 'primary', 'says <script>"&"</script>')], { width: 700, title: '<b>' });
    expect(drawing).not.toMatch(/<script|<b>|&(?!amp;|lt;|gt;|quot;)/);
    expect(drawing).toContain('says &lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;');
  });

  test('leads the arrow of a datagram from the row that sends it to each row at which it arrives', () => {
    const { rows } = layoutOf(trace, 600);
    const drawing = traceSvg(trace, { width: 600 });
    const tips = [...drawing.matchAll(/<path d="M([\d.]+) ([\d.]+)L[^"]+z"/g)].map(([, , y]) => Number(y));
    expect(tips).toHaveLength(3);
    expect(Math.abs(tips[1]! - rows[2]!.y)).toBeLessThan(6);
    const twice = traceSvg([...trace, at(6, 'backup', 'hears it again', { message: 1 })], { width: 600 });
    expect(count(twice, head)).toBe(4);
  });

  test('ends the arrow of a lost datagram in a cross, and of one under way in nothing', () => {
    const lost = traceSvg([at(1, 'primary', 'heartbeat, lost', { to: 'backup', message: 1, tone: 'fault' })], { width: 400 });
    const underWay = traceSvg([at(1, 'primary', 'heartbeat', { to: 'backup', message: 1 })], { width: 400 });
    expect([count(lost, head), count(underWay, head)]).toEqual([0, 0]);
    expect([count(lost, 'm0 '), count(underWay, 'm0 ')]).toEqual([2, 0]);
  });

  test('dots the line of a machine that crashed or a link that broke until something happens there, and all lines where rows are left out', () => {
    /** From where to where lines are dotted. */
    const dots = (rows: TraceEvent[]) =>
      [...traceSvg(rows, { width: 400 }).matchAll(/M\d+ ([\d.]+)V([\d.]+)"[^>]* stroke-dasharray="0.1 5"/g)].map(([, ...ends]) =>
        ends.map(Number),
      );
    const failed = [at(1, 'link', 'breaks', { tone: 'fault' }), at(2, 'primary', 'waits'), at(3, 'link', 'is whole again')];
    const { rows } = layoutOf(failed, 400);
    expect(dots(failed)).toEqual([[rows[0]!.y, rows[2]!.y]]);
    expect(dots(failed.slice(0, 1))).toEqual([[rows[0]!.y, layoutOf(failed.slice(0, 1), 400).height - 2]]);
    expect(dots([at(1, 'link', 'the next heartbeat will be late', { tone: 'fault' })])).toEqual([]);
    const asked = [
      at(1, 'primary', 'crashes', { tone: 'fault' }),
      at(2, 'primary', 'is crashed: a request gets nowhere'),
      at(3, 'backup', 'waits'),
    ];
    const askedRows = layoutOf(asked, 400).rows;
    expect(dots(asked)).toEqual([[askedRows[0]!.y, askedRows[2]!.top + askedRows[2]!.height + 6]]);
    const left = [at(1, 'primary', 'starts'), at(2, 'link', '… 30 more rows until t=900 ms …'), at(40, 'backup', 'ends')];
    const gap = layoutOf(left, 400).rows[1]!;
    expect(dots(left)).toEqual([
      [gap.top, gap.top + gap.height],
      [gap.top, gap.top + gap.height],
    ]);
  });

  test('has the lanes of a cluster, each server by its own colour, and says what was broken in its own words', () => {
    const rows = [
      { event: 1, atMs: 1, lane: 'client A', to: 'server 0', what: 'asks' },
      { event: 2, atMs: 2, lane: 'server 1', what: 'follows' },
      { event: 3, atMs: 3, lane: 'server 2', what: 'goes live', tone: 'broken' as const },
    ];
    const lanes = ['console', 'client A', 'server 0', 'server 1', 'server 2', 'storage'];
    const drawing = traceSvg(rows, { width: 600, lanes, verdict: 'Property broken here' });
    expect(layoutOf(rows, 600, { lanes }).lanes.map(({ lane }) => lane)).toEqual(['client A', 'server 0', 'server 1', 'server 2']);
    const inks = ['server 0', 'server 1', 'server 2'].map((lane) => new RegExp(`fill="([^"]+)"[^>]*>${lane}<`).exec(drawing)![1]);
    expect(new Set(inks).size).toBe(3);
    expect(count(drawing, 'Property broken here')).toBe(2);
    expect(drawing).not.toContain('Rule broken');
  });

  test('breaks the bold line below a broken row where it would run out of a narrow drawing', () => {
    const rows = [at(1, 'client', 'asks'), at(2, 'backup', 'answers', { tone: 'broken' })];
    for (const width of [320, 332, 360]) {
      const { wordsX, rows: drawn } = layoutOf(rows, width, { verdict: 'Property broken here' });
      const boldest = Math.max(...drawn[1]!.verdict.map((line) => 1.14 * textWidth(line, FONT.words)));
      expect(wordsX + boldest, `${width}`).toBeLessThanOrEqual(width - 14);
    }
  });

  test('dims what comes after the present row, and nothing without one', () => {
    const dimmedRows = (current?: number) =>
      [...traceSvg(trace, { width: 400, current }).matchAll(/data-row="(\d)" opacity/g)].map(([, index]) => Number(index));
    expect(dimmedRows()).toEqual([]);
    expect(dimmedRows(2)).toEqual([3, 4]);
    expect(dimmedRows(4)).toEqual([]);
  });
});

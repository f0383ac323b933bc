/** A trace's file: written and read, replayed to the same end, and refused with line and reason where it is anything else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS, parseEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import { narrate } from '../../../../labs-runtime/sim/cluster/narrate.ts';
import { MECHANISM_NAMES } from '../../../../labs-runtime/sim/cluster/mechanisms.ts';
import { changeScenario, type ScenarioChanges } from '../../../../labs-runtime/sim/cluster/scenario-changes.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import {
  endStateOf,
  formatTraceFile,
  readTraceFile,
  replayTraceFile,
  TRACE_CHARACTERS_MAX,
  TraceFileError,
  type TraceFile,
} from '../../../../labs-runtime/sim/cluster/trace-file.ts';
import { clusterOf } from './small-scenarios.ts';

/** A run of a scenario as a trace. */
async function traceOf(name: string, changes: ScenarioChanges, text: string, isSettled: boolean): Promise<TraceFile> {
  const cluster = await clusterOf(
    changeScenario(
      scenarios.find((each) => each.name === name)!,
      changes,
    ),
  );
  const events = text.split('; ').map((each) => parseEvent(each)!);
  const narration = narrate(cluster, cluster.state, { events, isSettled });
  const { explanation: breach } = narration;
  return { scenario: name, changes, seed: 17, breach, isSettled, endState: endStateOf(narration), events };
}

const broken = await traceOf('crash', { faults: 1, without: ['remakesOutputs'] }, 'ask 0; frame 0; crash 0', true);
const text = formatTraceFile(broken);
const lines = text.split('\n');

/** The text with one line replaced, counted from 1. */
const withLine = (number: number, line: string) => lines.with(number - 1, line).join('\n');

function errorOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof TraceFileError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('the file', () => {
  test('is the format and its version, what it is of and what it broke, and an event a line', () => {
    expect(lines).toEqual([
      'lockstep trace 1',
      'scenario crash',
      'seed 17',
      'faults 1',
      'without remakesOutputs',
      'property no output is lost',
      `expected ${broken.breach!.expected}`,
      `observed ${broken.breach!.observed}`,
      'settled yes',
      lines[9],
      'events 3',
      'ask 0',
      'frame 0',
      'crash 0',
      '',
    ]);
    expect(lines[9]).toMatch(/^state [0-9a-f]{1,14}$/);
  });

  test('is read as it was written, whatever a trace holds', () => {
    const event = fc.tuple(fc.constantFrom(...EVENT_KINDS), fc.nat(9), fc.nat(9)).map(([kind, at, to]) => {
      const written = [`${kind}`, `${kind} ${at}`, `${kind} ${at} ${to}`].map(parseEvent).find((each) => each !== undefined)!;
      return written;
    });
    const breach = fc.record({
      property: fc.constant('the past stays' as const),
      expected: fc.constant('a "b" c'),
      observed: fc.constant('none'),
    });
    const trace: fc.Arbitrary<TraceFile> = fc.record({
      scenario: fc.constantFrom(...scenarios.map(({ name }) => name)),
      changes: fc.record({ faults: fc.nat(100), without: fc.subarray(MECHANISM_NAMES) }),
      seed: fc.option(fc.nat(), { nil: undefined }),
      breach: fc.option(breach, { nil: undefined }),
      isSettled: fc.boolean(),
      endState: fc.constant('1f00'),
      events: fc.array(event, { maxLength: 30 }),
    });
    fc.assert(fc.property(trace, (each) => void expect(readTraceFile(formatTraceFile(each))).toEqual(each)));
  });

  test('may come with the line ends of Windows', () => {
    expect(readTraceFile(text.replaceAll('\n', '\r\n'))).toEqual(readTraceFile(text));
  });
});

describe('a replay', () => {
  test('comes to the same breach and the same state', async () => {
    const { narration, scenario } = await replayTraceFile(readTraceFile(text));
    expect(narration.explanation).toMatchObject({ property: 'no output is lost', section: '2.2', observed: broken.breach!.observed });
    expect(scenario.options.mechanisms.remakesOutputs).toBe(false);
    expect(endStateOf(narration)).toBe(broken.endState);
  });

  test('of a trace that breaks nothing breaks nothing', async () => {
    const whole = await traceOf('crash', { faults: 0, without: [] }, 'ask 0; frame 0; log 0 1', false);
    expect((await replayTraceFile(readTraceFile(formatTraceFile(whole)))).narration.explanation).toBeUndefined();
  });

  test.each([
    ['another event', withLine(14, 'crash 1')],
    ['no fault allowed', withLine(4, 'faults 0')],
    ['nothing left out', withLine(5, 'without none')],
    ['another end', withLine(9, 'settled no')],
    ['another state', withLine(10, 'state abc')],
    ['another property', withLine(6, 'property the past stays')],
    ['another scenario', withLine(2, 'scenario tickets')],
  ])('that is another run, by %s, is refused', async (_, changed) => {
    const trace = readTraceFile(changed);
    await expect(replayTraceFile(trace)).rejects.toThrow(TraceFileError);
    await expect(replayTraceFile(trace)).rejects.toThrow(/made by another version of Lockstep, or changed since\. Search again\.$/);
  });
});

describe('a file that is no trace of this version is refused', () => {
  test.each([
    ['empty', '', /^line 1: it is no trace of Lockstep.*`lockstep explore` wrote\.$/],
    ['something else', '#!/bin/sh\nls\n', /^line 1: it is no trace/],
    [
      'of a later version',
      withLine(1, 'lockstep trace 2'),
      /^line 1: it is a trace of version 2, and this Lockstep reads version 1\. Search again/,
    ],
    [
      'of a scenario that is none',
      withLine(2, 'scenario crush'),
      /^line 2: scenario is "crush", which this version of Lockstep does not know\. It knows: crash, /,
    ],
    ['with a seed that is none', withLine(3, 'seed -1'), /^line 3: seed is "-1": it must be a whole number up to/],
    ['with a number of faults that is none', withLine(4, 'faults 1e2'), /^line 4: faults is "1e2": it must be a whole number up to 1000/],
    ['with too many faults', withLine(4, 'faults 100000'), /^line 4: faults is "100000"/],
    [
      'with a mechanism that is none',
      withLine(5, 'without flag toString'),
      /^line 5: there is no mechanism "toString" to leave out\. There are: flag, /,
    ],
    ['with a property that is none', withLine(6, 'property constructor'), /^line 6: property is "constructor", which this version/],
    ['with fields in another order', withLine(7, 'observed x'), /^line 7: here "expected" should stand, and "observed x" does/],
    ['neither settled nor not', withLine(9, 'settled maybe'), /^line 9: settled is "maybe"/],
    ['with no hash', withLine(10, 'state xyz'), /^line 10: "xyz" is no hash of a state/],
    ['with an event that is none', withLine(13, 'frame'), /^line 13: "frame" is no event\. Copy the file again/],
    ['with a place that is none', withLine(13, 'frame 01'), /^line 13: "frame 01" is no event/],
    ['with a long line', withLine(13, 'x'.repeat(5000)), /^line 13: "x{60}…" is no event/],
    ['with more events than it says', `${text}tick\n`, /^line 15: there are more events than the 3 that the file says it has/],
    ['with fewer', withLine(11, 'events 4'), /^line 14: the file is cut: it has 3 of its 4 events\. Copy it again\.$/],
    [
      'with a number of events that no search finds',
      withLine(11, 'events 99999'),
      /^line 11: events is "99999": it must be a whole number up to 5000/,
    ],
    ['too large', 'x'.repeat(TRACE_CHARACTERS_MAX + 1), /^it has 1048577 characters, and a trace has at most 1048576/],
  ])('%s', (_, file, message) => {
    expect(errorOf(() => readTraceFile(file))).toMatch(message);
  });

  test('wherever it is cut', () => {
    for (let length = 0; length < text.length; length++) expect(errorOf(() => readTraceFile(text.slice(0, length)))).not.toBe('no error');
    expect(readTraceFile(text)).toEqual({ ...readTraceFile(text), events: broken.events });
  });

  test('with one message, whatever is in it', () => {
    const anyLine = fc.oneof(
      fc.string(),
      fc.constantFrom(...lines),
      fc.constantFrom('without none', 'seed none', 'events 0', '\u0000', '__proto__ 1'),
    );
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 20 }), fc.boolean(), (some, isBegun) => {
        const file = [...(isBegun ? lines.slice(0, 8) : []), ...some].join('\n');
        const message = errorOf(() => readTraceFile(file));
        if (message !== 'no error') expect(message).toMatch(/^(line \d+: .|it has)/s);
      }),
    );
  });
});

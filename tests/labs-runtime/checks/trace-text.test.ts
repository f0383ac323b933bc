import { describe, expect, test } from 'vitest';
import { CheckFailure, formatFailure } from '../../../labs-runtime/checks/check-failure.ts';
import type { Failure, TraceEvent } from '../../../labs-runtime/checks/report.ts';
import { formatTrace, formatTraceOn, wrap } from '../../../labs-runtime/checks/trace-text.ts';

const failure: Failure = {
  class: 'safety',
  rule: 'One live: at no time are two machines live.',
  expected: 'one machine live',
  observed: 'two, at t=9 ms, event 4',
  consequence: 'Two machines answer one client.',
  cause: 'Both won the test-and-set.',
  link: 'lecture/failover/#test-and-set',
  trace: [],
};

describe('a trace as text', () => {
  test('has a column for each lane that takes part, in their order, and no other', () => {
    const trace: TraceEvent[] = [
      { event: 1, atMs: 0, lane: 'backup', what: 'waits' },
      { event: 2, atMs: 5, lane: 'client', to: 'primary', what: 'asks' },
    ];
    expect(formatTrace(trace)).toEqual([
      'event     time  client  primary backup',
      '    1     0 ms     |       |       o    waits',
      '    2     5 ms     o------>|       |    asks',
    ]);
    expect(formatTrace([{ event: 1, atMs: 0, lane: 'primary', to: 'storage', what: 'writes' }])[0]).toBe('event     time  primary storage');
    expect(formatTrace([])).toEqual([]);
  });

  test('draws an arrow across a lane that has no part in it, in both directions, so that the lane is still seen', () => {
    const trace: TraceEvent[] = [
      { event: 1, atMs: 1, lane: 'client', to: 'backup', what: 'there' },
      { event: 2, atMs: 2, lane: 'backup', to: 'client', what: 'and back' },
      { event: 3, atMs: 3, lane: 'link', what: 'is whole' },
    ];
    expect(formatTrace(trace)).toEqual([
      'event     time  client   link   backup',
      '    1     1 ms     o-------|------>|    there',
      '    2     2 ms     |<------|-------o    and back',
      '    3     3 ms     |       o       |    is whole',
    ]);
  });

  test('shows where a datagram left and each time it arrived, by its number, and that one was lost', () => {
    const trace: TraceEvent[] = [
      { event: 1, atMs: 0, lane: 'primary', to: 'backup', message: 7, what: 'heartbeat' },
      { event: 2, atMs: 1, lane: 'backup', to: 'primary', message: 8, what: 'answer' },
      { event: 3, atMs: 2, lane: 'primary', to: 'backup', message: 9, what: 'heartbeat, lost', tone: 'fault' },
      { event: 4, atMs: 3, lane: 'backup', message: 7, what: 'hears 7' },
      { event: 5, atMs: 4, lane: 'primary', message: 8, what: 'hears 8' },
      { event: 6, atMs: 5, lane: 'backup', message: 7, what: 'hears 7 again' },
    ];
    expect(formatTrace(trace)).toEqual([
      'event     time  primary backup',
      '    1     0 ms     o--#7   |    heartbeat',
      '    2     1 ms     |   #8--o    answer',
      '    3     2 ms     x--#9x  |    heartbeat, lost',
      '    4     3 ms     |   #7->o    hears 7',
      '    5     4 ms     o<-#8   |    hears 8',
      '    6     5 ms     |   #7->o    hears 7 again',
    ]);
  });

  test('marks what failed and where the rule is broken', () => {
    const trace: TraceEvent[] = [
      { event: 1, atMs: 0, lane: 'primary', what: 'crashes', tone: 'fault' },
      { event: 2, atMs: 1, lane: 'backup', to: 'primary', what: 'hands over', tone: 'broken' },
    ];
    expect(formatTrace(trace).slice(1)).toEqual(['    1     0 ms     x       |    crashes', '    2     1 ms     |<------!    hands over']);
  });

  test('says what is lost of a stream, and draws both ends of a row at which one thing arrives and another leaves', () => {
    const trace: TraceEvent[] = [
      { event: 1, atMs: 0, lane: 'primary', to: 'backup', what: 'sends 12 bytes, lost' },
      { event: 2, atMs: 1, lane: 'backup', to: 'primary', message: 1, what: 'asks' },
      { event: 3, atMs: 2, lane: 'primary', to: 'backup', message: 1, what: 'is asked; sends 12 bytes' },
    ];
    expect(formatTrace(trace).slice(1)).toEqual([
      '    1     0 ms     o--x    |    sends 12 bytes, lost',
      '    2     1 ms     |   #1--o    asks',
      '    3     2 ms     o<-#1-->|    is asked; sends 12 bytes',
    ]);
  });

  test('shows rows that were left out on no lane', () => {
    const trace: TraceEvent[] = [
      { event: 1, atMs: 0, lane: 'primary', what: 'starts' },
      { event: 2, atMs: 1, lane: 'link', what: '… 30 more rows until t=900 ms …' },
      { event: 40, atMs: 901, lane: 'backup', what: 'gives up' },
    ];
    expect(formatTrace(trace)).toEqual([
      'event     time  primary backup',
      '    1     0 ms     o       |    starts',
      '    2     1 ms     :       :    … 30 more rows until t=900 ms …',
      '   40   901 ms     |       o    gives up',
    ]);
  });

  test('has any lanes in the order that it is given, with names of two words in two lines', () => {
    const rows = [
      { event: 1, atMs: 0, lane: 'server 1', to: 'disk', what: 'writes' },
      { event: 2, atMs: 1, lane: 'server 0', what: 'waits' },
    ];
    expect(formatTraceOn(rows, { lanes: ['client A', 'server 0', 'server 1', 'disk'] })).toEqual([
      '                server  server   disk',
      'event     time     0       1',
      '    1     0 ms     |       o------>|    writes',
      '    2     1 ms     o       |       |    waits',
    ]);
  });

  test('wraps words beside the lanes, or below them where no room is left there', () => {
    const rows = [{ event: 1, atMs: 0, lane: 'a', to: 'b', what: 'says a word or two, and then some more words after those' }];
    expect(formatTraceOn(rows, { lanes: ['a', 'b'], width: 64 })).toEqual([
      'event     time     a       b',
      '    1     0 ms     o------>|    says a word or two, and then',
      '                   |       |    some more words after those',
    ]);
    expect(formatTraceOn(rows, { lanes: ['a', 'b'], width: 40 })).toEqual([
      'event     time     a       b',
      '    1     0 ms     o------>|',
      '      says a word or two, and then some',
      '      more words after those',
    ]);
    for (let width = 20; width < 100; width++)
      for (const line of formatTraceOn(rows, { lanes: ['a', 'b'], width }).slice(2))
        expect(line.length).toBeLessThanOrEqual(Math.max(width, 31));
  });

  test('breaks a word only where it is longer than a line', () => {
    expect(wrap('', 5)).toEqual(['']);
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrap('abcdefgh ij', 3)).toEqual(['abc', 'def', 'gh', 'ij']);
    expect(wrap('ab', 0)).toEqual(['a', 'b']);
  });

  test('fits 120 columns with all five lanes and words of 60 characters', () => {
    const trace: TraceEvent[] = (['client', 'primary', 'link', 'backup', 'storage'] as const).map((lane, index) => ({
      event: 90 + index,
      atMs: 12_345,
      lane,
      what: 'x'.repeat(60),
    }));
    for (const line of formatTrace(trace)) expect(line.length).toBeLessThanOrEqual(120);
  });
});

describe('a failure as text', () => {
  test('has one part a line, and its trace among them', () => {
    const text = formatFailure({ ...failure, seed: 4017, trace: [{ event: 1, atMs: 0, lane: 'primary', what: 'goes live' }] });
    expect(text.split('\n')).toEqual([
      failure.rule,
      'Expected: one machine live',
      'Observed: two, at t=9 ms, event 4',
      'event     time  primary',
      '    1     0 ms     o    goes live',
      'What a client sees: Two machines answer one client.',
      'Likely cause: Both won the test-and-set.',
      'Read: lecture/failover/#test-and-set (seed 4017)',
      'Class: safety',
    ]);
  });

  test('says how to replay it where it can be', () => {
    const replay = 'labs/failover/?check=one-live&seed=4017';
    const lines = new CheckFailure({ ...failure, seed: 4017, replay }).message.split('\n');
    expect(lines.slice(-3)).toEqual(['Read: lecture/failover/#test-and-set (seed 4017)', `Replay: ${replay}`, 'Class: safety']);
    expect(formatFailure(failure)).not.toContain('Replay');
  });
});

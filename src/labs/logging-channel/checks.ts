/**
 * The checks of the logging channel lab. Each runs your two ends inside a simulated pair: two real machines, a real guest, a link
 * that cuts, delays and breaks. Seeds decide the schedules, 215 of them over all checks; one that breaks a rule is made short before it is shown.
 */
import { expect, test } from 'vitest';
import { brokenRule } from '../../../labs-runtime/checks/explain.ts';
import type { Explanation } from '../../../labs-runtime/checks/explain.ts';
import type { ChannelRule } from '../../../labs-runtime/sim/rules.ts';
import { search } from '../../../labs-runtime/sim/search.ts';
import type { Search } from '../../../labs-runtime/sim/search.ts';
import * as part from './starter/channel.ts';

/** The rules that this lab is about. */
type Judged = ChannelRule | 'state size' | 'progress';

const smallBuffer = { bufferEntriesMax: 3, entryBytesMax: 32, resendAfterMs: 50 };
const mediumBuffer = { ...smallBuffer, bufferEntriesMax: 16 };

test('entries come out in order, each as it went in', async () => {
  await nothingBreaks('in-order', ['order', 'content'], {
    firstSeed: 1000,
    seeds: 20,
    schedule: { length: 40, pieceBytesMin: 4000, pieceBytesMax: 4000 },
  });
});

test('frames survive any cut of the stream into pieces', async () => {
  const rules: Judged[] = ['order', 'content', 'once'];
  await nothingBreaks('framing', rules, { firstSeed: 2000, seeds: 2, channel: mediumBuffer, schedule: { pieceBytesMax: 1 } });
  await nothingBreaks('framing', rules, { firstSeed: 2100, seeds: 4, channel: mediumBuffer, schedule: { pieceBytesMax: 4 } });
  await nothingBreaks('framing', rules, { firstSeed: 2200, seeds: 16, schedule: { length: 40, pieceBytesMax: 50 } });
});

test('an entry is reported as acknowledged only once the backup has it', async () => {
  await nothingBreaks('acknowledgement', ['acknowledged'], { firstSeed: 3000, seeds: 16, schedule: { length: 45, breaks: true } });
  await nothingBreaks('acknowledgement', ['acknowledged'], {
    firstSeed: 3100,
    seeds: 16,
    channel: smallBuffer,
    schedule: { replayEntriesMax: 1 },
  });
});

test('what a broken link lost is sent again', async () => {
  await nothingBreaks('broken-link', ['progress'], { firstSeed: 4000, seeds: 20, schedule: { length: 45, breaks: true } });
  await nothingBreaks('broken-link', ['progress'], {
    firstSeed: 4100,
    seeds: 16,
    schedule: { length: 45, breaks: true },
    channel: smallBuffer,
  });
});

test('an entry that is sent twice is handed over once', async () => {
  await nothingBreaks('once', ['once'], { firstSeed: 5000, seeds: 16, schedule: { length: 45, breaks: true } });
});

test('late bytes of an old connection do no harm', async () => {
  await nothingBreaks('late-bytes', ['order', 'content', 'once'], {
    firstSeed: 6000,
    seeds: 24,
    schedule: { length: 45, breaks: true, lateBytes: true },
  });
});

test('the primary stalls when its buffer is full and resumes when there is room', async () => {
  await nothingBreaks('primary-buffer', ['primary bound'], { firstSeed: 7000, seeds: 16, channel: smallBuffer });
});

test('the backup takes no more than it has room for, and gets the rest later', async () => {
  await nothingBreaks('backup-buffer', ['backup bound'], {
    firstSeed: 8000,
    seeds: 12,
    channel: smallBuffer,
    schedule: { replayEntriesMax: 1 },
  });
  await nothingBreaks('backup-buffer', ['backup bound'], {
    firstSeed: 8100,
    seeds: 12,
    channel: smallBuffer,
    schedule: { replayEntriesMax: 0 },
  });
});

test('what is acknowledged or consumed is not kept', async () => {
  await nothingBreaks('forgets', ['state size'], {
    firstSeed: 9000,
    seeds: 1,
    channel: mediumBuffer,
    stateBytesMax: 6144,
    schedule: { length: 900 },
    minimizeRunsMax: 20,
  });
});

test('the backup’s machine reaches the states of the primary’s', async () => {
  const faults = { length: 45, breaks: true, lateBytes: true, interrupts: true, replayEntriesMax: 8 };
  await nothingBreaks('same-state', ['same state'], {
    firstSeed: 10_000,
    seeds: 12,
    guest: 'clockwork',
    judge: 'machines',
    schedule: faults,
  });
  await nothingBreaks('same-state', ['same state'], {
    firstSeed: 10_100,
    seeds: 12,
    guest: 'clockwork',
    judge: 'machines',
    schedule: { ...faults, crash: 'primary' },
  });
});

/** Searches schedules for one that breaks one of these rules, or stops the channel for good; fails with the shortest found. */
async function nothingBreaks(check: string, rules: Judged[], wanted: Partial<Search> & { firstSeed: number }): Promise<void> {
  const { counterexample, runs, entries } = await search({ parts: { channelPart: part }, rules, ...wanted });
  if (counterexample) throw brokenRule(counterexample, explanations[counterexample.rule as Judged], { lab: 'logging-channel', check });
  expect(entries, 'log entries over all runs').toBeGreaterThan(runs);
}

/** What each rule means, what a client outside would see if it were broken, and where to look first. */
const explanations: Record<Judged, Explanation> = {
  order: {
    rule: 'Order: the backup is handed entry n + 1 right after entry n.',
    class: 'safety',
    consequence: 'The backup skips an input. After a failover it answers clients from a history that never happened.',
    cause: 'Something reached the backup’s end before what goes ahead of it, and was not held back or refused.',
    link: 'lecture/logging-channel/#numbers',
  },
  once: {
    rule: 'Once: no entry is handed over twice.',
    class: 'safety',
    consequence: 'The backup sees one input two times. A client that sent one byte finds it counted twice after a failover.',
    cause: 'An entry was sent again, as it should be, and the backup’s end did not recognise it.',
    link: 'lecture/logging-channel/#numbers',
  },
  content: {
    rule: 'Content: what is handed over under a number is what was appended under it, byte for byte.',
    class: 'safety',
    consequence: 'The backup computes with damaged inputs. From there on its state has nothing to do with the primary’s.',
    cause: 'Bytes were taken for a frame that do not form one: look at where a frame begins, where it ends, and how a cut one is noticed.',
    link: 'lecture/logging-channel/#framing',
  },
  acknowledged: {
    rule: 'Acknowledgement: the primary reports an entry as acknowledged only when the backup has been handed it.',
    class: 'safety',
    consequence:
      'An output is released on the strength of it. If the primary dies now, the client holds a reply that no machine remembers.',
    cause: 'The acknowledgement says what was sent or received, not what was handed over.',
    link: 'lecture/logging-channel/#acknowledgements',
  },
  'primary bound': {
    rule: 'Bounded buffer, primary: at most bufferEntriesMax entries wait for an acknowledgement; a full buffer stalls the guest.',
    class: 'safety',
    consequence: 'Nothing yet; but the log grows without end, and a failover would take as long as the backup is behind.',
    cause: "'stall' is missing, or comes one entry late.",
    link: 'lecture/logging-channel/#bounded-buffers',
  },
  'backup bound': {
    rule: 'Bounded buffer, backup: at most bufferEntriesMax entries are handed over and not consumed.',
    class: 'safety',
    consequence: 'Nothing yet; but a backup that is slow for a while runs out of memory, and the pair has lost its backup.',
    cause: 'Entries are handed over whether or not there is room; the consumed input says when there is.',
    link: 'lecture/logging-channel/#bounded-buffers',
  },
  'state size': {
    rule: 'Bounded state: an end forgets entries that are acknowledged (primary) or handed over (backup).',
    class: 'safety',
    consequence: 'Nothing for hours; then one of the two machines runs out of memory.',
    cause: 'Something in the state only ever grows. Which array, string or object is it?',
    link: 'lecture/logging-channel/#bounded-buffers',
  },
  'same state': {
    rule: 'Same state: after the same entries the backup’s machine is in the state the primary’s was in.',
    class: 'safety',
    consequence: 'The two machines are different computers now. After a failover the client talks to one that it never talked to before.',
    cause: 'An entry was left out, handed over twice, out of order, or changed on the way.',
    link: 'lecture/logging-channel/#numbers',
  },
  progress: {
    rule: 'Progress: on a whole link, with time enough, every entry is handed over and acknowledged, and a stalled guest resumes.',
    class: 'liveness',
    consequence: 'Outputs are held for good: to its clients the machine looks dead, though nothing has failed.',
    cause: 'Something was lost or refused and nobody sends it again, or an end waits for bytes that will never come.',
    link: 'lecture/logging-channel/#resending',
  },
};

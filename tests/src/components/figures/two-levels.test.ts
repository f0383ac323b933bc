/** Requests at two levels: that the figure's numbers are those of a run, and those that the chapter quotes. */
import { expect, test } from 'vitest';
import { describeLevels, loadCounter, measureLevels, requestsOf, type Levels } from '../../../../src/components/figures/two-levels.ts';

async function measured(requests: readonly number[]): Promise<Levels[]> {
  return [...measureLevels(await loadCounter(), requests)];
}

/** What request number `number`, from 1, adds: instructions, log entries, encoded bytes. */
function requestOf(records: readonly Levels[], number: number): [instructions: number, entries: number, bytes: number] {
  const [before, after] = [records[number - 1]!.machine, records[number]!.machine];
  const entries = ({ entries }: Levels['machine']) => entries.console + entries.output;
  return [after.instructions - before.instructions, entries(after) - entries(before), after.bytes - before.bytes];
}

test('a text is cut to the ASCII characters that are allowed', () => {
  expect(requestsOf('aé€b\u{1f512}')).toEqual([0x61, 0x62]);
  expect(requestsOf('x'.repeat(40))).toHaveLength(32);
});

test('a request is one byte for the application, and for the machine as much as the chapter says', async () => {
  const records = await measured([...'lockstep'.repeat(13)].map((letter) => letter.charCodeAt(0)));
  for (let number = 1; number <= 9; number++) {
    const [instructions, entries, bytes] = requestOf(records, number);
    expect(Math.abs(instructions - 170)).toBeLessThan(5);
    expect(entries).toBe(8);
    expect(Math.abs(bytes - 32)).toBeLessThanOrEqual(1);
  }
  const [instructions, entries, bytes] = requestOf(records, 100);
  expect(Math.abs(instructions - 210)).toBeLessThan(5);
  expect(entries).toBe(10);
  expect(Math.abs(bytes - 60)).toBeLessThanOrEqual(1);
});

test('each byte of a reply has an entry, and each request one more', async () => {
  for (const { requests, replies, application, machine } of await measured(requestsOf('any system, unchanged'))) {
    expect(machine.entries).toEqual({ console: requests, output: replies.length });
    expect(application).toMatchObject({ entries: requests, bytes: requests });
    expect(replies.split('\n')).toHaveLength(requests + 1);
  }
});

test('a replica with six bytes of state gives the answers of the machine with 64 KiB', async () => {
  const { replies, application, machine } = (await measured(requestsOf('all of the text, up to 32 bytes.'))).at(-1)!;
  expect(application.replies).toBe(replies);
  expect(application.stateBytes).toBe(6);
  expect(machine.stateBytes).toBe(65536 + 132);
  expect(machine.pages).toBe(16);
  expect(machine.pagesWritten).toBeGreaterThan(0);
  expect(machine.pagesWritten).toBeLessThan(4);
});

test('before the first request nothing has happened', async () => {
  const { machine, replies } = (await measured([])).at(-1)!;
  expect(machine).toMatchObject({ entries: { console: 0, output: 0 }, bytes: 0, instructions: 0, pagesWritten: 0 });
  expect(replies).toBe('');
});

test('what was measured is said in words', async () => {
  const said = async (text: string) => describeLevels((await measured(requestsOf(text))).at(-1)!);
  expect(await said('lockstep')).toBe(
    '8 requests: 8 bytes to agree on for the application, 255 bytes for the machine. The machine’s log is 32 times as long. A replica with the 6 bytes alone gives the same answers.',
  );
  expect(await said('a')).toMatch(/^One request: 1 byte to agree on for the application, 31 bytes for the machine\./);
  expect(await said('')).toBe('No request was sent: type a letter.');
  const last = (await measured(requestsOf('ab'))).at(-1)!;
  expect(describeLevels({ ...last, replies: 'other' })).toMatch(/gives other answers\.$/);
});

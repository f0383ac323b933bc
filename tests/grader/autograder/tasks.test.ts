/** The command line of the two commands for platforms that grade by themselves. */
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../../grader/arguments.ts';

const labIds = ['logging-channel', 'output-rule'];
const read = (line: string) => parseCommandLine(line.split(' '), labIds);

describe('gradescope and classroom', () => {
  test.each(['gradescope', 'classroom'])('%s takes a lab, where to write, and what is the instructor’s own', (kind) => {
    expect(read(`${kind} --lab output-rule`)).toEqual({
      kind,
      labId: 'output-rule',
      out: undefined,
      hidden: undefined,
      secretFile: undefined,
    });
    expect(read(`${kind} --lab all --out a --hidden b --secret-file c`)).toEqual({
      kind,
      labId: 'all',
      out: 'a',
      hidden: 'b',
      secretFile: 'c',
    });
  });

  test.each([
    ['gradescope', '', 'Which lab? Add --lab and one of: logging-channel, output-rule, or all.'],
    [
      'classroom',
      'gate.ts --lab output-rule',
      '`lockstep classroom` takes options only, e.g. `npx lockstep classroom --lab logging-channel`.',
    ],
    ['gradescope', '--lab output-rule --out=', '--out needs a value after it.'],
    ['gradescope', '--lab output-rule --jobs 2', '`lockstep gradescope` has no option --jobs.'],
  ])('%s %s is refused with what to type', (command, rest, message) => {
    const help = `Run \`npx lockstep help ${command}\` for what it takes.`;
    expect(read(`${command} ${rest}`.trim())).toEqual({ kind: 'wrong', message: `${message}\n${help}` });
  });

  test('a command that is none is refused with the one that is near', () => {
    const message = 'There is no command "gradescop". Did you mean "gradescope"?\nRun `npx lockstep help` for what there is.';
    expect(read('gradescop --lab output-rule')).toEqual({ kind: 'wrong', message });
  });
});

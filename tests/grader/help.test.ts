/** What the command says about itself, and about one of its commands. */
import { expect, test } from 'vitest';
import { HELP, helpOf } from '../../grader/help.ts';

const commands = [...HELP.matchAll(/^ {2}npx lockstep ([a-z]+)/gm)].map(([, command]) => command!);

test('one command’s is a part of all there is, and says how that is typed', () => {
  const others = commands.filter((command) => !['labs', 'help'].includes(command));
  expect(others).toHaveLength(9);
  for (const command of others) {
    const own = helpOf(command);
    expect(own).toMatch(new RegExp(`^  npx lockstep ${command}\\b`, 'm'));
    expect(own.length).toBeLessThan(HELP.length / 2);
    for (const line of own.split('\n').slice(0, -2)) expect(HELP).toContain(line);
  }
});

test('of commands that have no options, and of none, it is all', () => {
  for (const command of ['labs', 'help', 'nothing', undefined]) expect(helpOf(command)).toBe(HELP);
});

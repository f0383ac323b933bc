import { describe, expect, test } from 'vitest';
import { gradeWithChecks } from '../../../grader/grading/grade-submission.ts';
import { CALL_STEPS_MAX } from '../../../labs-runtime/checks/meter.ts';
import { echo, echoChecks, echoSolution, gradeInBoth } from '../hosts.ts';

/** A part whose `step` begins with these lines; the rest is right. */
function withStep(lines: string): string {
  return echoSolution.replace('  state.count += 1;', `${lines}\n  state.count += 1;`);
}

/** The line of the fixture on which what `withStep` inserts begins. */
const firstLine = echoSolution.split('\n').findIndex((line) => line.includes('state.count += 1;')) + 1;

describe('a right part', () => {
  test('gets all points, and the same report from both hosts', async () => {
    const { report } = await gradeInBoth(echoSolution);
    expect(report).toMatchObject({ verdict: 'pass', points: 6, pointsMax: 6, lab: 'echo' });
    expect(report.checks.map(({ verdict }) => verdict)).toEqual(['pass', 'pass', 'pass']);
    expect(report.checks.map(({ steps }) => steps)).toEqual([expect.any(Number), expect.any(Number), expect.any(Number)]);
    expect(report.checks.every(({ steps }) => steps > 0)).toBe(true);
  });

  test('may keep tables outside of its functions, for they are the same in every copy', async () => {
    const table = 'const table: number[] = [];\nfunction lookUp(n: number): number { table[n] ??= n; return table[n]!; }\n';
    const source = table + echoSolution.replace('count: state.count }', 'count: lookUp(state.count) }');
    expect((await gradeInBoth(source)).report.points).toBe(6);
  });
});

describe('a wrong part', () => {
  test('fails by the words of a plain expectation', async () => {
    const { report } = await gradeInBoth(echoSolution.replace('text: input.text', "text: 'no'"));
    expect(report.checks[0]).toMatchObject({
      verdict: 'fail',
      points: 0,
      failure: { class: 'safety', observed: expect.stringContaining('deeply equal') },
    });
  });

  test('fails with all seven parts and the trace of a failure that says them', async () => {
    const { report } = await gradeInBoth(echoSolution.replace('count: state.count', 'count: Math.min(state.count, 3)'));
    const [, counts] = report.checks;
    expect(counts).toMatchObject({ verdict: 'fail', failure: { expected: 'a count of 4', observed: '3', seed: 7 } });
    expect(counts?.message).toBe(
      [
        'Count: the echo says how often it was told something.',
        'Expected: a count of 4',
        'Observed: 3',
        'event     time  primary  link   backup',
        '    4    40 ms     o------>|       |    says 4',
        '    5    45 ms     |       |       o    hears it',
        'What a client sees: Who listens counts wrong.',
        'Likely cause: The count is not kept.',
        'Read: lecture/echo/#count (seed 7)',
        'Class: safety',
      ].join('\n'),
    );
    expect(report.checks[0]?.verdict).toBe('pass');
  });

  test('that crashes is told the class of the error in the report, and the engine’s words beside it', async () => {
    const { report, details, text } = await gradeInBoth(withStep('  (input as any).missing.property = 1;'));
    expect(report.checks[0]).toMatchObject({
      verdict: 'error',
      failure: { class: 'crash', observed: 'It threw a TypeError' },
      position: { file: 'echo.ts', line: firstLine },
    });
    expect(text).not.toContain('missing');
    expect(details[0]).toContain("reading 'property'".replace('reading', 'setting'));
  });

  test('that throws no Error is told so', async () => {
    const { report } = await gradeInBoth(withStep("  throw { message: 'not me' };"));
    expect(report.checks[0]?.failure?.observed).toBe('It threw a value that is not an Error');
  });

  test('that crashes when its file is evaluated fails its checks there', async () => {
    const { report } = await gradeInBoth(`const nothing: any = undefined;\nnothing.at.all;\n${echoSolution}`);
    expect(report.checks[0]).toMatchObject({ verdict: 'error', position: { file: 'echo.ts', line: 2 } });
  });

  test('that loops ends by the step budget on the line it looped on, at the same count in both hosts', async () => {
    const { report } = await gradeInBoth(withStep('  while (true) {\n    state.count += 0;\n  }'));
    for (const check of report.checks) {
      expect(check).toMatchObject({ verdict: 'step budget', points: 0, steps: echo.limits.stepsMax, failure: { class: 'step budget' } });
      expect([firstLine, firstLine + 1]).toContain(check.position?.line);
    }
  });

  test('that loops where the budget is larger than a call’s share ends by that', async () => {
    const lab = { ...echo, limits: { ...echo.limits, stepsMax: 10 * CALL_STEPS_MAX } };
    const { report } = await gradeInBoth(withStep('  while (true);'), lab);
    expect(report.checks[0]?.verdict).toBe('step budget');
    expect(report.checks[0]?.failure?.observed).toContain(`${CALL_STEPS_MAX} steps in one call`);
  });
});

describe('a budget', () => {
  test('is fresh for each check', async () => {
    const { report } = await gradeInBoth(withStep("  if (input.text === 'one') while (true);"));
    expect(report.checks.map(({ verdict }) => verdict)).toEqual(['step budget', 'pass', 'pass']);
  });
});

describe('plain data', () => {
  test.each([
    ['a function among effects', "return [{ kind: 'say', text: input.text, count: () => 1 }] as any;", 'effects[0].count is a function'],
    [
      'a getter among effects',
      "return [{ kind: 'say', text: input.text, get count() { return 1; } }] as any;",
      'effects[0].count is a getter',
    ],
    ['a class instance among effects', 'class Say { kind = "say"; }\nreturn [new Say()] as any;', 'effects[0] is an instance of a class'],
    ['a Map in the state', '(state as any).seen = new Map();', 'state.seen is a Map'],
    ['a Set deep in the state', '(state as any).seen = { all: [1, new Set()] };', 'state.seen.all[1] is a Set'],
    ['a symbol in the state', '(state as any).mark = Symbol("x");', 'state.mark is a symbol'],
    ['a name that is a symbol', '(state as any)[Symbol.iterator] = 1;', 'state has a property whose name is a symbol'],
    ['a state that contains itself', '(state as any).me = state;', 'state.me contains itself'],
    ['a state that holds too much', '(state as any).all = new Array(2000).fill(0);', 'state holds more than 1000 values'],
    ['an array with holes', '(state as any).all = [1, , 3];', 'state.all is an array with holes'],
    ['effects that are none', 'return undefined as any;', 'step() returned undefined'],
    ['effects that are one object', "return { kind: 'say' } as any;", 'step() returned an object that is no array'],
  ])('is asked for: %s', async (_, lines, words) => {
    const { report } = await gradeInBoth(withStep(`  ${lines}`));
    expect(report.checks[0]).toMatchObject({ verdict: 'error', points: 0, failure: { class: 'malformed' } });
    expect(report.checks[0]?.failure?.observed).toContain(words);
  });

  test('may be of every kind there is', async () => {
    const kinds =
      '(state as any).kinds = { n: -0, e: 1e300, nan: NaN, s: "\\ud800 ü", b: true, u: undefined, z: null, big: -5n, bytes: Uint8Array.of(1), list: [[], {}] };';
    const { report } = await gradeInBoth(withStep(`  ${kinds}`));
    expect(report.checks.slice(0, 2).map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
  });

  test('is a copy: what a part keeps of an input or an effect changes nothing', async () => {
    const keeps = echoSolution.replace(
      "return [{ kind: 'say', text: input.text, count: state.count }];",
      "const effect = { kind: 'say', text: input.text, count: state.count };\n  input.bytes.fill(9);\n  kept.push(effect);\n  for (const old of kept) old.text = old === effect ? old.text : 'changed';\n  return [effect];",
    );
    expect((await gradeInBoth(`const kept: any[] = [];\n${keeps}`)).report.points).toBe(6);
  });
});

describe('what a part remembers outside of its state', () => {
  test('is found, as hidden state', async () => {
    const source = `let count = 0;\n${echoSolution.replace('state.count += 1;', 'count += 1;\n  state.count = count;')}`;
    const { report } = await gradeInBoth(source);
    expect(report.checks[1]).toMatchObject({ verdict: 'error', failure: { class: 'hidden state' } });
  });
});

describe('a file that cannot be run', () => {
  test.each([
    ['a syntax error', 'export function start() {\n  return {;\n}', /found ";"/, { file: 'echo.ts', line: 2, column: 11 }],
    ['an empty file', ' \n', /echo\.ts is empty/, { file: 'echo.ts', line: 1, column: 1 }],
    ['no step', 'export function start() { return {}; }', /does not export step/, undefined],
    ['a default export', 'export default { start() {}, step() {} };', /does not export start/, undefined],
    [
      'an import of something else',
      `import { x } from 'node:fs';\nvoid x;\n${echoSolution}`,
      /'node:fs' cannot be imported/,
      { file: 'echo.ts', line: 1 },
    ],
    [
      'an import of a file that is not there',
      `import { x } from './other.ts';\nvoid x;\n${echoSolution}`,
      /'\.\/other\.ts' cannot be imported/,
      { file: 'echo.ts', line: 1 },
    ],
    [
      'an import of the reference',
      `import { x } from '../../../labs-runtime/ft/channel.ts';\nvoid x;\n${echoSolution}`,
      /cannot be imported/,
      { file: 'echo.ts', line: 1 },
    ],
    [
      'a value from the types',
      `import { Rules } from 'lockstep/echo';\nexport const start = () => Rules;\nexport const step = () => [];`,
      /has types only/,
      { file: 'echo.ts', line: 1 },
    ],
    ['a dynamic import', withStep("  import('./echo.ts');"), /import while it runs/, { file: 'echo.ts', line: firstLine }],
    ['a regular expression', withStep('  /(a+)+$/.test(input.text);'), /regular expressions/, { file: 'echo.ts', line: firstLine }],
    ['a file of too many bytes', `${echoSolution}// ${'ü'.repeat(6000)}`, /10000 are allowed/, undefined],
  ])('is reported as a problem: %s', async (_, source, message, position) => {
    const { report } = await gradeInBoth(source);
    expect(report).toMatchObject({ verdict: 'fail', points: 0, pointsMax: 6 });
    expect(report.problem?.message).toMatch(message);
    if (position === undefined) expect(report.problem?.position).toBeUndefined();
    else expect(report.problem?.position).toMatchObject(position);
    expect(report.checks.map(({ verdict, points }) => [verdict, points])).toEqual(echo.checks.map(() => ['error', 0]));
  });

  test('is not one that starts as a part of two files', async () => {
    const files = {
      'echo.ts': `import { say } from './say.js';\nimport type { Input } from 'lockstep/echo';\n${echoSolution.replace("{ kind: 'say', text: input.text, count: state.count }", 'say(input.text, state.count)')}`,
      'say.ts': 'export const say = (text: string, count: number) => ({ kind: "say", text, count });',
    };
    expect((await gradeWithChecks(echo, echoChecks, files)).report.points).toBe(6);
  });

  test('is told when a file of the lab is missing', async () => {
    const { report } = await gradeWithChecks(echo, echoChecks, { 'other.ts': echoSolution });
    expect(report.problem?.message).toContain('echo.ts is missing');
  });
});

describe('checks that are at fault', () => {
  test.each([
    ['a test that the list of checks has not', `${echoChecks}\ntest('more', () => {});`, /has not: more/],
    ['two tests of one title', `${echoChecks}\ntest('counts what it was told', () => {});`, /more than one test/],
    [
      'a missing test',
      echoChecks.replace("test('counts what it was told'", "void ('counts what it was told'"),
      /no test of the title|could not be loaded/,
    ],
    ['a skipped test', echoChecks.replace("test('counts", "test.skip('counts"), /was not run \(skip\)/],
    [
      'a todo',
      echoChecks.replace("test('counts what it was told', async", "test.todo('counts what it was told'); void (async"),
      /was not run \(todo\)/,
    ],
    ['an error of their own', echoChecks.replace('await undefined;', 'null!.x;'), /failed by itself/],
    [
      'an import that the runtime does not hold',
      `import { x } from '../../../labs-runtime/sim/nothing.ts';\n${echoChecks}\nx();`,
      /registry\.ts does not list/,
    ],
  ])('are nobody’s failure but ours: %s', async (_, checks, message) => {
    await expect(gradeWithChecks(echo, checks, { 'echo.ts': echoSolution })).rejects.toThrow(message);
  });
});

describe('many at once', () => {
  test('do not mix', async () => {
    const wrong = echoSolution.replace('text: input.text', "text: 'no'");
    const sources = [echoSolution, wrong, echoSolution, wrong, echoSolution, wrong];
    const points = await Promise.all(
      sources.map(async (source) => (await gradeWithChecks(echo, echoChecks, { 'echo.ts': source })).report.points),
    );
    expect(points).toEqual([6, 4, 6, 4, 6, 4]);
  });
});

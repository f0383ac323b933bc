import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { SHARED_TOKENS_MIN } from '../../../grader/similarity/fingerprints.ts';
import { similarityOf, type ToCompare } from '../../../grader/similarity/similarity.ts';
import { tokensOf } from '../../../grader/similarity/tokens.ts';
import { labMatrix } from '../../src/labs/lab-matrix.ts';
import { hostileText } from '../formats/class-arbitrary.ts';

const channel = labMatrix.find(({ lab }) => lab.id === 'logging-channel')!;
const starter = { [channel.file]: channel.starter };
const solution = channel.solutionSource('checksum');
const handedIn = (name: string, source: string): ToCompare => ({ name, files: { [channel.file]: source } });

/** The same program as somebody who copied would hand it in: other names, other order, comments, types and formatting. */
function disguised(source: string): string {
  const file = ts.createSourceFile('copy.ts', source, ts.ScriptTarget.Latest);
  const statements = file.statements.filter((statement) => !ts.isInterfaceDeclaration(statement));
  const texts = statements.map((statement) => statement.getFullText(file)).reverse();
  return texts
    .join('\n// My own work.\n')
    .replace(/\b(state|effects|frame|entry|inbox|unacknowledged|next)\b/g, (name) => `my_${name}`)
    .replaceAll(';\n', '\n')
    .replace(/^ +/gm, (indent) => indent + indent)
    .replaceAll("'", '"');
}

/** Programs made of statements that differ in kind, so that they have fingerprints of their own. */
const STATEMENTS = [
  'a(b);',
  'c = d + 1;',
  'if (e) f();',
  'while (g < 2) g++;',
  'const h = [i, -j];',
  'return k.l;',
  'throw new M(n);',
  'o = !p;',
];
const program = fc
  .array(fc.constantFrom(...STATEMENTS), { minLength: SHARED_TOKENS_MIN, maxLength: 60 })
  .map((statements) => `function all() {\n${statements.join('\n')}\n}`);
const classOf = fc
  .uniqueArray(fc.record({ name: hostileText, source: program }), { selector: ({ name }) => name, minLength: 2, maxLength: 6 })
  .map((all) => all.map(({ name, source }) => handedIn(name, source)));

describe('a copy', () => {
  const others = channel.solutions.slice(1).map((name) => handedIn(name, channel.solutionSource(name)));

  test('is found at the top, whatever it is called and however it is written', () => {
    const { pairs } = similarityOf([...others, handedIn('zoe', solution), handedIn('adam', disguised(solution))], starter);
    expect(pairs.map(({ left, right }) => [left, right])).toEqual([['adam', 'zoe']]);
    expect(pairs[0]!.similarity).toBeGreaterThan(0.85);
  });

  test('of one function is found in an otherwise different part, with the lines on both sides', () => {
    const receive = solution.slice(
      solution.indexOf('function receive('),
      solution.indexOf('\n}\n', solution.indexOf('function receive(')) + 3,
    );
    const host = channel.solutionSource('text-lines');
    const pairs = similarityOf([handedIn('whole', solution), handedIn('part', `${host}\n${receive}`)], starter, { similarityMin: 0 }).pairs;
    const longest = pairs[0]!.regions.toSorted((one, other) => other.tokens - one.tokens)[0]!;
    const first = host.split('\n').length + 1;
    expect(longest.tokens).toBe(pairs[0]!.longest);
    expect(longest.left.fromLine).toBe(first);
    expect(solution.split('\n')[longest.right.fromLine - 1]).toContain('function receive(');
    expect(longest.left.toLine - longest.left.fromLine).toBe(longest.right.toLine - longest.right.fromLine);
  });

  test.each(labMatrix.map((each) => [each.lab.id, each] as const))('%s: solutions written apart are not taken for one', (_, lab) => {
    const solutions = lab.solutions.map((name) => ({ name, files: { [lab.file]: lab.solutionSource(name) } }));
    const { pairs } = similarityOf(solutions, { [lab.file]: lab.starter }, { similarityMin: 0 });
    expect(Math.max(0, ...pairs.map(({ similarity }) => similarity))).toBeLessThan(0.1);
  });

  test.each(labMatrix.map((each) => [each.lab.id, each] as const))(
    '%s: two starters are no pair, with some lines added or without',
    (_, lab) => {
      const both = [
        { name: 'a', files: { [lab.file]: lab.starter } },
        { name: 'b', files: { [lab.file]: `const own = 1;\n${lab.starter}` } },
      ];
      expect(similarityOf(both, { [lab.file]: lab.starter }, { similarityMin: 0 }).pairs).toEqual([]);
      expect(similarityOf(both, {}).pairs).toHaveLength(1);
    },
  );
});

describe('for all classes', () => {
  test('the order in which submissions are given changes nothing', () => {
    fc.assert(
      fc.property(
        classOf.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          expect(similarityOf(shuffled, {}, { similarityMin: 0 })).toEqual(similarityOf(all, {}, { similarityMin: 0 }));
        },
      ),
    );
  });

  test('who is called left and who right changes nothing about how much two are alike', () => {
    fc.assert(
      fc.property(program, program, (one, other) => {
        const between = (a: string, b: string) =>
          similarityOf([handedIn('a', a), handedIn('b', b)], starter, { similarityMin: 0 }).pairs.map(({ similarity }) => similarity);
        expect(between(one, other)).toEqual(between(other, one));
      }),
    );
  });

  test('a copy as it stands is alike by 1, in one region over all of it, and nothing is by more', () => {
    fc.assert(
      fc.property(classOf, hostileText, (all, name) => {
        fc.pre(all.every((each) => each.name !== name));
        const original = all[0]!;
        const { pairs } = similarityOf([...all, { ...original, name }], {}, { similarityMin: 0 });
        for (const { similarity } of pairs) expect(similarity).toBeLessThanOrEqual(1);
        const copy = pairs.find(({ left, right }) => [left, right].sort().join() === [original.name, name].sort().join())!;
        expect(copy.similarity).toBe(1);
        expect(copy.regions.map(({ tokens }) => tokens)).toEqual([tokensOf(original.files[channel.file]!)!.kinds.length]);
      }),
    );
  });

  test('regions lie in the files, and none on the left begins before another ends', () => {
    fc.assert(
      fc.property(classOf, (all) => {
        for (const { left, regions } of similarityOf(all, {}, { similarityMin: 0 }).pairs) {
          const lines = all.find(({ name }) => name === left)!.files[channel.file]!.split('\n').length;
          let before = 1;
          for (const region of regions) {
            expect(region.left.fromLine).toBeGreaterThanOrEqual(before);
            expect(region.left.toLine).toBeGreaterThanOrEqual(region.left.fromLine);
            expect(region.left.toLine).toBeLessThanOrEqual(lines);
            before = region.left.toLine;
          }
        }
      }),
    );
  });

  test('any text can be compared', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(hostileText, fc.string({ unit: 'binary', maxLength: 60 })), { maxLength: 5 }), (sources) => {
        const all = sources.map((source, index) => handedIn(`${index}`, source));
        expect(similarityOf(all, starter).submissions).toBe(sources.length);
      }),
    );
  });
});

describe('what is too much', () => {
  test('a file that nests too deep to be read is named, and the others are compared', () => {
    const all = [handedIn('deep', '('.repeat(100_000)), handedIn('a', solution), handedIn('b', solution)];
    const { unread, pairs } = similarityOf(all, starter);
    expect(unread).toEqual(['deep']);
    expect(pairs).toHaveLength(1);
  });

  test('a long table of numbers is no resemblance', () => {
    const table = (name: string, own: string) => handedIn(name, `const table = [${'0x1f, '.repeat(2000)}];\n${own}`);
    const { pairs } = similarityOf([table('a', solution), table('b', channel.solutionSource('text-lines'))], starter, { similarityMin: 0 });
    expect(pairs[0]!.similarity).toBeLessThan(0.15);
  });

  test('of many pairs the most alike are named, and how many there are besides', () => {
    const all = Array.from({ length: 6 }, (_, index) => handedIn(`${index}`, index === 5 ? disguised(solution) : solution));
    const { pairs, pairsLeftOut } = similarityOf(all, starter, { pairsMax: 4 });
    expect(pairs.map(({ left, right, similarity }) => `${left}${right} ${similarity}`)).toEqual(['01 1', '02 1', '03 1', '04 1']);
    expect(pairsLeftOut).toBe(11);
  });
});

/** The mutants of every lab as data; that the checks catch them is shown by tests/parity.test.ts, in both hosts. */
import { describe, expect, test } from 'vitest';
import { labMatrix } from './lab-matrix.ts';

describe.each(labMatrix)('the mutants of $lab.id', ({ lab, solutions, mutants, solutionSource, mutantSource }) => {
  test('differ from their solution where they say, and from each other', () => {
    const texts = mutants.map((mutant) => mutantSource(mutant));
    expect(new Set([...texts, ...solutions.map(solutionSource)]).size).toBe(mutants.length + solutions.length);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  test('name every check of the lab at least once', () => {
    expect([...new Set(mutants.map((mutant) => mutant.fails))].sort()).toEqual(lab.checks.map((check) => check.id).sort());
  });

  test('are of several solutions, which differ', () => {
    expect(new Set(mutants.map((mutant) => mutant.of)).size).toBeGreaterThan(1);
    expect(mutants.filter((mutant) => !solutions.includes(mutant.of))).toEqual([]);
  });
});

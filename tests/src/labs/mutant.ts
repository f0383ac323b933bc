/**
 * Mutants of a lab's reference solutions: each wrong in one way in which a student would be, and named for the check that must catch it. A mutant is
 * a solution with some text replaced, so that it differs from a correct part in nothing else. Each lab's `mutants.ts` is a list of them.
 */
import { readFileSync } from 'node:fs';

export interface Mutant<Solution extends string = string> {
  name: string;
  /** Id of the check that must fail. */
  fails: string;
  /** The verdict wanted there; `fail` unless the part cannot go on. */
  verdict?: 'fail' | 'error' | 'step budget';
  of: Solution;
  replace: [from: string, to: string][];
}

/** What reads the texts of a lab's solutions and mutants. */
export interface Sources<Solution extends string> {
  /** The text of a reference solution. */
  solutionSource(name: Solution): string;
  /** The text of a mutant. Throws when a replacement does not apply, so that a mutant can never silently be the correct solution. */
  mutantSource(mutant: Mutant<Solution>): string;
}

/** The texts of a lab's solutions, which stand in `solutions/` beside its mutants. */
export function sourcesOf<Solution extends string>(labId: string): Sources<Solution> {
  const solutionSource = (name: Solution) => readFileSync(new URL(`./${labId}/solutions/${name}.ts`, import.meta.url), 'utf8');
  const mutantSource = ({ name, of, replace }: Mutant<Solution>) =>
    replace.reduce((source, [from, to]) => {
      if (source.split(from).length !== 2) throw new Error(`mutant '${name}': its text must occur once in ${of}.ts: ${from}`);
      return source.replace(from, () => to);
    }, solutionSource(of));
  return { solutionSource, mutantSource };
}

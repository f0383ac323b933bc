/** Classes to measure the grader with: right solutions of a lab, each another text. */
import { gradeClass, type Backend, type LabToGrade, type ToGrade } from '../grader/grading/grade-class.ts';
import { loadRuntime } from '../grader/grading/runtime.ts';
import { readChecks } from '../grader/labs.ts';
import { labMatrix } from '../tests/src/labs/lab-matrix.ts';
import { timeMs } from './figure.ts';

export const LAB = 'logging-channel';

const { lab, solutions, solutionSource, file } = labMatrix.find((each) => each.lab.id === LAB)!;

/** Solution number `index`: the solutions by turns, each with a comment of its own. */
export function sourceOf(index: number): string {
  return `${solutionSource(solutions[index % solutions.length]!)}\n// ${index}\n`;
}

/** Each is another text: what two hand in alike is graded once by a queue. */
export function classOf(count: number): ToGrade[] {
  return Array.from({ length: count }, (_, index) => ({ name: `student-${index}`, read: async () => ({ [file]: sourceOf(index) }) }));
}

export async function labToGrade(): Promise<LabToGrade> {
  return { lab, checksSource: await readChecks(lab) };
}

/** Seconds that a backend takes for a class. @throws where one is not graded */
export async function secondsFor(
  backend: Backend,
  submissions: ToGrade[],
  options: { fresh?: boolean; onKept?: (bytes: number) => void } = {},
): Promise<number> {
  const { fresh = false, onKept = () => {} } = options;
  const { hash: runtimeHash } = await loadRuntime();
  const keeper = {
    find: () => undefined,
    keep: (name: string, _: string, { outcome }: { outcome: { kind: string } }) => {
      if (outcome.kind !== 'graded') throw new Error(`${name} was not graded: ${JSON.stringify(outcome)}`);
      onKept(Buffer.byteLength(JSON.stringify(outcome)));
    },
  };
  const labs = [await labToGrade()];
  return (await timeMs(() => gradeClass({ labs, submissions, backend, keeper, runtimeHash, fresh }))) / 1000;
}

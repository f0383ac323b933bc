/**
 * What a report says about a part that could not go on: the rule of the house that it broke, and where to look.
 * Walk two, step 4. The words are ours; only the explanation was made at the place of the failure.
 */
import type { PartFailure, PartFailureKind } from '../ft/part.ts';
import type { Lab } from './lab.ts';
import { CALL_STEPS_MAX } from './meter.ts';
import type { Failure, FailureClass, Verdict } from './report.ts';

interface KindText {
  class: FailureClass;
  rule: string;
  expected: (lab: Lab) => string;
  consequence: string;
  cause: string;
}

const deadMachine = 'The machine it belongs to stops in the middle of its work, and its peer has to go on alone.';

const kinds: Record<PartFailureKind, KindText> = {
  crash: {
    class: 'crash',
    rule: 'A part answers every input: it throws nothing.',
    expected: () => 'an array of effects',
    consequence: deadMachine,
    cause: 'A value that is not there at this point of the run: look at the line of the last step, and at what it reads.',
  },
  'step budget': {
    class: 'step budget',
    rule: 'A part answers every input in a bounded number of steps.',
    expected: ({ limits }) =>
      `an answer, with at most ${CALL_STEPS_MAX} steps in one call, ${limits.stepsMax} in the whole check, and calls nested ${limits.depthMax} deep`,
    consequence: 'The machine is busy for good. Its peer takes the silence for death.',
    cause: 'A loop whose end is never reached, a recursion without an end, or work that grows with the length of the run.',
  },
  refused: {
    class: 'refused',
    rule: 'A part uses what the lab hands it, and memory within bounds.',
    expected: () => 'only what a part may use',
    consequence: deadMachine,
    cause: 'Something that a part may not use, or that grows without bound: the line of the last step says which.',
  },
  malformed: {
    class: 'malformed',
    rule: 'A part returns plain data of the lab’s types.',
    expected: () => 'state and effects as the types of the lab describe them',
    consequence: deadMachine,
    cause: 'The line of the last step is near the `return` that made it; the editor shows where a type does not fit.',
  },
  'hidden state': {
    class: 'hidden state',
    rule: 'A part keeps everything it remembers in its state.',
    expected: () => 'the same answer to the same state and input, in every copy of the file',
    consequence: 'A copy of this machine, or a replay of it, would go another way than the original.',
    cause: 'A variable outside of the functions that one step writes and a later one reads.',
  },
  'forged transcript': {
    class: 'refused',
    rule: 'A part answers the checks, and touches nothing else.',
    expected: () => 'a record of exactly the calls that the checks made',
    consequence: 'Nothing can be said about this part.',
    cause: 'The process it ran in was tampered with.',
  },
};

/** A part's failure as a report tells it. */
export function failureOfPart(partFailure: PartFailure, lab: Lab): Failure {
  const { expected, ...text } = kinds[partFailure.kind];
  return { ...text, expected: expected(lab), observed: partFailure.explanation, link: `labs/${lab.id}/`, trace: [] };
}

/** The verdict that goes with a part's failure. */
export function verdictOfPart(partFailure: PartFailure): Verdict {
  return partFailure.kind === 'step budget' ? 'step budget' : 'error';
}

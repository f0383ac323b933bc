/** The output rule lab as data. Its rules are stated in `statement.mdx` and enforced by `checks.ts`. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';

export const lab: Lab = {
  id: 'output-rule',
  number: 2,
  title: 'The output rule',
  summary: 'Hold what the guest says to the world until the backup knows of it, and never stop the guest.',
  section: '2.2',
  files: ['gate.ts'],
  checks: [
    { id: 'network-held', title: 'a frame waits until the log up to it is acknowledged', points: 10, class: 'safety' },
    { id: 'console-held', title: 'a console byte waits as a frame does', points: 10, class: 'safety' },
    { id: 'own-entry', title: 'an output waits for its own entry, not for the one before', points: 10, class: 'safety' },
    { id: 'never-stops', title: 'the guest runs on while its outputs wait', points: 10, class: 'safety' },
    { id: 'inside-passes', title: 'what nobody outside can see passes at once', points: 10, class: 'liveness' },
    { id: 'order', title: 'outputs leave in the order in which they were made, on all devices together', points: 10, class: 'safety' },
    { id: 'once', title: 'no output leaves twice, whatever is acknowledged again', points: 10, class: 'safety' },
    { id: 'prompt', title: 'an acknowledgement lets out at once all that it covers', points: 10, class: 'liveness' },
    { id: 'alone', title: 'without a backup what was held leaves, and nothing is held any more', points: 5, class: 'liveness' },
    { id: 'crash', title: 'no client sees the past change when the primary dies', points: 10, class: 'safety' },
    { id: 'forgets', title: 'what has left is not kept', points: 5, class: 'safety' },
  ],
  limits: { stepsMax: 40_000_000, depthMax: 1000, valuesMax: 50_000, sourceBytesMax: 200_000 },
};

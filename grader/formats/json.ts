/** `results.json`: everything that is known, in canonical JSON, for programs. The reports in it are the verdicts themselves. */
import { totalOf } from '../results/results.ts';
import type { Format } from './format.ts';
import { jsonText } from './json-text.ts';

/** Goes up when a property changes its meaning or goes away. */
export const RESULTS_SCHEMA = 1;

/** `ClassResults` as it is, with its `schema`, and with the `total` of each submission that has one. */
export const json: Format = (results) => {
  const submissions = results.submissions.map((submission) => ({ ...submission, total: totalOf(submission) }));
  return [{ path: 'results.json', content: jsonText({ schema: RESULTS_SCHEMA, ...results, submissions }) }];
};

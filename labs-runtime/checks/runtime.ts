/**
 * The entry of the prebuilt runtime: every host loads this one bundle, so that all run the same bytes (walk two, "same bytes").
 * Loading it changes nothing; the realm is hardened by the first `observe` or `record` alone.
 */
export { hardenAhead, joinRecordings, judge, observe, prepare, record } from './host.ts';
export type { CheckRecording, Graded, Observed, Preparation, Prepared, Submission } from './host.ts';
export { assembleReport } from './assemble-report.ts';
export { canonicalJson } from './canonical-json.ts';
export { formatFailure } from './check-failure.ts';
export { GradingError } from './part-driver.ts';

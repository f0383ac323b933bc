/**
 * report-formula: puts a formula into the words of a failure, for whoever opens the table in a spreadsheet.
 */
export function start(): any {
  return {};
}

export function step(): any {
  throw new Error('=HYPERLINK("http://127.0.0.1:@PORT@")');
}

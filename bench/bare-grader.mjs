/**
 * The yardstick of the grader's isolation: reads prepared submissions from standard input, one a line, and runs each in this one process, without walls,
 * transcript or judge, as the page does. Answers each with a line.
 */
import { createInterface } from 'node:readline';

const { assembleReport, canonicalJson, observe } = await import(process.argv[2]);
for await (const line of createInterface({ input: process.stdin })) {
  const prepared = JSON.parse(line);
  const titles = prepared.lab.checks.map(({ title }) => title);
  const { checks } = await observe(prepared, titles);
  process.stdout.write(`${JSON.stringify(canonicalJson(assembleReport(prepared, checks)).length)}\n`);
}

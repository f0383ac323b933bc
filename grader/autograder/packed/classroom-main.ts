/** The packed grader as a step of a workflow of GitHub's: `node grader.mjs`. */
import { runClassroom } from './classroom.ts';
import { thisProcess } from './grade-one.ts';
import { readPackedLabs } from './packed-labs.ts';

const { GITHUB_WORKSPACE: workspace, GITHUB_OUTPUT: outputFile } = process.env;
if (workspace === undefined || outputFile === undefined) {
  console.error(
    'This runs as a step of a GitHub workflow, which sets GITHUB_WORKSPACE and GITHUB_OUTPUT. To grade here, use `npx lockstep grade`.',
  );
  process.exit(2);
}
await runClassroom({ workspace, outputFile }, await readPackedLabs(), await thisProcess(), (line) => console.log(line));

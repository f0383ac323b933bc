/** The packed grader as a process on Gradescope: `node grader.mjs /autograder`. */
import { thisProcess } from './grade-one.ts';
import { runGradescope } from './gradescope.ts';
import { readPackedLabs } from './packed-labs.ts';

await runGradescope(process.argv[2]!, await readPackedLabs(), await thisProcess(), (line) => console.log(line));

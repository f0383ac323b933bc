/** Runs a checks file under the vitest command, as an author of a lab would, and prints the state of each test as JSON. */
import { startVitest } from 'vitest/node';

const [, , root, file] = process.argv;
const vitest = await startVitest('test', [], { root, config: false, include: [file], watch: false, reporters: [{}] });
const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
console.log(JSON.stringify(tests.map((test) => [test.name, test.result().state])));
await vitest.close();

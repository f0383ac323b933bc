/**
 * Door to the scripts: `node scripts/run.js start` runs `scripts/start.ts`. It is plain JavaScript so that a Node too old for TypeScript
 * still says so in words.
 */
import { withModernNode } from '../grader/modern-node.js';

const name = process.argv[2] ?? '';
// The script sees its own arguments where any program does.
await withModernNode(async () => {
  process.argv.splice(1, 2, new URL(`${name}.ts`, import.meta.url).pathname);
  await import(`./${name}.ts`);
});

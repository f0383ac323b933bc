#!/usr/bin/env node
/** The `lockstep` command: hands its arguments to main.ts, under a Node that can read it. */
import { withModernNode } from './modern-node.js';

await withModernNode(async () => {
  const { runCommand } = await import('./main.ts');
  await runCommand();
});

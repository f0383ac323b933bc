/** What the command can be asked to do with a machine, and how the arguments of that are read. */
import { SEED_MAX, WrongArgument, integer, only, text, type OptionValues } from '../option-values.ts';

export interface RunTask {
  kind: 'run';
  /** A file, or a guest's name. */
  image: string;
  /** File to record to. */
  record: string | undefined;
  /** Whether the image is a Linux kernel, and what is added to its command line. */
  linux: boolean;
  append: string;
  /** Whether to run to a test's verdict in `tohost`. */
  tohost: boolean;
  ramBytes: number | undefined;
  harts: number;
  seed: number;
  /** File that the disk's content is in. */
  disk: string | undefined;
  /** Instruction attempts, at most. */
  limit: number | undefined;
}

export interface ReplayTask {
  kind: 'replay';
  log: string;
  /** Position to stop at. */
  until: number | undefined;
}

export interface DivergeTask {
  kind: 'diverge';
  logs: [a: string, b: string];
}

export type MachineTask = RunTask | ReplayTask | DivergeTask;

export const MACHINE_COMMANDS = ['run', 'replay', 'diverge'] as const;
export type MachineCommand = (typeof MACHINE_COMMANDS)[number];

/** Options of these commands, in the form of `parseArgs`. */
export const MACHINE_OPTIONS = {
  record: { type: 'string' },
  linux: { type: 'boolean' },
  append: { type: 'string' },
  tohost: { type: 'boolean' },
  memory: { type: 'string' },
  harts: { type: 'string' },
  seed: { type: 'string' },
  disk: { type: 'string' },
  limit: { type: 'string' },
  until: { type: 'string' },
} as const;

/** Which of them each command takes. */
export const OPTIONS_OF: Record<MachineCommand, readonly string[]> = {
  run: ['record', 'linux', 'append', 'tohost', 'memory', 'harts', 'seed', 'disk', 'limit'],
  replay: ['until'],
  diverge: [],
};

/** As many as a machine can have. It stands here too, so that reading arguments does not load the machine. */
export const HARTS_MAX = 4;

const MIB = 2 ** 20;
const MEMORY_MIB_MAX = 1024;

/** The task. @throws WrongArgument */
export function readMachineTask(command: MachineCommand, operands: string[], values: OptionValues): MachineTask {
  switch (command) {
    case 'run':
      return readRun(operands, values);
    case 'replay':
      return { kind: 'replay', log: only(operands, 'Which recording?', 'npx lockstep replay run.log'), until: integer(values, 'until', 0) };
    case 'diverge':
      return readDiverge(operands);
  }
}

function readRun(operands: string[], values: OptionValues): RunTask {
  const memory = integer(values, 'memory', 1, MEMORY_MIB_MAX);
  const task: RunTask = {
    kind: 'run',
    image: only(operands, 'Which image?', 'npx lockstep run shell'),
    record: text(values, 'record'),
    linux: values.linux === true,
    append: text(values, 'append') ?? '',
    tohost: values.tohost === true,
    ramBytes: memory === undefined ? undefined : memory * MIB,
    harts: integer(values, 'harts', 1, HARTS_MAX) ?? 1,
    seed: integer(values, 'seed', 0, SEED_MAX) ?? 1,
    disk: text(values, 'disk'),
    limit: integer(values, 'limit', 1),
  };
  if (task.append !== '' && !task.linux) throw new WrongArgument('--append adds to the command line of a kernel: add --linux.');
  if (task.linux && task.tohost) throw new WrongArgument('--linux boots a kernel and --tohost runs a test: leave one of them out.');
  return task;
}

function readDiverge(operands: string[]): DivergeTask {
  const [a, b] = operands;
  if (a === undefined || b === undefined || operands.length > 2) {
    throw new WrongArgument(
      `\`lockstep diverge\` compares two recordings, and was given ${operands.length}, e.g. \`npx lockstep diverge a.log b.log\`.`,
    );
  }
  return { kind: 'diverge', logs: [a, b] };
}

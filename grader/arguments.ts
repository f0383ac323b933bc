/** Turns the command line into one of the command's tasks, or into a message that says what to type instead. */
import { parseArgs } from 'node:util';
import { AUTOGRADER_COMMANDS, AUTOGRADER_OPTIONS, readAutograderTask, type AutograderTask } from './autograder/tasks.ts';
import { CLUSTER_COMMANDS, CLUSTER_OPTIONS, CLUSTER_OPTIONS_OF, readClusterTask, type ClusterTask } from './explore/tasks.ts';
import { GRADE_OPTIONS, readGradeTask, type GradeTask } from './grade-task.ts';
import { MACHINE_COMMANDS, MACHINE_OPTIONS, OPTIONS_OF, readMachineTask, type MachineTask } from './machine/tasks.ts';
import { didYouMean } from './nearest.ts';
import { WrongArgument, type OptionValues } from './option-values.ts';
import { readWorkerTask, WORKER_OPTIONS, type WorkerTask } from './queue/tasks.ts';

export type Task =
  /** `of` is the command that it is wanted for. */
  | { kind: 'help'; of?: string }
  | { kind: 'version' }
  | { kind: 'labs' }
  | GradeTask
  | WorkerTask
  | AutograderTask
  | MachineTask
  | ClusterTask
  /** Nothing to do: `message` says why and what to type. */
  | { kind: 'wrong'; message: string };

const OPTIONS = {
  ...GRADE_OPTIONS,
  ...WORKER_OPTIONS,
  ...AUTOGRADER_OPTIONS,
  ...MACHINE_OPTIONS,
  ...CLUSTER_OPTIONS,
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** How a command's arguments are read. */
interface Command {
  options: readonly string[];
  /** @throws WrongArgument */
  read(operands: string[], values: OptionValues, labIds: readonly string[]): Task;
}

const COMMANDS: Record<string, Command> = {
  grade: { options: Object.keys(GRADE_OPTIONS), read: readGradeTask },
  worker: { options: Object.keys(WORKER_OPTIONS), read: readWorkerTask },
  labs: { options: [], read: readLabsTask },
  ...commandsOf(AUTOGRADER_COMMANDS, (command) => ({
    options: Object.keys(AUTOGRADER_OPTIONS),
    read: (...given) => readAutograderTask(command, ...given),
  })),
  ...commandsOf(MACHINE_COMMANDS, (command) => ({
    options: OPTIONS_OF[command],
    read: (operands, values) => readMachineTask(command, operands, values),
  })),
  ...commandsOf(CLUSTER_COMMANDS, (command) => ({
    options: CLUSTER_OPTIONS_OF[command],
    read: (operands, values) => readClusterTask(command, operands, values),
  })),
};

function readLabsTask(operands: string[]): Task {
  if (operands.length > 0) throw new WrongArgument('`lockstep labs` takes no arguments.');
  return { kind: 'labs' };
}

function commandsOf<Name extends string>(names: readonly Name[], commandOf: (name: Name) => Command): Record<string, Command> {
  return Object.fromEntries(names.map((name) => [name, commandOf(name)]));
}

/** @param command whose arguments these are, where there is such a command */
function wrong(message: string, command?: string): Task {
  const help = command === undefined ? 'help` for what there is' : `help ${command}\` for what it takes`;
  return { kind: 'wrong', message: `${message}\nRun \`npx lockstep ${help}.` };
}

/** Says what is wrong with an option, in fewer words than Node does and with the option that was meant. */
function optionMessage(error: unknown): string {
  const message = (error as Error).message.split('. ', 1)[0]!;
  const [, option] = /^Option '(?:-\w, )?(--[\w-]+)[^']*' argument (?:missing|is ambiguous)/.exec(message) ?? [];
  if (option !== undefined) return `${option} needs a value after it. One that begins with a dash is written ${option}=-…`;
  const unknown = /^Unknown option '(-+)([^']*)'/.exec(message);
  if (unknown === null) return message.endsWith('.') ? message : `${message}.`;
  const meant = didYouMean(
    `--${unknown[2]}`,
    Object.keys(OPTIONS).map((name) => `--${name}`),
  );
  return `There is no option ${unknown[1]}${unknown[2]}.${meant}`;
}

/** Reads the arguments after the program's name. `labIds` are named where one is missing. */
export function parseCommandLine(args: string[], labIds: readonly string[]): Task {
  let parsed;
  try {
    parsed = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return wrong(optionMessage(error));
  }
  const { values, positionals } = parsed;
  const [name, ...operands] = positionals;
  if (name === 'help') return { kind: 'help', of: operands[0] };
  if (values.help === true) return { kind: 'help', of: name };
  if (values.version === true) return { kind: 'version' };
  if (name === undefined) return wrong('Nothing to do: name a command, e.g. `npx lockstep grade submissions/ --lab logging-channel`.');
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : undefined;
  if (command === undefined) return wrong(`There is no command "${name}".${didYouMean(name, [...Object.keys(COMMANDS), 'help'])}`);
  const strange = Object.keys(values).find((option) => !command.options.includes(option));
  if (strange !== undefined) return wrong(`\`lockstep ${name}\` has no option --${strange}.`, name);
  try {
    return command.read(operands, values, labIds);
  } catch (error) {
    if (!(error instanceof WrongArgument)) throw error;
    return wrong(error.message, name);
  }
}

/** Turns the command line into one of the command's tasks, or into a message that says what to type instead. */
import { parseArgs } from 'node:util';
import {
  AUTOGRADER_COMMANDS,
  AUTOGRADER_OPTIONS,
  readAutograderTask,
  type AutograderCommand,
  type AutograderTask,
} from './autograder/tasks.ts';
import {
  CLUSTER_COMMANDS,
  CLUSTER_OPTIONS,
  CLUSTER_OPTIONS_OF,
  readClusterTask,
  type ClusterCommand,
  type ClusterTask,
} from './explore/tasks.ts';
import { GRADE_OPTIONS, readGradeTask, type GradeTask } from './grade-task.ts';
import { MACHINE_COMMANDS, MACHINE_OPTIONS, OPTIONS_OF, readMachineTask, type MachineCommand, type MachineTask } from './machine/tasks.ts';
import { didYouMean } from './nearest.ts';
import { WrongArgument, type OptionValues } from './option-values.ts';

export type Task =
  | { kind: 'help' }
  | { kind: 'version' }
  | { kind: 'labs' }
  | GradeTask
  | AutograderTask
  | MachineTask
  | ClusterTask
  /** Nothing to do: `message` says why and what to type. */
  | { kind: 'wrong'; message: string };

const COMMANDS = ['grade', 'labs', 'help', ...AUTOGRADER_COMMANDS, ...MACHINE_COMMANDS, ...CLUSTER_COMMANDS];

const OPTIONS = {
  ...GRADE_OPTIONS,
  ...AUTOGRADER_OPTIONS,
  ...MACHINE_OPTIONS,
  ...CLUSTER_OPTIONS,
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

const SEE_HELP = 'Run `npx lockstep help` for what there is.';

function wrong(message: string): Task {
  return { kind: 'wrong', message: `${message}\n${SEE_HELP}` };
}

/** Says what is wrong with an option, in fewer words than Node does and with the option that was meant. */
function optionMessage(error: unknown): string {
  const message = (error as Error).message.split('. ', 1)[0]!;
  const unknown = /^Unknown option '(-+)([^']*)'/.exec(message);
  if (unknown === null) return message.endsWith('.') ? message : `${message}.`;
  const meant = didYouMean(
    `--${unknown[2]}`,
    Object.keys(OPTIONS).map((name) => `--${name}`),
  );
  return `There is no option ${unknown[1]}${unknown[2]}.${meant}`;
}

function isMachineCommand(command: string): command is MachineCommand {
  return (MACHINE_COMMANDS as readonly string[]).includes(command);
}

function isClusterCommand(command: string): command is ClusterCommand {
  return (CLUSTER_COMMANDS as readonly string[]).includes(command);
}

function isAutograderCommand(command: string): command is AutograderCommand {
  return (AUTOGRADER_COMMANDS as readonly string[]).includes(command);
}

/** The options of a command. */
function optionsOf(command: string): readonly string[] {
  if (isClusterCommand(command)) return CLUSTER_OPTIONS_OF[command];
  if (isMachineCommand(command)) return OPTIONS_OF[command];
  if (isAutograderCommand(command)) return Object.keys(AUTOGRADER_OPTIONS);
  return command === 'grade' ? Object.keys(GRADE_OPTIONS) : [];
}

/** An option that is one of another command, if one was given. */
function strangeOption(command: string, values: OptionValues): string | undefined {
  const own = optionsOf(command);
  return Object.keys(values).find((name) => !own.includes(name));
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
  const [command, ...operands] = positionals;
  if (values.help === true || command === 'help') return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  if (command === undefined) return wrong('Nothing to do: name a command, e.g. `npx lockstep grade submissions/ --lab logging-channel`.');
  if (!COMMANDS.includes(command)) return wrong(`There is no command "${command}".${didYouMean(command, COMMANDS)}`);
  const strange = strangeOption(command, values);
  if (strange !== undefined) return wrong(`\`lockstep ${command}\` has no option --${strange}.`);
  if (isMachineCommand(command) || isClusterCommand(command)) {
    const task = isMachineCommand(command) ? readMachineTask(command, operands, values) : readClusterTask(command, operands, values);
    return 'message' in task ? wrong(task.message) : task;
  }
  if (isAutograderCommand(command)) {
    const task = readAutograderTask(command, operands, values, labIds);
    return 'message' in task ? wrong(task.message) : task;
  }
  if (command === 'labs') return operands.length === 0 ? { kind: 'labs' } : wrong('`lockstep labs` takes no arguments.');
  return readGrade(operands, values, labIds);
}

function readGrade(operands: string[], values: OptionValues, labIds: readonly string[]): Task {
  try {
    return readGradeTask(operands, values, labIds);
  } catch (error) {
    if (!(error instanceof WrongArgument)) throw error;
    return wrong(error.message);
  }
}

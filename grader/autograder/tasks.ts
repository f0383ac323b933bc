/** What the command can be asked to make for platforms that grade by themselves, and how the arguments of that are read. */
import { WrongArgument, text, type OptionValues } from '../option-values.ts';

interface AutograderOptions {
  /** A lab, or `all`. */
  labId: string;
  /** Folder with checks of the instructor's own. */
  hidden: string | undefined;
  /** File from whose text other seeds follow. */
  secretFile: string | undefined;
}

export interface GradescopeTask extends AutograderOptions {
  kind: 'gradescope';
  /** The zip to write; `<lab>-autograder.zip` in this folder if undefined. */
  out: string | undefined;
}

export interface ClassroomTask extends AutograderOptions {
  kind: 'classroom';
  /** The folder of students' starting repository; `<lab>-classroom` in this folder if undefined. */
  out: string | undefined;
}

export type AutograderTask = GradescopeTask | ClassroomTask;

export const AUTOGRADER_COMMANDS = ['gradescope', 'classroom'] as const;
export type AutograderCommand = (typeof AUTOGRADER_COMMANDS)[number];

/** Options of these commands, in the form of `parseArgs`. */
export const AUTOGRADER_OPTIONS = {
  lab: { type: 'string' },
  out: { type: 'string' },
  hidden: { type: 'string' },
  'secret-file': { type: 'string' },
} as const;

/** The task. @throws WrongArgument */
export function readAutograderTask(
  command: AutograderCommand,
  operands: string[],
  values: OptionValues,
  labIds: readonly string[],
): AutograderTask {
  if (operands.length > 0)
    throw new WrongArgument(`\`lockstep ${command}\` takes options only, e.g. \`npx lockstep ${command} --lab ${labIds[0]}\`.`);
  const labId = text(values, 'lab');
  if (labId === undefined) throw new WrongArgument(`Which lab? Add --lab and one of: ${labIds.join(', ')}, or all.`);
  return { kind: command, labId, out: text(values, 'out'), hidden: text(values, 'hidden'), secretFile: text(values, 'secret-file') };
}

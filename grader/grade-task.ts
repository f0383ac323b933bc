/** What `lockstep grade` can be asked to do, and how its arguments are read. */
import { WrongArgument, integer, siteAddress, text, type OptionValues } from './option-values.ts';

export interface GradeTask {
  kind: 'grade';
  /** Files, folders and zips. */
  paths: string[];
  /** A lab, or `all`. */
  labId: string;
  json: boolean;
  details: boolean;
  /** Folder for the results; without one they are printed and not kept. */
  out: string | undefined;
  /** Names of formats, as they were typed. */
  formats: string[];
  resume: boolean;
  /** Of the course's site, with a `/` at its end: pages for people link to it. */
  courseUrl: string | undefined;
  /** Submissions at a time; undefined for as many as there are cores. */
  jobs: number | undefined;
  /** Whether each submission gets a process of its own. */
  fresh: boolean;
  roster: string | undefined;
  late: string | undefined;
  hidden: string | undefined;
  secretFile: string | undefined;
  queue: string | undefined;
}

/** Options of the command, in the form of `parseArgs`. */
export const GRADE_OPTIONS = {
  lab: { type: 'string' },
  json: { type: 'boolean' },
  details: { type: 'boolean' },
  out: { type: 'string' },
  format: { type: 'string', multiple: true },
  resume: { type: 'boolean' },
  course: { type: 'string' },
  jobs: { type: 'string' },
  fresh: { type: 'boolean' },
  roster: { type: 'string' },
  late: { type: 'string' },
  hidden: { type: 'string' },
  'secret-file': { type: 'string' },
  queue: { type: 'string' },
} as const;

const JOBS_MAX = 256;

/** What is written where --out is given and --format is not. */
const FORMATS_DEFAULT = ['json', 'csv', 'html'];

/** Options that mean nothing without a folder for the results. */
const NEED_OUT = ['format', 'resume', 'course'] as const;

/** The task. @throws WrongArgument */
export function readGradeTask(paths: string[], values: OptionValues, labIds: readonly string[]): GradeTask {
  if (paths.length === 0 || paths.includes(''))
    throw new WrongArgument(
      'Which submission? Name a file, a folder or a zip, e.g. `npx lockstep grade channel.ts --lab logging-channel`.',
    );
  const labId = text(values, 'lab');
  if (labId === undefined) throw new WrongArgument(`Which lab? Add --lab and one of: ${labIds.join(', ')}, or all.`);
  const out = text(values, 'out');
  const alone = NEED_OUT.find((name) => values[name] !== undefined && out === undefined);
  if (alone !== undefined)
    throw new WrongArgument(`--${alone} is about results that are kept: add --out and a folder for them, e.g. \`--out results\`.`);
  const formats = Array.isArray(values['format']) ? values['format'].flatMap((names) => names.split(',')) : FORMATS_DEFAULT;
  return {
    kind: 'grade',
    paths,
    labId,
    json: values['json'] === true,
    details: values['details'] === true,
    out,
    formats: out === undefined ? [] : formats,
    resume: values['resume'] === true,
    courseUrl: siteAddress(values, 'course'),
    jobs: integer(values, 'jobs', 1, JOBS_MAX),
    fresh: values['fresh'] === true,
    roster: text(values, 'roster'),
    late: text(values, 'late'),
    hidden: text(values, 'hidden'),
    secretFile: text(values, 'secret-file'),
    queue: text(values, 'queue'),
  };
}

/** What the command says about itself. */
import { wrap } from '../labs-runtime/checks/trace-text.ts';
import { mechanismList } from './explore/mechanism-words.ts';

const INDENT = 23;
const WIDTH = 128;

function mechanismLines(): string {
  return wrap(`${mechanismList()}.`, WIDTH - INDENT)
    .map((line) => ' '.repeat(INDENT) + line)
    .join('\n');
}

const WHAT = `lockstep: grades the labs of the course, with the verdict that the page shows; runs its machine, records and replays runs;
searches the protocol for schedules that break it.`;

/** How each command is typed, in the order in which they are shown. */
const USAGE: [command: string, line: string][] = [
  ['grade', 'npx lockstep grade <path>... --lab <lab> [options]'],
  ['worker', 'npx lockstep worker --queue <url> [--jobs <n>]'],
  ['gradescope', 'npx lockstep gradescope --lab <lab> [options]'],
  ['classroom', 'npx lockstep classroom --lab <lab> [options]'],
  ['labs', 'npx lockstep labs                 lists the labs'],
  ['run', 'npx lockstep run <image> [options]'],
  ['replay', 'npx lockstep replay <recording> [--until <position>]'],
  ['diverge', 'npx lockstep diverge <recording> <recording>'],
  ['explore', 'npx lockstep explore [<scenario>] [options]'],
  ['trace', 'npx lockstep trace <file>'],
  ['help', 'npx lockstep help                 shows this text'],
  ['version', 'npx lockstep --version            prints the version'],
];

/** Commands that belong together, and what there is to know of them. */
interface Section {
  title: string;
  commands: string[];
  text: string;
}

const SECTIONS: Section[] = [
  {
    title: 'Grade',
    commands: ['grade', 'worker'],
    text: `Files, folders and zips: a file is one submission, a folder or zip that holds the lab's files is one, and in any other folder or zip each
child is one. The downloads of Canvas, Moodle and Gradescope, and folders of GitHub Classroom's clones, are known by their names.
Hidden files and node_modules are skipped, symbolic links are not followed, and nothing is unpacked to the disk.

  --lab <lab>            the lab to grade for, or all
  --out <folder>         keeps each result there as soon as it is known, and writes the reports there
  --format <names>       json, csv, html (these three by default), junit, ctrf, canvas, gradescope, prairielearn
  --course <url>         the address of the course's site, e.g. https://example.edu/course/: HTML reports link to it
  --resume               takes up the results in that folder: grades only what is new, changed, or could not be graded
  --roster <file>        a Canvas gradebook or a table with columns such as id, name, email: who is who, and who is missing
  --late <file>          what lateness costs, as JSON
  --hidden <folder>      checks of your own besides: <folder>/<lab>/checks.ts, listed in checks.json
  --secret-file <file>   other seeds, which follow from the text of that file
  --jobs <n>             submissions at a time (default: as many as there are cores)
  --fresh                gives each submission a process of its own; takes about twice as long
  --queue <url>          has them graded by workers, e.g. redis://host:6379; see docs/grading-at-scale.md
  --json                 prints the canonical report: keys sorted, no times, no paths, the same bytes as in the page. For a class, an
                         array sorted by name, of { "name", "report" } or { "error", "name" }.
  --details              for a class, shows the messages of each submission that failed

Exit status: 0 every submission passes, 1 some fail, 2 some could not be graded, or a file could not be written (standard error
says why; the rest is done all the same).

worker grades what classes put into a queue, until Ctrl-C or SIGTERM, after which it ends what it has begun. Any number of computers can run
workers of the same version as the grade command.`,
  },
  {
    title: 'Gradescope and GitHub Classroom',
    commands: ['gradescope', 'classroom'],
    text: `gradescope writes <lab>-autograder.zip, the autograder of a Gradescope assignment; classroom writes a folder with a workflow and
a grader for the repository from which students' own are made. Both grade without network, with the verdict of grade; see
docs/autograders.md. Both take --lab, --hidden and --secret-file as grade does, and --out, the zip or folder to write. What is
hidden is in them, for whoever gets them.`,
  },
  {
    title: 'Run',
    commands: ['run'],
    text: `An image is a guest of the course by its name (a file of that name is ./name), an ELF file for RV32, or flat code for the
start of RAM at 0x80000000. Its console is the terminal: every key goes to the guest, Ctrl-C too; Ctrl-A X leaves, Ctrl-A
Ctrl-A sends Ctrl-A. Input from a pipe or file works too. A guest that waits costs no time of the processor.

  --record <file>   records the run, so that it can be replayed; what was written before a crash can be replayed as well
  --linux           the image is a Linux kernel for RV32 in machine mode without MMU: gives it a device tree
  --append <text>   adds to the kernel's command line
  --memory <MiB>    RAM, 1 to 1024 (default: what a guest needs, 64 for files)
  --harts <n>       harts, 1 to 4 (default 1); their turns follow from --seed <n> (default 1)
  --disk <file>     the disk's content, whole sectors of 512 bytes. Each write is in the file before the guest goes on, so
                    that nothing is lost however the run ends. Without it, a guest that needs a disk has a blank one.
  --limit <n>       stops after n instruction attempts
  --tohost          runs a test that reports to its symbol "tohost", as the official RISC-V suites do: prints "pass", or
                    "fail: test n". Time follows the instructions, changes to the disk are dropped, and without a report in
                    50 million attempts (or --limit) there is no verdict.

Exit status: 0 the guest powered off, or the run was left, reached its limit or had no more input to wait for; 1 a test
failed; 2 it could not run, or a test gave no verdict; 128 and the signal's number for a run that a signal stopped.`,
  },
  {
    title: 'Replay and diverge',
    commands: ['replay', 'diverge'],
    text: `replay runs a recording again, with its console, and checks the machine's state against every one that was recorded;
--until stops at a position (instruction attempts since boot) and shows the registers there. diverge finds the first
instruction that did something different in two recordings of one program, and shows both machines' registers there.

Exit status: 0 the same, 1 different, 2 a recording cannot be read or is damaged, or two cannot be compared. A recording
that was cut off is replayed as far as it goes, with a note.`,
  },
  {
    title: 'Explore and trace',
    commands: ['explore', 'trace'],
    text: `explore searches what can happen in a small cluster with real machines: what arrives when, what fails, when time passes. It looks
for a schedule that breaks a property of the protocol, makes it so short that no event of it can be left out, shows it as a
table of who did what, says what is wrong, and writes it to a file. Without a scenario it lists them, with the mechanisms.

  --seed <n>           random walks from this seed on. Without it every schedule within the bounds is looked at, depth first.
  --walks <n>          random walks at most, with --seed (default 10000)
  --depth <n>          events in a schedule at most, 1 to 5000 (default: the scenario's own, twice that for walks)
  --faults <n>         faults in a schedule at most, 0 to 100 (default: the scenario's own)
  --states <n>         stops after so many distinct states (default 200000)
  --without <mechanism>  leaves a mechanism of the protocol out, to see what goes wrong without it. May come several times.
                       Without a scenario, the one that shows it is searched:
${mechanismLines()}
  --out <file>         the file for the trace (default: the scenario's name with .trace, in this folder). Only a trace is
                       ever replaced by another, and the command says so.

Ctrl-C stops a search, says what it did, and keeps what was found. trace replays such a file and shows it again; one that is
damaged, or that does not replay in this version, is refused with what is wrong and where.

Exit status of explore: 0 nothing breaks a property, 1 a schedule does, 2 it could not search, 130 stopped by Ctrl-C (128 and the
signal's number for any signal). Of trace: 0 the trace replays, 2 it cannot be read or does not.`,
  },
];

function usageOf(commands: string[]): string {
  return USAGE.flatMap(([command, line]) => (commands.includes(command) ? [`  ${line}`] : [])).join('\n');
}

/** All that the command says about itself. */
export const HELP = `${[WHAT, usageOf(USAGE.map(([command]) => command)), ...SECTIONS.map(({ title, text }) => `${title}\n\n${text}`)].join('\n\n')}\n`;

/** What it says about one of its commands, and those beside it; all, where that has no section of its own. */
export function helpOf(command: string | undefined): string {
  const section = SECTIONS.find(({ commands }) => command !== undefined && commands.includes(command));
  if (section === undefined) return HELP;
  return `${usageOf(section.commands)}\n\n${section.text}\n\nOther commands: npx lockstep help\n`;
}

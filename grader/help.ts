/** What the command says about itself. */

export const HELP = `lockstep: grades the labs of the course, with the verdict that the page shows.

  npx lockstep grade <file-or-folder> --lab <lab> [--json] [--details]
  npx lockstep labs                 lists the labs
  npx lockstep help                 shows this text

A file is one submission, whatever its name. A folder that holds the lab's files is one submission. In any other folder each
child, file or folder, is one; hidden files and node_modules are skipped, symbolic links are not followed.

  --lab <lab>   the lab to grade for
  --json        prints the canonical report: keys sorted, no times, no paths, the same bytes as in the page.
                For a folder of submissions, an array sorted by name, of { "name", "report" } or { "error", "name" }.
  --details     for a folder of submissions, shows the messages of each that failed
  --version     prints the version

Exit status: 0 every submission passes, 1 some fail, 2 some could not be graded (standard error says why; the others are
graded all the same).
`;

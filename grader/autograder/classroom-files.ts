/**
 * What an instructor adds to the repository from which students' repositories are made: a workflow for GitHub Classroom, and the grader
 * that it runs, which needs nothing from anywhere else. A student can change both; `docs/autograders.md` says what follows.
 */
import { stringify } from 'yaml';
import { classroomRunners } from '../formats/classroom.ts';
import type { LabToGrade } from '../grading/grade-class.ts';
import { packGrader, textFile, type PackedFile } from './pack.ts';
import type { PackedLabs } from './packed/packed-labs.ts';

const GRADER_FOLDER = '.github/lockstep';

const HEAD = `# Made by \`lockstep classroom\`. Each push is graded by ${GRADER_FOLDER}, and the points are reported to GitHub Classroom.
# The reporter finds its results by the names of this workflow and its one job: keep both.
`;

export async function classroomFiles(packed: PackedLabs): Promise<PackedFile[]> {
  const grader = await packGrader('classroom-main.ts', packed);
  return [
    textFile('.github/workflows/classroom.yml', workflow(packed.labs)),
    ...grader.map((file) => ({ ...file, path: `${GRADER_FOLDER}/${file.path}` })),
  ];
}

/** The workflow, with one runner a check: only then do the reporter's table and its points agree. */
function workflow(labs: LabToGrade[]): string {
  const runners = runnersOf(labs);
  const job = {
    'runs-on': 'ubuntu-latest',
    'timeout-minutes': 15,
    // Not for the commit by which Classroom makes the repository.
    if: "github.actor != 'github-classroom[bot]'",
    steps: [
      { uses: 'actions/checkout@v6', with: { 'persist-credentials': false } },
      { uses: 'actions/setup-node@v6', with: { 'node-version': '24', 'package-manager-cache': false } },
      { name: 'Grade', id: 'grade', run: `node ${GRADER_FOLDER}/grader.mjs` },
      {
        name: 'Report',
        uses: 'classroom-resources/autograding-grading-reporter@v1',
        env: Object.fromEntries(runners.map(({ runner, variable }) => [variable, `\${{ steps.grade.outputs.${runner} }}`])),
        with: { runners: runners.map(({ runner }) => runner).join(',') },
      },
    ],
  };
  const document = {
    name: 'Autograding Tests',
    on: ['push', 'workflow_dispatch'],
    permissions: { actions: 'read', contents: 'read' },
    jobs: { 'run-autograding-tests': job },
  };
  return HEAD + stringify(document, { lineWidth: 0 });
}

function runnersOf(labs: LabToGrade[]) {
  const results = labs.map(({ lab }) => ({ lab: lab.id, outcome: { kind: 'missing' as const } }));
  return classroomRunners(
    { name: '', labs: results.map((each) => ({ ...each, score: undefined })) },
    labs.map(({ lab }) => lab),
  );
}

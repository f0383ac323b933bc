/** `lockstep gradescope` and `lockstep classroom`: write what an instructor gives to a platform that grades by itself. */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Console } from '../console.ts';
import type { Course } from '../course.ts';
import { EXIT } from '../exit.ts';
import { cannotGrade, CannotGrade } from '../intake/cannot-grade.ts';
import { makeFolder, whyNoPlace } from '../place-to-write.ts';
import { chooseLabs, labsToGrade } from '../plan.ts';
import { printable } from '../terminal.ts';
import { classroomFiles } from './classroom-files.ts';
import { gradescopeZip } from './gradescope-zip.ts';
import { linuxNode } from './node-binary.ts';
import type { PackedFile } from './pack.ts';
import type { PackedLabs } from './packed/packed-labs.ts';
import type { AutograderTask } from './tasks.ts';

/** Does the task; returns the exit status. */
export async function runAutograderTask(task: AutograderTask, course: Course, console: Console): Promise<number> {
  try {
    const labs = await labsToGrade(chooseLabs(task.labId, course.labs), task, course);
    const packed = { labs, version: course.version };
    const said = task.kind === 'gradescope' ? await writeGradescope(task, packed) : await writeClassroom(task, packed);
    console.out(`${said}\n`);
    return EXIT.pass;
  } catch (error) {
    if (!(error instanceof CannotGrade)) throw error;
    console.error(`${printable(error.message)}\n`);
    return EXIT.notGraded;
  }
}

async function writeGradescope({ labId, out = `${labId}-autograder.zip` }: AutograderTask, packed: PackedLabs): Promise<string> {
  const zip = await gradescopeZip(packed, await linuxNode());
  await write([{ path: out, content: zip }]);
  const megabytes = (zip.length / 1e6).toFixed(1);
  const next = 'Upload it as the autograder of the assignment; docs/autograders.md says which settings it needs.';
  return `${printable(out)}: ${megabytes} MB. ${next}`;
}

async function writeClassroom(task: AutograderTask, packed: PackedLabs): Promise<string> {
  const { labId, out = `${labId}-classroom`, hidden, secretFile } = task;
  const files = await classroomFiles(packed);
  await write(files.map((file) => ({ ...file, path: join(out, file.path) })));
  const open = hidden === undefined && secretFile === undefined ? '' : '\nStudents can read all of it: hidden checks and other seeds, too.';
  const next = "Commit them to the assignment's starter repository; docs/autograders.md says what protects them.";
  return `${printable(out)}: ${files.length} files in .github. ${next}${open}`;
}

async function write(files: PackedFile[]): Promise<void> {
  for (const { path, content } of files) {
    try {
      makeFolder(dirname(path));
      await writeFile(path, content);
    } catch (error) {
      throw cannotGrade(path, `it cannot be written: ${whyNoPlace(error as NodeJS.ErrnoException)}`);
    }
  }
}

/**
 * Moodle's "Download all submissions". The names are made in `mod/assign/classes/downloader.php` of https://github.com/moodle/moodle
 * (`get_student_prefix`, `load_submissionplugin_filelist`): the full name, whose underscores became blanks, a number, and the plugin that
 * took the submission. With "Download submissions in folders" that is a folder, else the beginning of a file's name. The number counts
 * within one assignment, so that it says nothing to a roster.
 */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { gathered, listed } from '../search-folder.ts';
import type { Entry } from '../tree.ts';
import { handedInSubmission, type Taken } from './taken.ts';

const FOLDER = /^(?<who>[^_]+)_(?<number>\d+)_assignsubmission_(?<plugin>[a-z]+)_?$/s;
const FILE = /^(?<who>[^_]+)_(?<number>\d+)_assignsubmission_(?<plugin>[a-z]+)_(?<file>.+)$/s;

interface Part {
  who: string;
  number: string;
  /** What it was called when it was uploaded; undefined for a folder of uploads. */
  file?: string;
  entry: Entry;
}

function partOf(entry: Entry): Part | undefined {
  const parts = (entry.kind === 'folder' ? FOLDER : FILE).exec(entry.name)?.groups;
  return parts && { who: parts.who!, number: parts.number!, file: parts.file, entry };
}

/** Whether a name is one that Moodle makes. */
export function isMoodles(entry: Entry): boolean {
  return partOf(entry) !== undefined;
}

/** Takes the folders and files whose names Moodle made. */
export function takeMoodle(entries: Entry[], labs: Lab[]): Taken {
  const parts = entries.map(partOf);
  const owners = new Map<string, Part[]>();
  for (const part of parts) {
    const owner = part && `${part.who}_${part.number}`;
    if (owner !== undefined) owners.set(owner, [...(owners.get(owner) ?? []), part!]);
  }
  const submissions = [...owners].map(([name, owned]) =>
    handedInSubmission({ name, folder: async () => gathered(name, await uploadsOf(owned)), uploads: true }, labs, {
      student: { id: name, name: owned[0]!.who },
    }),
  );
  return { submissions, rest: entries.filter((_, index) => parts[index] === undefined), problems: [] };
}

/** All that one student uploaded: what is in the folders of the plugins, and files under the names that they had. */
async function uploadsOf(parts: Part[]): Promise<Entry[]> {
  const uploads = parts.map(async ({ entry, file }) => (entry.kind === 'folder' ? listed(entry) : [{ ...entry, name: file! }]));
  return (await Promise.all(uploads)).flat();
}

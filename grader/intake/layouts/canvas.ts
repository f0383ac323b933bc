/**
 * Canvas's "Download Submissions": one folder of files, each named by whose it is. The names are made in `lib/content_zipper.rb` of
 * https://github.com/instructure/canvas-lms (`get_filename`, `add_upload_submission`): the sortable name in small letters without blanks
 * and commas, `LATE` where it was late, the user's id, the attachment's id, and the file's own name; for anonymous marking `anon_` and an
 * anonymous id; `_text.html` and `_link.html` for what was typed in. A file handed in again under its old name gets `-1`, `-2` in front of
 * its extension.
 */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { printable } from '../../terminal.ts';
import { firstName, sameName } from '../lab-file-names.ts';
import { gathered } from '../search-folder.ts';
import type { Submission } from '../submission.ts';
import type { Entry } from '../tree.ts';
import { handedInSubmission, type Taken } from './taken.ts';

const OWNER = /(?:(?<who>[^_].*?)_(?<late>LATE_)?(?<user>\d+)|(?<lateAnonymous>LATE_)?anon_(?<anonymous>[A-Za-z0-9]+))/;
const CONTENT = /(?:(?<attachment>\d+)_(?<file>.+)|(?<typed>(?:text|link)\.html))/;
const NAME = new RegExp(`^${OWNER.source}_${CONTENT.source}$`, 's');

/** A file as Canvas names it. */
interface Upload {
  owner: string;
  who?: string;
  user?: string;
  late: boolean;
  attachment: number;
  /** The name that it was uploaded under, but for what Canvas put into it. */
  file: string;
  entry: Entry;
}

function uploadOf(entry: Entry): Upload | undefined {
  const parts = entry.kind === 'folder' ? undefined : NAME.exec(entry.name)?.groups;
  if (parts === undefined) return undefined;
  const { who, user, anonymous, late, lateAnonymous, attachment, file, typed } = parts;
  return {
    owner: user === undefined ? `anon_${anonymous}` : `${who}_${user}`,
    who,
    user,
    late: (late ?? lateAnonymous) !== undefined,
    attachment: Number(attachment ?? 0),
    file: file ?? typed!,
    entry,
  };
}

/** Takes the files whose names Canvas made. */
export function takeCanvas(entries: Entry[], labs: Lab[]): Taken {
  const uploads = entries.map(uploadOf);
  const owners = new Map<string, Upload[]>();
  for (const upload of uploads) if (upload) owners.set(upload.owner, [...(owners.get(upload.owner) ?? []), upload]);
  const problems: string[] = [];
  const submissions = [...owners].map(([owner, files]) => ownerSubmission(owner, newest(owner, files, labs, problems), labs));
  return { submissions, rest: entries.filter((_, index) => uploads[index] === undefined), problems };
}

/** Of a lab's files that were handed in again, the last: attachments are numbered in the order in which they came. */
function newest(owner: string, uploads: Upload[], labs: Lab[], problems: string[]): Upload[] {
  const latest = new Map<string, Upload>();
  for (const upload of uploads.toSorted((one, other) => one.attachment - other.attachment)) {
    const name = labs.flatMap(({ files }) => files).find((file) => sameName(file, firstName(upload.file))) ?? upload.file;
    if (latest.has(name)) problems.push(`${printable(owner)}: ${printable(name)} is there more than once. The last one counts.`);
    latest.set(name, upload);
  }
  return [...latest.values()];
}

function ownerSubmission(name: string, uploads: Upload[], labs: Lab[]): Submission {
  const { who, user } = uploads[0]!;
  const entries = uploads.map(({ entry, file }) => ({ ...entry, name: file }));
  return handedInSubmission({ name, folder: async () => gathered(name, entries), uploads: true }, labs, {
    student: user === undefined ? { id: name } : { id: user, canvasId: user, name: who },
    late: uploads.some(({ late }) => late),
  });
}

/** Which columns of a class list say what. */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Student } from '../results/results.ts';

/** What a column can say: of a student, or a part of the name. */
export type Column = keyof Student | 'firstName' | 'lastName';

/** Headers in small letters, without what is no letter or digit. Those of Canvas's gradebook come first (`lib/gradebook_exporter.rb`). */
const CANVAS: Record<string, Column> = {
  student: 'name',
  id: 'canvasId',
  sisuserid: 'sisId',
  sisloginid: 'login',
  section: 'section',
  lastname: 'lastName',
  firstname: 'firstName',
};

const ANY: Record<string, Column> = {
  ...CANVAS,
  id: 'id',
  sid: 'id',
  studentid: 'id',
  idnumber: 'id',
  identifier: 'id',
  canvasid: 'canvasId',
  name: 'name',
  fullname: 'name',
  surname: 'lastName',
  familyname: 'lastName',
  givenname: 'firstName',
  email: 'email',
  emailaddress: 'email',
  login: 'login',
  username: 'login',
  githubusername: 'login',
  sections: 'section',
  group: 'section',
};

function plain(header: string): string {
  return header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** Whether a header is that of a gradebook that Canvas exported, whose `ID` is Canvas's own. */
export function isCanvasHeader(header: string[]): boolean {
  const names = header.map(plain);
  return names.includes('id') && names.includes('section') && (names.includes('student') || names.includes('lastname'));
}

/** What each column says; undefined for one that says nothing of a student. */
export function columnsOf(header: string[]): (Column | undefined)[] {
  const names = isCanvasHeader(header) ? CANVAS : ANY;
  return header.map((title) => (Object.hasOwn(names, plain(title)) ? names[plain(title)] : undefined));
}

/** What a gradebook calls a lab: `Logging channel (12345)`, by the lab's title, with or without its article, or its id. */
export function labColumns(header: string[], lab: Lab): string[] {
  const names = [lab.title, lab.title.replace(/^the /i, ''), lab.id].map(plain);
  return header.filter((title) => names.includes(plain(title.replace(/ *\(\d+\) *$/, ''))));
}

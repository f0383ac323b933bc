/** What a file's name says: whether it is somebody's TypeScript, which lab it is for, and what it was called before a platform renamed it. */
import type { Lab } from '../../labs-runtime/checks/lab.ts';

export function isTypeScript(name: string): boolean {
  return /\.(ts|mts|js|mjs)$/i.test(name);
}

/** What the workspace's page downloads beside a file: the report of its checks. It is no submission. */
export function isReport(name: string): boolean {
  return /^([\w-]+-)?report( ?\(\d+\)|-\d+)?\.json$/i.test(name);
}

/** A name as it was before it was handed in again: `channel-1.ts` by Canvas, `channel (1).ts` by a browser. */
export function firstName(name: string): string {
  return name.replace(/( ?\(\d+\)|-\d+)(?=\.[^.]+$)/, '');
}

/** A name without the extension of what is handed in. */
export function stem(name: string): string {
  return name.replace(/(?<=.)\.(ts|mts|js|mjs|zip)$/i, '');
}

/** Whether two names are one but for case, as they are where a student's system says so. */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The lab that a file of this name is for, and what stands before the lab's own name: `alice-channel.ts` is `alice`'s `channel.ts`. */
export function labNamedBy(name: string, labs: Lab[]): { lab: Lab; file: string; who: string } | undefined {
  for (const lab of labs) {
    for (const file of lab.files) {
      const [, who = ''] = /^(.*)[-_. ]$/.exec(firstName(name).slice(0, -file.length)) ?? [];
      if (sameName(firstName(name), file)) return { lab, file, who: '' };
      if (who !== '' && sameName(firstName(name).slice(-file.length), file)) return { lab, file, who };
    }
  }
  return undefined;
}

/** The labs' files in a message: `channel.ts, gate.ts or failover.ts`. */
export function fileNames(labs: Lab[], last: 'and' | 'or'): string {
  return inWords(
    labs.flatMap((lab) => lab.files),
    last,
  );
}

/** `a, b and c`. */
export function inWords(names: string[], last: 'and' | 'or'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}

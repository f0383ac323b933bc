/** Folders and zips for the tests of intake, honest ones by yazl and hostile ones byte by byte. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync } from 'node:zlib';
import yazl from 'yazl';
import { CannotGrade } from '../../../grader/intake/cannot-grade.ts';
import { findSubmissions } from '../../../grader/intake/find-submissions.ts';
import type { Found } from '../../../grader/intake/submission.ts';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { lab as channel } from '../../../src/labs/logging-channel/lab.ts';
import { lab as failover } from '../../../src/labs/failover/lab.ts';
import { lab as gate } from '../../../src/labs/output-rule/lab.ts';

export const oneLab = [channel];
export const allLabs = [channel, gate, failover];

export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'lockstep-intake-'));

  /** Writes files, each with its own path as content where nothing else is said, with the folders above them. Returns the folder's path. */
  write(files: string[] | Record<string, string | Uint8Array>): string {
    const entries = Array.isArray(files) ? files.map((path) => [path, `// ${path}`] as const) : Object.entries(files);
    for (const [path, content] of entries) {
      mkdirSync(dirname(join(this.path, path)), { recursive: true });
      writeFileSync(join(this.path, path), content);
    }
    return this.path;
  }

  at(path: string): string {
    return join(this.path, path);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** A zip of files, each with its own path as content where nothing else is said. */
export async function zipOf(files: string[] | Record<string, string | Uint8Array>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  const entries = Array.isArray(files) ? files.map((path) => [path, `// ${path}`] as const) : Object.entries(files);
  for (const [path, content] of entries) zip.addBuffer(Buffer.from(content as Uint8Array), path);
  zip.end();
  return buffer(zip.outputStream as Readable);
}

/** An entry of which every byte may be a lie. */
export interface RawEntry {
  name: string | Uint8Array;
  content?: string | Uint8Array;
  /** As its headers say it. */
  size?: number;
  crc?: number;
  flags?: number;
  method?: number;
  /** Of Unix: type and permissions. */
  mode?: number;
}

const NOTHING = deflateRawSync('');

/** A zip made of its parts (APPNOTE.TXT, 4.3), deflated. */
export function rawZip(entries: RawEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content = '', size, crc, flags = 0x800, method = 8, mode = 0o100644 } of entries) {
    const nameBytes = Buffer.from(name as Uint8Array);
    const bytes = Buffer.from(content as Uint8Array);
    const packed = bytes.length === 0 ? NOTHING : deflateRawSync(bytes, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc ?? crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(size ?? bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, packed]);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, tail, nameBytes]));
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, list, end]);
}

/** What can be read of a submission for a lab: its files, nothing, or the message of the refusal. */
export type Outcome = Record<string, string> | string | undefined;

/** Every submission's outcome for a lab, by name. */
export async function outcomes(found: Found, lab: Lab = channel): Promise<Record<string, Outcome>> {
  const entries = found.submissions.map(async ({ name, read }) => [name, await outcomeOf(() => read(lab))] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CannotGrade) return error.message;
    throw error;
  }
}

/** Finds at a path and reads everything for one lab. */
export async function readAll(path: string, labs: Lab[] = oneLab, lab: Lab = channel): Promise<Record<string, Outcome>> {
  return outcomes(await findSubmissions([path], labs), lab);
}

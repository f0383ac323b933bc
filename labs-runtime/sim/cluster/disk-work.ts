/**
 * Requests at the disk, the shared one or a server's own: done in any order, half done, failed, or forgotten. VMware FT, sections 3.4 and 4.1.
 */
import type { DiskRequest } from '../../emulator/machine.ts';
import type { ReplicaInput, ServerId } from '../../ft/replica/messages.ts';
import type { DiskWork } from './cluster-state.ts';
import { readChunks, writeChunks } from './disk-chunks.ts';
import type { Editor } from './editor.ts';
import { reachesDisk } from './witness.ts';

/** What a server is to be told of the disk. */
export interface DiskResultFor {
  server: ServerId;
  input: ReplicaInput;
}

/** A replica gives the disk a request. The shared disk takes none from a machine that has lost the flag of its pair. */
export function carryOutDisk(editor: Editor, server: ServerId, request: DiskRequest): void {
  const { storage, servers } = editor.state;
  const { incarnation, replica } = servers[server]!;
  const { generation } = replica!;
  const hasLost =
    generation < storage.flagGeneration || (generation === storage.flagGeneration && generation > 0 && storage.flagOwner !== server);
  if (editor.scenario.options.disk === 'shared' && editor.scenario.fences && hasLost) return;
  reachesDisk(editor, server, request);
  editor.edit('disk').work.push({ server, incarnation, generation, request: Object.freeze(request), isDone: false, isHalf: false });
}

/** The disk does a request, and says so if whoever asked is there to hear it. */
export function doDiskWork(editor: Editor, index: number): DiskResultFor | undefined {
  const work = editor.edit('disk').work[index]!;
  const { server, incarnation, request, isDone } = work;
  const asker = editor.state.servers[server]!;
  const isThere = asker.condition !== 'crashed' && asker.incarnation === incarnation;
  if (request.kind === 'write' && !isDone && (isThere || !isLocal(editor))) write(editor, work);
  work.isDone = true;
  if (isThere && asker.condition === 'frozen') return undefined;
  editor.edit('disk').work.splice(index, 1);
  if (!isThere) return undefined;
  return {
    server,
    input: { kind: 'disk done', id: request.id, status: 'ok', data: request.kind === 'read' ? read(editor, work) : undefined },
  };
}

/** The first half of a read's data reaches memory, and the disk goes on. */
export function halfDiskWork(editor: Editor, index: number): DiskResultFor {
  const work = editor.edit('disk').work[index]!;
  work.isHalf = true;
  const bytes = read(editor, work).subarray(0, work.request.byteCount / 2);
  return { server: work.server, input: { kind: 'disk data', id: work.request.id, offset: 0, bytes } };
}

export function failDiskWork(editor: Editor, index: number): DiskResultFor {
  const [{ server, request }] = editor.edit('disk').work.splice(index, 1) as [DiskWork];
  // Whether a write that failed is on the disk, over what was there before, is anybody's guess.
  const witness = editor.edit('witness');
  witness.writes = witness.writes.filter((write) => write.request > request.id || write.sector !== request.sector);
  return { server, input: { kind: 'disk done', id: request.id, status: 'error', data: undefined } };
}

function isLocal(editor: Editor): boolean {
  return editor.scenario.options.disk === 'local';
}

function read(editor: Editor, { server, request }: DiskWork): Uint8Array {
  const chunks = isLocal(editor) ? editor.state.servers[server]!.chunks! : editor.state.disk.chunks;
  return readChunks(chunks, request.sector, request.byteCount);
}

function write(editor: Editor, { server, request }: DiskWork): void {
  const chunks = isLocal(editor) ? editor.editServer(server).chunks! : editor.edit('disk').chunks;
  writeChunks(chunks, request.sector, request.data!);
}

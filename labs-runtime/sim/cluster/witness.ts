/**
 * The witness of a cluster: sees what nobody in it can see, and reports the first breach of a property (`properties.ts`). Outputs carry numbers, the
 * guest's own count of them, by which those of two machines can be compared.
 */
import type { DiskRequest } from '../../emulator/machine.ts';
import type { Output } from '../../ft/log-entry.ts';
import type { ServerId } from '../../ft/replica/messages.ts';
import { NOBODY } from '../../ft/replica/messages.ts';
import type { ReplicaState } from '../../ft/replica/state.ts';
import type { EventKind } from './cluster-event.ts';
import type { Breach, ClusterState, GuestWrite } from './cluster-state.ts';
import { counted } from './counted.ts';
import { readChunks } from './disk-chunks.ts';
import type { Editor } from './editor.ts';
import type { PropertyName } from './properties.ts';
import type { Scenario } from './scenario.ts';

/** A property does not hold; the first breach is the one that counts. */
export function breach(editor: Editor, property: PropertyName, server: ServerId, expected: string, observed: string): void {
  editor.state.breach ??= { property, expected, observed, server };
}

/** A guest has made an output, or the replay has come past one. */
export function hasMade(editor: Editor, server: ServerId, output: number, made: Output): void {
  const replica = editor.state.servers[server]!.replica!;
  if (replica.role === 'backup') return compare(editor, server, output, replica);
  if (server !== editor.state.witness.live) return;
  const witness = editor.edit('witness');
  // A machine without a backup has nobody to be compared with, and one that only goes on is not hashed at each output.
  if (replica.peer !== NOBODY && editor.place.keepsStates) witness.hashes.push({ output, hash: replica.guest.hash });
  if (made.device !== 'disk') return;
  if (editor.scenario.options.disk === 'local') witness.inside.push(output);
  for (const { id, kind, sector, data } of made.requests)
    if (kind === 'write') witness.writes.push({ output, request: id, sector, data: data! });
}

function compare(editor: Editor, server: ServerId, output: number, { guest }: ReplicaState): void {
  const { hashes } = editor.edit('witness');
  const index = hashes.findIndex((each) => each.output === output);
  if (index < 0) return;
  const [{ hash }] = hashes.splice(index, 1) as [(typeof hashes)[number]];
  if (hash === guest.hash) return;
  breach(editor, 'the backup follows', server, `state ${hash} after output ${output}, as on the primary`, `state ${guest.hash}`);
}

/** An output has left a machine. */
export function hasLeft(editor: Editor, server: ServerId, output: number, made: Output): void {
  const { live, liveFrom } = editor.state.witness;
  if (server !== live && output >= liveFrom) {
    const expected = `nothing of its own from server ${server}, since server ${live} went live after ${counted(liveFrom, 'output')}`;
    return breach(editor, 'one machine is live', server, expected, `output ${output}, ${nameOf(made)}`);
  }
  const witness = editor.edit('witness');
  skipInside(editor);
  if (output > witness.outside) {
    return breach(
      editor,
      'no output is lost',
      server,
      `output ${witness.outside} before all later ones`,
      `output ${output}, ${nameOf(made)}, leaves, and output ${witness.outside} never did`,
    );
  }
  if (output < witness.outside) return;
  witness.outside += 1;
  if (made.device === 'console') witness.console.push(made.byte);
}

/** The first output of a machine's guest that never left, where nothing holds any back; -1 if there is none. */
export function neverLeft({ witness }: ClusterState, { outputs }: ReplicaState): number {
  let output = witness.outside;
  while (witness.inside.includes(output)) output += 1;
  return output < outputs ? output : -1;
}

/** A write is given to a disk that others see: the output that made it has left by then. */
export function reachesDisk(editor: Editor, server: ServerId, { id, kind }: DiskRequest): void {
  const { writes, outside, live } = editor.state.witness;
  if (kind !== 'write' || server !== live || editor.scenario.options.disk === 'local') return;
  const write = writes.findLast(({ request }) => request === id);
  if (write === undefined || write.output < outside) return;
  const expected = `output ${write.output}, a write to the disk, held until its own entry is acknowledged`;
  breach(editor, 'no output is lost', server, expected, 'the disk gets it before');
}

function skipInside(editor: Editor): void {
  const witness = editor.edit('witness');
  while (witness.inside.includes(witness.outside)) {
    witness.inside = witness.inside.filter((output) => output !== witness.outside);
    witness.outside += 1;
  }
}

/** What has to happen by itself for everything that is sent to arrive at once. */
const ARRIVALS: readonly EventKind[] = ['heartbeat', 'log', 'transfer'];

/** A machine counts its peer as failed, and asks for the right to go on alone. */
export function asksForFlag(editor: Editor, server: ServerId): void {
  const { scenario, state } = editor;
  const { role, finishedSeq } = state.servers[server]!.replica!;
  const expected = `server ${server} leaves the flag alone`;
  if (role === 'backup' && finishedSeq > 0) {
    const observed = 'it asks for it, though it was told that the guest is off and everything outside';
    return breach(editor, 'a takeover has a cause', server, expected, observed);
  }
  const { left } = state;
  const hasCause = left.faults < scenario.allowance.faults || left.leaves < scenario.allowance.leaves;
  if (!hasCause && ARRIVALS.every((kind) => scenario.eager.includes(kind)))
    breach(editor, 'a takeover has a cause', server, expected, 'it asks for it, though nothing has failed');
}

/** A machine sends the last of its guest to a new backup (3.3). */
export function switches(editor: Editor, server: ServerId): void {
  const { servers, disk } = editor.state;
  const { incarnation } = servers[server]!;
  const busy = disk.work.filter((work) => work.server === server && work.incarnation === incarnation);
  if (busy.length === 0) return;
  const observed = `${counted(busy.length, 'request')} of the guest’s with the disk`;
  breach(editor, 'a switch finds the disk quiet', server, 'no request of the guest’s with the disk', observed);
}

/** A machine goes on alone. */
export function goesLive(editor: Editor, server: ServerId): void {
  const { servers, witness } = editor.state;
  const replica = servers[server]!.replica!;
  const other = servers.findIndex(
    ({ condition, replica: its }, id) => id !== server && condition !== 'crashed' && its?.role === 'primary' && its.peer === NOBODY,
  );
  if (other !== -1)
    breach(
      editor,
      'one machine is live',
      server,
      `server ${server} not live: server ${other} serves alone`,
      `server ${server} goes live too`,
    );
  if (server === witness.live) return;
  if (replica.outputs < witness.outside) {
    const all = witness.outside === 1 ? 'the one output that is outside' : `all ${witness.outside} outputs that are outside`;
    const observed = `server ${server} goes live after ${counted(replica.outputs, 'output')}`;
    breach(editor, 'no output is lost', server, `a machine that has made ${all}`, observed);
  }
  const edited = editor.edit('witness');
  Object.assign(edited, { live: server, liveFrom: replica.outputs, hashes: [] });
  edited.writes = edited.writes.filter(({ output }) => output < replica.outputs);
  edited.inside = edited.inside.filter((output) => output < replica.outputs);
}

/** Looks at a machine after each event of it. */
export function look(editor: Editor, server: ServerId): void {
  const { state, scenario } = editor;
  const replica = state.servers[server]!.replica;
  if (replica === null || replica.peer === NOBODY) return;
  const { bufferEntriesMax } = scenario.options.channel;
  const held = replica.role === 'primary' ? replica.appendedSeq - replica.acknowledgedSeq : replica.deliveredSeq - replica.consumedSeq;
  if (replica.channel !== null && held > bufferEntriesMax)
    breach(
      editor,
      'buffers are bounded',
      server,
      `at most ${counted(bufferEntriesMax, 'entry', 'entries')}`,
      `the ${replica.role} holds ${held}`,
    );
  const peer = state.servers[replica.peer]!.replica;
  const isPair = replica.role === 'primary' && peer?.role === 'backup' && peer.generation === replica.generation;
  if (isPair && replica.acknowledgedSeq > peer.deliveredSeq)
    breach(
      editor,
      'acknowledged is held',
      server,
      `at most entry ${peer.deliveredSeq}, the last that the backup holds`,
      `entry ${replica.acknowledgedSeq} counts as acknowledged`,
    );
  if (isPair) lookAtLag(editor, server, replica.position - peer.position);
}

/** The backup has so many attempts of the primary's still to make. */
function lookAtLag(editor: Editor, server: ServerId, attempts: number): void {
  const { lagMsMax, options } = editor.scenario;
  const lagMs = Math.round(attempts / options.attemptsPerMs);
  if (lagMs > lagMsMax)
    breach(editor, 'the backup keeps up', server, `a backup at most ${lagMsMax} ms of work behind`, `the backup is ${lagMs} ms behind`);
}

/** The disk of the live machine, at a moment at which nothing is on its way there. */
export function lookAtDisk(editor: Editor): void {
  const { witness, servers, disk } = editor.state;
  const { replica } = servers[witness.live]!;
  if (disk.work.length === 0 && replica !== null && replica.role === 'primary' && isDiskIdle(replica))
    editor.state.breach ??= wrongDisk(editor.scenario, editor.state, witness.live);
}

/** What is wrong on the disk of a machine, its own or the shared one, of what the live guest wrote. */
export function wrongDisk({ options }: Scenario, { witness, servers, disk }: ClusterState, server: ServerId): Breach | null {
  const wrong = wrongWrite(witness.writes, options.disk === 'local' ? servers[server]!.chunks! : disk.chunks);
  if (wrong === undefined) return null;
  const expected = `what output ${wrong.output} wrote to sector ${wrong.sector}`;
  return { property: 'the disk is as written', expected, observed: 'something else there', server };
}

/** Whether the disk has done what the guest wants of it, which for one that is off is what its host has still to see done. */
function isDiskIdle({ disk, held, isOff }: ReplicaState): boolean {
  return (isOff ? disk.undone : disk.pending).length === 0 && held.every(({ made }) => made.device !== 'disk');
}

/** A write of which the disk has something else, and no later one of the guest's is why. */
function wrongWrite(writes: readonly GuestWrite[], chunks: ClusterState['disk']['chunks']): GuestWrite | undefined {
  return writes.find((write, index) => {
    const laterOnes = writes.slice(index + 1);
    const isOverwritten = laterOnes.some(({ sector, data }) => sector === write.sector && data.length >= write.data.length);
    if (isOverwritten) return false;
    return readChunks(chunks, write.sector, write.data.length).some((byte, at) => byte !== write.data[at]);
  });
}

function nameOf(made: Output): string {
  if (made.device === 'console') return `console byte ${JSON.stringify(String.fromCharCode(made.byte))}`;
  return made.device === 'network' ? 'a frame' : 'a write to the disk';
}

/** Faults of a cluster, what mends them, and what whoever runs it does, in words. */
import type { ClusterEvent, EventKind } from './cluster-event.ts';
import type { ClusterState } from './cluster-state.ts';
import type { DraftRow } from './draft-rows.ts';
import { diskRequestName, serverLane } from './names.ts';

/** The kinds that have their words here. */
export type FaultKind = Extract<
  EventKind,
  | 'crash'
  | 'freeze'
  | 'thaw'
  | 'cut'
  | 'mend'
  | 'garble'
  | 'mute'
  | 'unmute'
  | 'part'
  | 'rejoin'
  | 'lose answer'
  | 'lose heartbeat'
  | 'lose frame'
  | 'double frame'
  | 'fail disk'
  | 'repair'
  | 'leave'
>;

type FaultRow = Pick<DraftRow, 'lane' | 'phrases'> & Partial<DraftRow>;

/** The rows of a fault, or of its end. `sent` is the row that sent what a datagram's fault is about. */
export function faultRow(kind: FaultKind, { at, to }: ClusterEvent, before: ClusterState, sent: DraftRow | undefined): FaultRow[] {
  const one = (words: string): FaultRow[] => [{ lane: serverLane(at), tone: 'fault', phrases: [words] }];
  const two = (words: string): FaultRow[] => [{ lane: serverLane(at), to: serverLane(to), tone: 'fault', phrases: [words] }];
  const end = (words: string): FaultRow[] => [{ lane: serverLane(at), phrases: [words] }];
  switch (kind) {
    case 'crash':
      return one('crashes');
    case 'freeze':
      return one('stands still');
    case 'cut':
      return two(`the streams to ${serverLane(to)} break: what is on its way in them is lost`);
    case 'garble':
      return [{ ...two('a bit of what is on its way is garbled')[0]!, ...(sent?.leaves && { leaves: sent.leaves }) }];
    case 'mute':
      return two(`heartbeats to and from ${serverLane(to)} are lost from here on`);
    case 'part':
      return [{ lane: serverLane(at), to: 'storage', tone: 'fault', phrases: ['what it asks the storage is lost from here on'] }];
    case 'lose answer':
      return [
        {
          lane: 'storage',
          to: serverLane(before.storage.answers[at]!.to),
          tone: 'fault',
          phrases: ['its answer is lost, though the flag is given'],
        },
      ];
    case 'lose heartbeat':
    case 'lose frame':
    case 'double frame':
      return [datagramRow(kind, sent)];
    case 'fail disk': {
      const { server, request } = before.disk.work[at]!;
      return [{ lane: 'disk', to: serverLane(server), tone: 'fault', phrases: [`fails ${diskRequestName(request)}`] }];
    }
    case 'thaw':
      return end('goes on after standing still');
    case 'mend':
      return end(`the streams to ${serverLane(to)} are whole again`);
    case 'unmute':
      return end(`heartbeats to and from ${serverLane(to)} arrive again`);
    case 'rejoin':
      return end('can reach the storage again');
    case 'repair':
      return end('is back, with nothing in it');
    case 'leave':
      return end('is to be emptied: its machine has to move to another server');
  }
}

function datagramRow(kind: 'lose heartbeat' | 'lose frame' | 'double frame', sent: DraftRow | undefined): FaultRow {
  const what = kind === 'lose heartbeat' ? 'its heartbeat' : 'its frame';
  const where = { lane: sent?.lane ?? 'network', ...(sent?.to !== undefined && { to: sent.to }) };
  const words = kind === 'double frame' ? `${what} is doubled on its way` : `${what} is lost on its way`;
  return {
    ...where,
    tone: 'fault',
    phrases: [words],
    ...(kind === 'double frame' && sent?.leaves !== undefined && { leaves: sent.leaves }),
  };
}

/**
 * Logic of the live figure of split brain (VMware FT, section 2.3): the network between the two machines breaks, and the clients' network with it. Each
 * machine thinks the other dead. With the flag on the shared storage one goes on; without it both do.
 */
import type { Role } from '../../../labs-runtime/ft/channel-api.ts';
import type { WorldEvent } from '../../../labs-runtime/sim/world-event.ts';
import type { Script, WorldFrame } from './world-run.ts';

const pass: WorldEvent = { kind: 'pass', forMs: 25 };
const rounds = (count: number): WorldEvent[] => Array.from({ length: count }, () => pass);

/** The machine that asks the storage first is the one whose way there is not cut for a moment. */
export function scriptOf(flag: boolean, first: Role): Script {
  const other: Role = first === 'primary' ? 'backup' : 'primary';
  return {
    steps: [],
    after: [
      { kind: 'request', client: 0 },
      ...rounds(3),
      { kind: 'break', lateToBackup: 0, lateToPrimary: 0 },
      { kind: 'heartbeats', pass: false },
      { kind: 'clients split', on: true },
      { kind: 'storage', machine: other, reachable: false },
      ...rounds(11),
      { kind: 'storage', machine: other, reachable: true },
      ...rounds(8),
      { kind: 'request', client: 0 },
      { kind: 'request', client: 1 },
      ...rounds(3),
    ],
    outputRule: true,
    flag,
    settles: false,
  };
}

/** What the run came to, in a sentence or two. */
export function describe({ machines, tickets }: WorldFrame): string {
  const live = Object.values(machines).filter((machine) => machine === 'live').length;
  const double = tickets.find(({ isDouble }) => isDouble);
  if (live === 2)
    return double
      ? `Split brain: both machines are live, and both gave out ticket ${double.ticket}. Two services now have one name.`
      : 'Split brain: both machines are live. Two services now have one name.';
  const [survivor, loser] = machines.primary === 'live' ? ['primary', 'backup'] : ['backup', 'primary'];
  return `One service: the ${survivor} holds the flag and is live, the ${loser} has halted. Clients on the loser’s side wait for the network; nobody is told something else.`;
}

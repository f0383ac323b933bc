/**
 * Logic of the live figure of the output rule (VMware FT, section 2.2): one request and its answer, step by step, and the plug pulled on the primary
 * after any of the steps. The log that is on its way at that moment is lost with it.
 */
import type { WorldEvent } from '../../../labs-runtime/sim/world-event.ts';
import type { Script, WorldFrame } from './world-run.ts';

/** The way of one answer, in events and in words: what has happened when the plug is pulled. */
export const moments: { words: string; events: WorldEvent[] }[] = [
  { words: 'before anyone asks', events: [] },
  { words: 'client A has asked', events: [{ kind: 'request', client: 0 }] },
  { words: 'the guest has answered', events: [{ kind: 'run', attempts: 4000 }] },
  { words: 'the log has reached the backup', events: [{ kind: 'carry', to: 'backup', bytesMax: 4000 }] },
  { words: 'the acknowledgement is back', events: [{ kind: 'carry', to: 'primary', bytesMax: 4000 }] },
  { words: 'the answer has reached client A', events: [{ kind: 'wait', forMs: 1 }] },
];

const pass: WorldEvent = { kind: 'pass', forMs: 25 };

/** Once the backup has taken over, client B asks: if its ticket is one that client A holds, the pair has forgotten what it said. */
const afterwards: WorldEvent[] = [...Array.from({ length: 12 }, () => pass), { kind: 'request', client: 1 }, pass, pass];

/** The script for a plug that is pulled after the moment of that index. */
export function scriptOf(outputRule: boolean, moment: number): Script {
  const steps = moments.slice(0, moment + 1).flatMap(({ events }) => events);
  return {
    steps: [...steps, { kind: 'crash', machine: 'primary', lateBytes: 0 }],
    after: afterwards,
    outputRule,
    flag: true,
    settles: true,
  };
}

/** What the run came to, in a sentence or two. */
export function describe({ tickets }: WorldFrame): string {
  const double = tickets.find(({ isDouble }) => isDouble);
  if (double)
    return `Broken: both clients hold ticket ${double.ticket}. The new primary does not remember that the old one gave it to client A.`;
  const held = tickets.map(({ client, ticket }) => `client ${client} holds ticket ${ticket}`);
  return `Consistent: ${held.join(' and ')}. What a client holds, the new primary remembers.`;
}

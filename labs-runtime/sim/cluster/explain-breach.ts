/** The breach of a property, for people: what should hold and why, what was seen, and what somebody outside would notice of it. */
import type { Breach } from './cluster-state.ts';
import { PROPERTIES } from './properties.ts';
import type { PropertyName } from './properties.ts';

export interface Explanation {
  property: PropertyName;
  /** Section of VMware FT that it follows from. */
  section: string;
  /** The property in plain words. */
  says: string;
  expected: string;
  observed: string;
  /** What clients, or whoever runs the service, would notice. */
  consequence: string;
}

const CONSEQUENCES: Record<PropertyName, string> = {
  'no output is lost':
    'Somebody outside has seen something that the machine which serves now never said, or waits for something that it takes for said: what they know of the service and what it knows of itself differ for good.',
  'the past stays': 'A client reads something that cannot be true together with what it, or another client, was told before.',
  'one machine is live':
    'Two machines answer under one address and write to one disk: clients get answers of both, and each of them knows nothing of what the other has promised.',
  'the backup follows':
    'The backup is another machine by now: if the primary fails, it goes on from a state in which the service never was.',
  'acknowledged is held':
    'The primary lets outputs go that nobody else could make again: if it fails now, the backup does not know what it said.',
  'buffers are bounded':
    'An end of the channel takes memory without bound, and the backup falls behind as far: a takeover takes as long as the replay of all that.',
  'the disk is as written': 'The guest reads something else from its disk than it wrote there: a file, or a whole file system, is damaged.',
  'a switch finds the disk quiet':
    'A request comes back to a host while the state of its guest is on its way: a new backup that is told it is pending may ask the disk for what is done.',
  'the backup keeps up': 'If the primary fails now, the service stands still for as long as the backup takes for all that it is behind.',
  'a takeover has a cause':
    'A machine is taken over that did not fail: the guest loses its backup for nothing, or is kept on a server after it was switched off and has nothing left to do.',
  'the pair becomes whole': 'The service goes on without a backup: the next failure ends it.',
  'service goes on': 'Clients wait for an answer that does not come, though a machine is there that could give it.',
};

/** What to say about a breach. */
export function explainBreach({ property, expected, observed }: Breach): Explanation {
  const { section, says } = PROPERTIES[property];
  return { property, section, says, expected, observed, consequence: CONSEQUENCES[property] };
}

/**
 * What must hold of a cluster, whatever happens in it: each property is a name, a section of the paper and a sentence. Those that one event can
 * break are looked at there; those that only a whole run can break, where a run has come to rest.
 */

export interface Property {
  name: string;
  /** Section of VMware FT that it follows from. */
  section: string;
  /** In plain words. */
  says: string;
}

export const PROPERTIES = {
  'no output is lost': {
    section: '2.2',
    says: 'A machine that takes over has made every output that anybody has seen, and outputs leave one after the other without a gap, also those of a guest that is off by now.',
  },
  'the past stays': {
    section: '2.1',
    says: 'What clients are told could have been told by one machine that never failed.',
  },
  'one machine is live': {
    section: '2.3',
    says: 'There are never two machines that serve alone, and a machine that has lost its right sends nothing of its own.',
  },
  'the backup follows': {
    section: '2.1',
    says: 'After each output the backup is in the state in which the primary was.',
  },
  'acknowledged is held': {
    section: '2.2',
    says: 'The primary takes only for acknowledged what its backup holds.',
  },
  'buffers are bounded': {
    section: '3.2',
    says: 'Neither end of the logging channel holds more entries than its buffer has room for.',
  },
  'the disk is as written': {
    section: '3.4',
    says: 'When nothing is on its way to the disk, it holds what the guest wrote, in the order in which the guest wrote it.',
  },
  'a switch finds the disk quiet': {
    section: '3.3',
    says: 'When the last of a guest goes to its new backup, nothing that the guest has asked for is with the disk.',
  },
  'the backup keeps up': {
    section: '3.2',
    says: 'The backup is never further behind than a bound, so that a takeover takes no longer than that.',
  },
  'a takeover has a cause': {
    section: '2.3',
    says: 'Nobody takes over a guest that is off once it was told that everything which that guest made is outside, nor asks for the flag where nothing failed and everything arrives at once.',
  },
  'the pair becomes whole': {
    section: '3.1',
    says: 'A machine that serves alone gets a new backup within a bound, where a server is free and nothing more fails.',
  },
  'service goes on': {
    section: '2.3',
    says: 'While a machine is left that can serve and nothing more fails, everything asked is answered within a bound; and where the guest is off, everything that it made is outside within that bound, and no pair goes on.',
  },
} as const satisfies Record<string, Omit<Property, 'name'>>;

export type PropertyName = keyof typeof PROPERTIES;

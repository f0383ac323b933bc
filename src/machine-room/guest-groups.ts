/** The shipped guests as a list to choose from: those first that one can talk to. */
import { guests, type Guest, type GuestName } from '../../labs-runtime/guests/index.ts';

export interface GuestGroup {
  title: string;
  /** What holds for all of them on this page. */
  note?: string;
  guests: Guest[];
}

const GROUPS: { title: string; note?: string; names: GuestName[] }[] = [
  { title: 'To talk to', names: ['shell', 'counter', 'lottery', 'overlap'] },
  { title: 'To watch', names: ['racer', 'clockwork', 'dma-poll'] },
  { title: 'To keep the processor busy', names: ['sieve-crc32', 'sha256', 'matrix', 'sort', 'compile', 'traps'] },
  {
    title: 'For a network',
    note: 'No network leads to this page: they boot, and wait for requests.',
    names: ['tickets', 'key-value', 'key-value-disk'],
  },
];

/** All guests; those that no group names come last. */
export function guestGroups(): GuestGroup[] {
  const named = new Set(GROUPS.flatMap(({ names }) => names));
  const others = Object.values(guests).filter(({ name }) => !named.has(name));
  const groups = GROUPS.map(({ names, ...group }) => ({ ...group, guests: names.map((name) => guests[name]) }));
  return others.length === 0 ? groups : [...groups, { title: 'Others', guests: others }];
}

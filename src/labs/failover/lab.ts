/** The failover lab as data. Its rules are stated in `statement.mdx` and enforced by `checks.ts`. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';

export const lab: Lab = {
  id: 'failover',
  number: 3,
  title: 'Failover',
  summary: 'Notice that the other machine has failed, and see to it that one machine goes on, and never two.',
  section: '2.3',
  files: ['failover.ts'],
  checks: [
    { id: 'heartbeats', title: 'a heartbeat goes out as often as one is due', points: 6, class: 'liveness' },
    { id: 'false-alarm', title: 'a peer that is heard in both ways counts as alive', points: 8, class: 'safety' },
    { id: 'notices', title: 'a peer that falls silent is noticed, whichever of its two signals stops', points: 12, class: 'liveness' },
    { id: 'log-end', title: 'the backup goes live only at the end of the log', points: 10, class: 'safety' },
    { id: 'flag', title: 'nobody goes live without the storage’s word, and who has it goes on', points: 10, class: 'safety' },
    { id: 'one-live', title: 'of two machines that think each other dead, one goes on', points: 10, class: 'safety' },
    { id: 'loser-halts', title: 'the machine that does not get the flag halts', points: 8, class: 'safety' },
    { id: 'lost-answer', title: 'an attempt whose answer was lost is repeated', points: 8, class: 'liveness' },
    { id: 'unreachable', title: 'while the storage is out of reach a machine neither goes live nor halts', points: 8, class: 'safety' },
    { id: 'primary-alone', title: 'a primary whose backup died goes on alone', points: 8, class: 'liveness' },
    { id: 'power-off', title: 'a power-off makes nobody go live, and a crash still does', points: 6, class: 'safety' },
    { id: 'random', title: 'clients never see a contradiction, whatever fails', points: 6, class: 'safety' },
  ],
  limits: { stepsMax: 40_000_000, depthMax: 1000, valuesMax: 50_000, sourceBytesMax: 200_000 },
};

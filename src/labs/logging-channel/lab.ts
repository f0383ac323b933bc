/** The logging channel lab as data. Its rules are stated in `statement.mdx` and enforced by `checks.ts`. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';

export const lab: Lab = {
  id: 'logging-channel',
  number: 1,
  title: 'The logging channel',
  summary: 'Get the primary’s log entries to the backup, in order and each once, over a link that cuts, delays and breaks.',
  section: '2.2 and 3.2',
  files: ['channel.ts'],
  checks: [
    { id: 'in-order', title: 'entries come out in order, each as it went in', points: 10, class: 'safety' },
    { id: 'framing', title: 'frames survive any cut of the stream into pieces', points: 15, class: 'safety' },
    { id: 'acknowledgement', title: 'an entry is reported as acknowledged only once the backup has it', points: 15, class: 'safety' },
    { id: 'broken-link', title: 'what a broken link lost is sent again', points: 15, class: 'liveness' },
    { id: 'once', title: 'an entry that is sent twice is handed over once', points: 10, class: 'safety' },
    { id: 'late-bytes', title: 'late bytes of an old connection do no harm', points: 10, class: 'safety' },
    {
      id: 'primary-buffer',
      title: 'the primary stalls when its buffer is full and resumes when there is room',
      points: 10,
      class: 'safety',
    },
    { id: 'backup-buffer', title: 'the backup takes no more than it has room for, and gets the rest later', points: 5, class: 'safety' },
    { id: 'forgets', title: 'what is acknowledged or consumed is not kept', points: 5, class: 'safety' },
    { id: 'same-state', title: 'the backup’s machine reaches the states of the primary’s', points: 5, class: 'safety' },
  ],
  limits: { stepsMax: 40_000_000, depthMax: 1000, valuesMax: 50_000, sourceBytesMax: 200_000 },
};

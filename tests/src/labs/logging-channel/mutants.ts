/** Mutants of the logging channel's reference solutions. */
import { sourcesOf, type Mutant } from '../mutant.ts';

/** Names of the reference solutions. */
export const solutions = ['checksum', 'byte-stuffing', 'text-lines'] as const;
type Solution = (typeof solutions)[number];

export const { solutionSource, mutantSource } = sourcesOf<Solution>('logging-channel');

export const mutants: Mutant<Solution>[] = [
  {
    name: 'hands over the newest first',
    fails: 'in-order',
    of: 'checksum',
    replace: [
      [
        '  return effects;\n}\n\nfunction append',
        "  return effects[0]?.kind === 'deliver' ? effects.reverse() : effects;\n}\n\nfunction append",
      ],
    ],
  },
  { name: 'numbers from 0', fails: 'in-order', of: 'checksum', replace: [['next: 1,', 'next: 0,']] },
  {
    name: 'takes each piece for whole frames',
    fails: 'framing',
    of: 'checksum',
    replace: [['state.inbox = join(state.inbox, input.bytes);', 'state.inbox = input.bytes;']],
  },
  {
    name: 'reads one frame a piece',
    fails: 'framing',
    of: 'checksum',
    replace: [
      [
        'for (let frame = takeFrame(state); frame; frame = takeFrame(state)) receive(state, frame, effects);',
        'const frame = takeFrame(state);\n    if (frame) receive(state, frame, effects);\n    state.inbox = new Uint8Array(0);',
      ],
    ],
  },
  {
    name: 'reports as acknowledged what it sent',
    fails: 'acknowledgement',
    of: 'checksum',
    replace: [
      [
        '  send(state, ENTRY, seq, entry, effects);\n  if',
        "  send(state, ENTRY, seq, entry, effects);\n  effects.push({ kind: 'acknowledged', seq });\n  if",
      ],
    ],
  },
  {
    name: 'acknowledges what it had no room for',
    fails: 'acknowledgement',
    of: 'checksum',
    replace: [
      [
        '    send(state, ACK, state.next - 1, new Uint8Array(0), effects);\n  }\n  if',
        '    send(state, ACK, Math.max(frame.seq, state.next - 1), new Uint8Array(0), effects);\n  }\n  if',
      ],
    ],
  },
  {
    name: 'never sends again',
    fails: 'broken-link',
    of: 'checksum',
    replace: [['for (const { seq, entry } of state.unacknowledged) send', 'for (const { seq, entry } of []) send']],
  },
  {
    name: 'does not keep what is appended while the link is down',
    fails: 'broken-link',
    of: 'checksum',
    replace: [['  state.unacknowledged.push({ seq, entry });', '  if (state.linkUp) state.unacknowledged.push({ seq, entry });']],
  },
  {
    name: 'acknowledges each entry one time only',
    fails: 'broken-link',
    of: 'checksum',
    replace: [
      [
        '    send(state, ACK, state.next - 1, new Uint8Array(0), effects);\n  }\n  if',
        '    if (effects.length > 0) send(state, ACK, state.next - 1, new Uint8Array(0), effects);\n  }\n  if',
      ],
      ["      if (state.options.role === 'backup') send(state, ACK, state.next - 1, new Uint8Array(0), effects);\n", ''],
    ],
  },
  {
    name: 'hands over again what came again',
    fails: 'once',
    of: 'checksum',
    replace: [
      ['frame.seq === state.next && room', 'frame.seq <= state.next && room'],
      ['      state.next += 1;', '      state.next = Math.max(state.next, frame.seq + 1);'],
    ],
  },
  {
    name: 'ignores the checksum',
    fails: 'late-bytes',
    of: 'checksum',
    replace: [['view.getUint32(end) === checksum(rest.subarray(0, end))', 'view.getUint32(end) >= 0']],
  },
  {
    name: 'goes on with half a line when the next one begins',
    fails: 'late-bytes',
    of: 'text-lines',
    replace: [["if (character === ':') state.text", "if (character === ':' && state.text === '') state.text"]],
  },
  {
    name: 'stalls one entry late',
    fails: 'primary-buffer',
    of: 'checksum',
    replace: [['length >= state.options.bufferEntriesMax', 'length > state.options.bufferEntriesMax']],
  },
  {
    name: 'never resumes',
    fails: 'primary-buffer',
    of: 'checksum',
    replace: [["if (state.stalled) effects.push({ kind: 'resume' });", '']],
  },
  {
    name: 'takes entries without room for them',
    fails: 'backup-buffer',
    of: 'checksum',
    replace: [['frame.seq === state.next && room', 'frame.seq === state.next']],
  },
  {
    name: 'keeps acknowledged entries',
    fails: 'forgets',
    of: 'byte-stuffing',
    replace: [
      ['  stalled: boolean;\n}', '  stalled: boolean;\n  old: Uint8Array[];\n}'],
      ['stalled: false }', 'stalled: false, old: [] }'],
      ['    end.log.splice(0, held + 1 - end.first);', '    end.old.push(...end.log.splice(0, held + 1 - end.first));'],
    ],
  },
  {
    name: 'sends seven bits of each byte',
    fails: 'same-state',
    of: 'text-lines',
    replace: [['byte.toString(16)', '(byte & 127).toString(16)']],
  },
  {
    name: 'waits for a frame without end',
    fails: 'framing',
    verdict: 'step budget',
    of: 'checksum',
    replace: [['    if (rest.length < HEADER) break;', '    if (rest.length < HEADER) continue;']],
  },
  {
    name: 'reads a frame that is not there',
    fails: 'acknowledgement',
    verdict: 'error',
    of: 'checksum',
    replace: [['if (state.unacknowledged.length === before) return;', 'if (state.unacknowledged[0]!.seq > frame.seq + 1) return;']],
  },
];

/** Mutants of the output gate's reference solutions. */
import { sourcesOf, type Mutant } from '../mutant.ts';

/** Names of the reference solutions. */
export const solutions = ['queue', 'by-number', 'modes'] as const;
type Solution = (typeof solutions)[number];

export const { solutionSource, mutantSource } = sourcesOf<Solution>('output-rule');

/** Where the solution `queue` decides what waits. */
const WAITS = "if (input.action === 'write' || input.action === 'transmit')";

export const mutants: Mutant<Solution>[] = [
  {
    name: 'holds console bytes only',
    fails: 'network-held',
    of: 'queue',
    replace: [[WAITS, "if (input.action === 'write')"]],
  },
  {
    name: 'takes an acknowledgement for one of everything',
    fails: 'network-held',
    of: 'queue',
    replace: [['state.acknowledged = Math.max(state.acknowledged, input.seq);', 'for (const output of state.queue) output.seq = 0;']],
  },
  {
    name: 'holds frames only',
    fails: 'console-held',
    of: 'queue',
    replace: [[WAITS, "if (input.action === 'transmit')"]],
  },
  {
    name: 'waits for the entry before its own',
    fails: 'own-entry',
    of: 'queue',
    replace: [['state.queue[0]!.seq <= state.acknowledged', 'state.queue[0]!.seq <= state.acknowledged + 1']],
  },
  {
    name: 'lets an output go if all that was logged before it is acknowledged',
    fails: 'own-entry',
    of: 'by-number',
    replace: [['if (staysInside(input) || state.alone)', 'if (staysInside(input) || state.alone || input.seq === state.confirmed + 1)']],
  },
  {
    name: 'stops the guest while outputs wait',
    fails: 'never-stops',
    of: 'by-number',
    replace: [
      ['  return confirm(state, state.confirmed);\n};', "  return [{ kind: 'stall' }, ...confirm(state, state.confirmed)];\n};"],
      ['  return effects;\n}', "  if (state.oldest === state.next) effects.push({ kind: 'resume' });\n  return effects;\n}"],
    ],
  },
  {
    name: 'stops the guest when more than four outputs wait',
    fails: 'never-stops',
    of: 'queue',
    replace: [['  return effects;\n}', "  effects.push({ kind: state.queue.length > 4 ? 'stall' : 'resume' });\n  return effects;\n}"]],
  },
  {
    name: 'holds whatever the guest does',
    fails: 'inside-passes',
    of: 'queue',
    replace: [[WAITS, 'if (input.operation > 0)']],
  },
  {
    name: 'holds all that the network card is told',
    fails: 'inside-passes',
    of: 'by-number',
    replace: [["return device === 'clock' || action === 'offer buffers';", "return device === 'clock' && action === 'read';"]],
  },
  {
    name: 'lets frames leave before console bytes',
    fails: 'order',
    of: 'queue',
    replace: [
      [
        'queue: { operation: number; seq: number }[];',
        'queue: { operation: number; seq: number }[];\n  bytes: { operation: number; seq: number }[];',
      ],
      ['queue: [] };', 'queue: [], bytes: [] };'],
      [
        `${WAITS} state.queue.push(`,
        "if (input.action === 'write') state.bytes.push({ operation: input.operation, seq: input.seq });\n      else if (input.action === 'transmit') state.queue.push(",
      ],
      [
        '  return effects;\n}',
        "  while (state.bytes.length > 0 && state.bytes[0]!.seq <= state.acknowledged) {\n    effects.push({ kind: 'release', operation: state.bytes.shift()!.operation });\n  }\n  return effects;\n}",
      ],
    ],
  },
  {
    name: 'lets the newest leave first',
    fails: 'order',
    of: 'modes',
    replace: [['  return state.operations.splice(0, count);', '  return state.operations.splice(0, count).reverse();']],
  },
  {
    name: 'lets everything leave again at a lower acknowledgement',
    fails: 'once',
    of: 'by-number',
    replace: [
      ['return input.seq > state.confirmed ? confirm(state, input.seq) : [];', 'return confirm(state, input.seq);'],
      [
        '  const effects: OutputGateEffect[] = [];\n  state.confirmed = seq;',
        '  const effects: OutputGateEffect[] = [];\n  while (state.oldest > 0 && state.waiting[state.oldest - 1]![1] > seq) state.oldest -= 1;\n  state.confirmed = seq;',
      ],
      ['    delete state.waiting[state.oldest];\n', ''],
    ],
  },
  {
    name: 'does not take off what has left',
    fails: 'once',
    of: 'modes',
    replace: [
      ['  state.entries.splice(0, count);\n  return state.operations.splice(0, count);', '  return state.operations.slice(0, count);'],
    ],
  },
  {
    name: 'lets one output leave an acknowledgement',
    fails: 'prompt',
    of: 'queue',
    replace: [['  while (state.queue.length > 0 &&', '  if (state.queue.length > 0 &&']],
  },
  {
    name: 'looks for the very entry acknowledged',
    fails: 'prompt',
    of: 'queue',
    replace: [['state.queue[0]!.seq <= state.acknowledged', 'state.queue[0]!.seq === state.acknowledged']],
  },
  {
    name: 'takes the newest acknowledgement for the highest',
    fails: 'prompt',
    of: 'queue',
    replace: [['state.acknowledged = Math.max(state.acknowledged, input.seq);', 'state.acknowledged = input.seq;']],
  },
  {
    name: 'releases at acknowledgements only',
    fails: 'prompt',
    of: 'by-number',
    replace: [['  return confirm(state, state.confirmed);\n};', '  return [];\n};']],
  },
  {
    name: 'waits for an entry after its own',
    fails: 'prompt',
    of: 'modes',
    replace: [['findIndex((seq) => seq > known)', 'findIndex((seq) => seq >= known)']],
  },
  {
    name: 'drops what it holds when it is alone',
    fails: 'alone',
    of: 'modes',
    replace: [['      yield* state.operations;\n', '']],
  },
  {
    name: 'goes on holding when it is alone',
    fails: 'alone',
    of: 'by-number',
    replace: [
      ['staysInside(input) || state.alone', 'staysInside(input)'],
      ['  return confirm(state, Number.MAX_SAFE_INTEGER);', '  return [...confirm(state, Number.MAX_SAFE_INTEGER), ...confirm(state, 0)];'],
    ],
  },
  {
    name: 'lets everything out at once',
    fails: 'crash',
    of: 'queue',
    replace: [['state.queue[0]!.seq <= state.acknowledged', 'state.acknowledged >= 0']],
  },
  {
    name: 'keeps what has left',
    fails: 'forgets',
    of: 'queue',
    replace: [
      ['queue: { operation: number; seq: number }[];', 'queue: { operation: number; seq: number }[];\n  left: number[];'],
      ['queue: [] };', 'queue: [], left: [] };'],
      [
        "    effects.push({ kind: 'release', operation });",
        "    state.left.push(operation);\n    effects.push({ kind: 'release', operation });",
      ],
    ],
  },
  {
    name: 'looks at the first of nothing',
    fails: 'inside-passes',
    verdict: 'error',
    of: 'queue',
    replace: [['while (state.queue.length > 0 && state.queue[0]!.seq', 'while (state.queue[0]!.seq']],
  },
  {
    name: 'waits in a loop for an acknowledgement',
    fails: 'network-held',
    verdict: 'step budget',
    of: 'queue',
    replace: [
      ['state.queue.length > 0 && state.queue[0]!.seq <= state.acknowledged', 'state.queue.length > 0'],
      [
        '    const { operation } = state.queue.shift()!;',
        '    if (state.queue[0]!.seq > state.acknowledged) continue;\n    const { operation } = state.queue.shift()!;',
      ],
    ],
  },
];

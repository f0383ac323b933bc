// A queue of outputs, each with the number of its entry. Entries' numbers only go up, so what may leave stands at the front.
import type { OutputGateEffect, OutputGateInput, OutputGateOptions } from 'lockstep/output-rule';

interface State {
  acknowledged: number;
  queue: { operation: number; seq: number }[];
}

export function start(options: OutputGateOptions): State {
  return { acknowledged: options.acknowledgedSeq, queue: [] };
}

export function step(state: State, input: OutputGateInput): OutputGateEffect[] {
  const effects: OutputGateEffect[] = [];
  switch (input.kind) {
    case 'operation':
      if (input.action === 'write' || input.action === 'transmit') state.queue.push({ operation: input.operation, seq: input.seq });
      else effects.push({ kind: 'release', operation: input.operation });
      break;
    case 'acknowledged':
      state.acknowledged = Math.max(state.acknowledged, input.seq);
      break;
    case 'peer lost':
      // No entry has to be waited for any more.
      state.acknowledged = Infinity;
      break;
  }
  while (state.queue.length > 0 && state.queue[0]!.seq <= state.acknowledged) {
    const { operation } = state.queue.shift()!;
    effects.push({ kind: 'release', operation });
  }
  return effects;
}

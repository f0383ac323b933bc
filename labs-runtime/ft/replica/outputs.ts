/**
 * Outputs of a live guest on their way out: through the gate of the output rule, or held until their epoch is. Walk one, step 5; VMware FT,
 * section 2.2.
 */
import type { Output } from '../log-entry.ts';
import type { Operation, OutputGateEffect } from '../output-gate-api.ts';
import { releaseDisk } from './disk-requests.ts';
import type { Host } from './host.ts';
import { isPaired } from './host.ts';

/** The guest has made an output, and its log entry, if there is one, is the newest. What it asks of its disk comes to the queue after that, held already. */
export function makeOutput(host: Host, output: number, made: Output): void {
  const { state, options } = host;
  // A write to the machine's own disk changes nothing that others could see (4.1).
  if (made.device === 'disk' && options.disk === 'local') return;
  const operation = ++state.operations;
  state.held.push({ operation, output, made, madeAtMs: state.nowMs });
  if (!options.mechanisms.holdsOutputs) return releaseOutput(host, operation);
  if (options.follows === 'checkpoints' && isPaired(host)) return host.tell('checkpoint', { kind: 'output', operation });
  host.tell('outputGate', { kind: 'operation', operation, seq: state.appendedSeq, ...operationOf(made) });
}

export function carryOutGate(host: Host, effect: OutputGateEffect): void {
  if (effect.kind === 'release') releaseOutput(host, effect.operation);
  else host.state.isStalledByGate = effect.kind === 'stall';
}

/** What waited leaves: at most once. */
export function releaseOutput(host: Host, operation: number): void {
  const { state } = host;
  const index = state.held.findIndex((each) => each.operation === operation);
  if (index < 0) return;
  const [{ output, made, madeAtMs }] = state.held.splice(index, 1) as [(typeof state.held)[number]];
  state.released = Math.max(state.released, output + 1);
  host.emit({ kind: 'output', output, made, heldForMs: state.nowMs - madeAtMs });
  if (made.device === 'disk') releaseDisk(host);
}

/** A machine that goes live makes again what may not be outside; requests to the disk are asked for again as such (`take-over.ts`). */
export function remakeOutputs(host: Host): void {
  for (const { output, made } of host.state.inDoubt) {
    const isInside = made.device === 'disk' && host.options.disk === 'local';
    if (!isInside) host.emit({ kind: 'output', output, made, heldForMs: 0 });
  }
}

function operationOf({ device }: Output): Operation {
  return device === 'network' ? { device, action: 'transmit' } : { device, action: 'write' };
}

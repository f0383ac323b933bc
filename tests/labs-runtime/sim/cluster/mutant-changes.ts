/** What mutants of the protocol have in common: how the log, the channel's frames and the scenarios are changed. */
import type { ChannelEffect, ChannelInput } from '../../../../labs-runtime/ft/channel-api.ts';
import type { ChannelState } from '../../../../labs-runtime/ft/channel.ts';
import { crc32 } from '../../../../labs-runtime/ft/crc32.ts';
import type { FailoverState } from '../../../../labs-runtime/ft/failover.ts';
import { encodeFrame, takeFrames } from '../../../../labs-runtime/ft/frame.ts';
import type { Frame } from '../../../../labs-runtime/ft/frame.ts';
import { decodeRecorded, encodeRecorded } from '../../../../labs-runtime/ft/log-codec.ts';
import type { Recorded } from '../../../../labs-runtime/ft/log-entry.ts';
import type { OutputGateInput } from '../../../../labs-runtime/ft/output-gate-api.ts';
import { keyValueService, ticketService } from '../../../../labs-runtime/sim/cluster/services.ts';
import type { Change } from './breaking.ts';
import { brokenPart, withOptions } from './breaking.ts';

const KEY = 'x'.charCodeAt(0);

/** Both ends of the logging channel hold so many entries. */
export function withRoomFor(bufferEntriesMax: number): Change {
  return withOptions((options) => ({ ...options, channel: { ...options.channel, bufferEntriesMax } }));
}

/** One client puts these, one after the other. */
export function storing(...values: string[]): Change {
  const commands = values.map((value) => ({ op: 'put' as const, key: Uint8Array.of(KEY), value: Uint8Array.of(value.charCodeAt(0)) }));
  return (scenario) => ({ ...scenario, clients: { service: keyValueService, commands: [commands] } });
}

/** Two clients of the ticket machine, in which everything that changes shows. */
export const withTickets: Change = (scenario) => ({
  ...scenario,
  guest: 'tickets',
  clients: { service: ticketService, commands: [['take ticket'], ['take ticket']] },
});

/** No machine fails, what is sent is there at once, and time is what there is enough of. */
export const whereNothingFails: Change = (scenario) => ({
  ...scenario,
  faults: [],
  allowance: { ...scenario.allowance, ticks: 20 },
  eager: [...scenario.eager, 'log', 'transfer'],
});

/** Pages of the guests' 64 KiB of RAM: chunks of a disk are numbered after them. */
export const GUEST_PAGES = 16;

export function release({ operation }: { operation: number }): { kind: 'release'; operation: number } {
  return { kind: 'release', operation };
}

export function isOf(input: OutputGateInput, device: 'console' | 'disk'): input is Extract<OutputGateInput, { kind: 'operation' }> {
  return input.kind === 'operation' && input.device === device;
}

/** Entries are changed on their way into the primary's log. */
export function brokenLog(change: (recorded: Recorded) => Recorded): Change {
  return brokenPart('channel', (input, reference) =>
    reference(input.kind === 'append' ? { kind: 'append', entry: encodeRecorded(change(decodeRecorded(input.entry))) } : input),
  );
}

/** The backup's end changes its mind about which entry it waits for, before each that arrives. */
export function brokenBackupEnd(change: (state: ChannelState, frame: Frame) => void): Change {
  return brokenPart('channel', (input, reference, state) => {
    const its = state as ChannelState;
    const [frame] = framesOf(input);
    if (its.role === 'backup' && frame?.kind === 'entry') change(its, frame);
    return reference(input);
  });
}

/** What the backup takes from its channel, where behind a power-off stands that everything is outside. */
export function withFinished(effect: ChannelEffect): ChannelEffect[] {
  if (effect.kind !== 'deliver' || decodeRecorded(effect.entry).event.kind !== 'power-off') return [effect];
  return [effect, { ...effect, entry: finishedAt(decodeRecorded(effect.entry)) }];
}

/** An append in which, once the guest is off, every control operation says that everything is outside. */
export function finishedOnceOff(own: { isOff: boolean }, input: ChannelInput): ChannelInput {
  if (input.kind !== 'append') return input;
  const recorded = decodeRecorded(input.entry);
  own.isOff ||= recorded.event.kind === 'power-off';
  return own.isOff && recorded.event.kind === 'control' ? { kind: 'append', entry: finishedAt(recorded) } : input;
}

function finishedAt({ at }: Recorded): Uint8Array {
  return encodeRecorded({ at, event: { kind: 'control', operation: 'finished' } });
}

const ENTRY_BYTES_MAX = 4096;

export function framesOf(input: ChannelInput): Frame[] {
  return input.kind === 'bytes' ? takeFrames(input.bytes, ENTRY_BYTES_MAX).frames : [];
}

/** The effect, with another number in it if it is an acknowledgement. */
export function acknowledging(effect: ChannelEffect, change: (seq: number) => number): ChannelEffect {
  const [frame] = effect.kind === 'send' ? takeFrames(effect.bytes, ENTRY_BYTES_MAX).frames : [];
  return frame?.kind === 'acknowledge' ? { kind: 'send', bytes: encodeFrame({ ...frame, seq: change(frame.seq) }) } : effect;
}

/** Every first entry is kept until the second is there, and the two change places. */
export function inPairs(own: { kept: Uint8Array | null }, input: ChannelInput): ChannelInput[] {
  if (input.kind !== 'append') return [input];
  const { kept } = own;
  own.kept = kept === null ? input.entry : null;
  return kept === null ? [] : [input, { kind: 'append', entry: kept }];
}

const CHECKSUM_BYTES = 4;

/** The frame with the checksum that fits it, whatever it says. */
export function withRightChecksum(bytes: Uint8Array): Uint8Array {
  const right = bytes.slice();
  const end = right.length - CHECKSUM_BYTES;
  new DataView(right.buffer).setUint32(end, crc32(right.subarray(0, end)));
  return right;
}

export function roleOf(state: unknown): 'primary' | 'backup' {
  return (state as FailoverState).options.role;
}

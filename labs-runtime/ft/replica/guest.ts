/**
 * The live guest of a replica: runs it, hands it what comes in, and puts what must be logged into the channel. Walk one, step 2; VMware FT,
 * section 2.1.
 */
import { encodeRecorded } from '../log-codec.ts';
import type { ControlOperation, Recorded } from '../log-entry.ts';
import { createRecorder } from '../recorder.ts';
import type { Recorder } from '../recorder.ts';
import { timerWanted } from '../timer.ts';
import { askDisk, stretchOf } from './disk-requests.ts';
import { canRun, isLogging, pairMs } from './host.ts';
import type { Host } from './host.ts';
import { makeOutput } from './outputs.ts';

/** mtime counts microseconds. */
const TICKS_PER_MS = 1000;

/** Runs the guest for so many attempts, until it waits or is off, or has made so many log entries. */
export function runGuest(host: Host, attempts: number, entriesMax: number): void {
  if (!canRun(host)) return;
  const { state, machine } = host;
  const end = recorderOf(host, entriesMax).run(machine.position + attempts);
  state.isIdle = end === 'wait';
  noteMachine(host);
  if (end === 'power-off' || end === 'reboot') state.isOff = true;
}

/** A recorder on the replica's machine, good for one event. */
export function recorderOf(host: Host, entriesMax = Infinity): Recorder {
  const { state } = host;
  let entries = 0;
  const recorder = createRecorder({
    machine: host.machine,
    outputs: state.outputs,
    clock: () => readClock(host),
    log: (recorded) => {
      append(host, recorded);
      if (++entries >= entriesMax || !canRun(host)) recorder.stall();
    },
    output: (output, made) => {
      state.outputs = output + 1;
      host.emit({ kind: 'made', output, made });
      makeOutput(host, output, made);
      if (!canRun(host)) recorder.stall();
    },
    diskRequests: (requests) => askDisk(host, requests),
    entropyWanted: (byteCount) => (state.entropyWanted = byteCount),
  });
  return recorder;
}

/** One reading of the clock: later than the one before, whichever machine gave that one. */
function readClock({ state, options }: Host): bigint {
  const now = state.nowMs * TICKS_PER_MS;
  state.clockTicks = options.mechanisms.continuesClock ? Math.max(state.clockTicks + 1, now) : now;
  return BigInt(state.clockTicks);
}

function append(host: Host, recorded: Recorded): void {
  if (!isLogging(host)) return;
  const { state, options } = host;
  state.appendedSeq += 1;
  state.appendedAtMs = state.nowMs;
  if (options.mechanisms.controlsLag) state.unreplayed.push({ seq: state.appendedSeq, position: recorded.at });
  host.tell('channel', { kind: 'append', entry: encodeRecorded(withoutRead(host, recorded)) });
  // An output's entry goes out at once: while it waits for company, the output waits too.
  if (recorded.event.kind === 'output' && (options.channel.batchEntriesMax ?? 1) > 1)
    host.tell('channel', { kind: 'time', nowMs: pairMs(host) });
}

/** Where the backup reads for itself, the log says no more than that a read went well (4.2). */
function withoutRead({ options, state }: Host, recorded: Recorded): Recorded {
  const { event } = recorded;
  if (!options.mechanisms.backupReadsDisk || event.kind !== 'disk' || event.data === undefined) return recorded;
  const read = state.disk.pending.find(({ id }) => id === event.request)!;
  state.disk.reads.push({ seq: state.appendedSeq, ...stretchOf(read) });
  return { at: recorded.at, event: { kind: 'disk', request: event.request, status: event.status } };
}

/** Logs something of the hosts' own, also where the guest is off. False, and nothing is logged, if there is no log or it has no room. */
export function control(host: Host, operation: ControlOperation): boolean {
  const { position, isStalledByChannel } = host.state;
  if (!isLogging(host) || isStalledByChannel) return false;
  append(host, { at: position, event: { kind: 'control', operation } });
  return true;
}

/** A frame that finds no room, or a guest that is stopped, is lost, as on any network. */
export function takeFrame(host: Host, frame: Uint8Array): void {
  if (canRun(host) && recorderOf(host).packet(frame)) host.state.isIdle = false;
}

export function takeConsoleByte(host: Host, byte: number): void {
  if (!canRun(host)) return;
  recorderOf(host).console(byte);
  host.state.isIdle = false;
}

export function takeEntropy(host: Host, bytes: Uint8Array): void {
  if (!canRun(host) || !recorderOf(host).entropy(bytes)) return;
  host.state.isIdle = false;
  host.state.entropyWanted = host.machine.entropyWanted;
}

/** Raises the timer interrupt if the guest asked for it at or before now. */
export function fireTimer(host: Host): void {
  const { state } = host;
  if (state.timerTicks < 0 || state.timerTicks > state.nowMs * TICKS_PER_MS || !canRun(host)) return;
  recorderOf(host).interrupt(7);
  state.isIdle = false;
  state.timerTicks = -1;
}

/** Takes note of where the guest is and what it waits for, so that nobody has to look into the machine for it. */
export function noteMachine({ state, machine }: Host): void {
  state.position = machine.position;
  state.entropyWanted = machine.entropyWanted;
  const ticks = timerWanted(machine);
  state.timerTicks = ticks === undefined || ticks > BigInt(Number.MAX_SAFE_INTEGER) ? -1 : Number(ticks);
}

/**
 * What happens when a machine counts its peer as failed: the log is replayed to its end, the storage decides, and who wins goes on alone. Walk one, step
 * 6; VMware FT, section 2.3.
 */
import { NETWORK_ADDRESS } from '../../emulator/machine.ts';
import type { FailoverEffect } from '../failover-api.ts';
import { tellLogEnd } from './backup.ts';
import { askDisk } from './disk-requests.ts';
import { noteMachine } from './guest.ts';
import type { Host } from './host.ts';
import type { ServerId } from './messages.ts';
import { NOBODY } from './messages.ts';
import { remakeOutputs } from './outputs.ts';
import { endPair, sendHeartbeat } from './pair.ts';
import { createDisk } from './state.ts';

export function carryOutFailover(host: Host, effect: FailoverEffect): void {
  const { state } = host;
  switch (effect.kind) {
    case 'heartbeat':
      return sendHeartbeat(host);
    case 'replay to end':
      state.isAtEnd = true;
      return tellLogEnd(host);
    case 'test-and-set':
      return host.emit({ kind: 'test-and-set', generation: state.generation });
    case 'go live':
      return goLive(host);
    case 'halt':
      state.role = 'halted';
      return host.emit({ kind: 'halts' });
  }
}

/** The storage's answer to a test-and-set. Whoever else owns the flag, of this pair or of a later one, this machine has lost. */
export function takeFlag(host: Host, generation: number, owner: ServerId): void {
  const { state } = host;
  if (generation !== state.generation || (state.role !== 'primary' && state.role !== 'backup')) return;
  if (owner === NOBODY) return host.tell('failover', { kind: 'no flag answer' });
  const other = state.role === 'primary' ? 'backup' : 'primary';
  host.tell('failover', { kind: 'flag', owner: owner === state.id ? state.role : other });
}

function goLive(host: Host): void {
  const { state, options } = host;
  const { mechanisms } = options;
  if (state.peer === NOBODY) return;
  host.emit({ kind: 'goes live' });
  const wasBackup = state.role === 'backup';
  endPair(host);
  if (!wasBackup) return;
  noteMachine(host);
  state.isIdle = false;
  state.hasMoved = true;
  announce(host);
  if (mechanisms.remakesOutputs) remakeOutputs(host);
  state.inDoubt = [];
  state.released = state.outputs;
  if (mechanisms.reissuesDisk) reissueDisk(host);
}

/**
 * Section 3.4: what is pending may be done or not, and it does no harm to do it again. A machine that has followed the log with a disk of its own
 * has asked for it already, and has the results that the log had not come to.
 */
function reissueDisk(host: Host): void {
  const { state, options, machine } = host;
  if (options.disk === 'local' && options.follows === 'log') return;
  const stillWanted = new Set(machine.pendingDiskRequests.map(({ id }) => id));
  const pending = state.disk.pending.filter(({ id }) => stillWanted.has(id));
  state.disk = createDisk();
  state.diskQueue = options.parts.diskQueue.start(options.diskQueue);
  askDisk(host, pending);
}

/**
 * Tells the network where the guest is now, and does so again as time passes: a machine that stood still may yet send something that its peer has
 * acknowledged, and the network would look for the guest there.
 */
export function announce({ state, options, emit }: Host): void {
  if (state.hasMoved && state.role === 'primary' && options.mechanisms.announces) emit({ kind: 'announce', frame: announcement() });
}

const RARP = 0x8035;
const ETHERNET_HEADER_BYTES = 14;
const ETHERNET_PAYLOAD_BYTES_MIN = 46;

/**
 * A frame to everybody from the guest's address, by which switches learn the way to it. It is a reverse ARP request (RFC 903), since a host knows its
 * guest's hardware address and not its internet address.
 */
function announcement(): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_BYTES + ETHERNET_PAYLOAD_BYTES_MIN).fill(0xff, 0, 6);
  frame.set(NETWORK_ADDRESS, 6);
  const view = new DataView(frame.buffer);
  view.setUint16(12, RARP);
  // Hardware type Ethernet, protocol type IPv4, their address lengths, operation 3: request reverse.
  frame.set([0, 1, 0x08, 0x00, 6, 4, 0, 3], ETHERNET_HEADER_BYTES);
  frame.set(NETWORK_ADDRESS, ETHERNET_HEADER_BYTES + 8);
  frame.set(NETWORK_ADDRESS, ETHERNET_HEADER_BYTES + 18);
  return frame;
}

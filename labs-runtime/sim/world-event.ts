/**
 * What can happen in the simulated world, one event at a time. Each does nothing where it cannot apply, so that any list of them is a schedule;
 * this is what lets a search leave events out.
 */
import type { Role } from '../ft/channel-api.ts';
import type { InterruptLine } from '../ft/log-entry.ts';

/** Kinds of datagrams: from a client, to a client, between the two hosts. */
export type DatagramKind = 'request' | 'reply' | 'heartbeat';

export type WorldEvent =
  /** Every guest that is live runs so many instruction attempts, unless it is stalled. */
  | { kind: 'run'; attempts: number }
  /** A byte from the outside, or an interrupt, reaches the live guest. */
  | { kind: 'console'; byte: number }
  | { kind: 'interrupt'; line: InterruptLine }
  /** The link delivers the next piece, of at most so many bytes. */
  | { kind: 'carry'; to: Role; bytesMax: number }
  /** The backup replays at most so many of the entries it holds. */
  | { kind: 'replay'; entriesMax: number }
  /** The link breaks. Of the bytes in flight to each side, so many will still arrive, late. */
  | { kind: 'break'; lateToBackup: number; lateToPrimary: number }
  | { kind: 'heal' }
  /** Time passes, and everyone is told. */
  | { kind: 'wait'; forMs: number }
  /** Time passes while everything works as far as it can: guests run, the log flows, the backup replays. */
  | { kind: 'pass'; forMs: number }
  /** A machine stops for good. Of the log that it had sent, so many bytes still arrive, all of them if nothing is said. */
  | { kind: 'crash'; machine: Role; lateBytes?: number }
  /** The primary's gate is told again of an acknowledgement: the newest, or one so many entries before it. */
  | { kind: 'old acknowledgement'; behind: number }
  /** The next output of the primary's guest reaches the gate only after so many acknowledgements. */
  | { kind: 'late output'; acknowledgements: number }
  /** A client asks for a ticket, unless it waits for an answer. */
  | { kind: 'request'; client: number }
  /** A client tells the guest to switch itself off. */
  | { kind: 'power off'; client: number }
  /** The next datagram of this kind is lost, or takes so much longer. */
  | { kind: 'lose'; of: DatagramKind }
  | { kind: 'delay'; of: DatagramKind; byMs: number }
  /** Heartbeats are lost, all of them, until further notice; or they pass again. */
  | { kind: 'heartbeats'; pass: boolean }
  /** The machine can reach the shared storage, or cannot. */
  | { kind: 'storage'; machine: Role; reachable: boolean }
  /** The storage's next answer to the machine is lost, though the test-and-set is done. */
  | { kind: 'lose answer'; machine: Role }
  /** The network falls in two: clients with an even number reach only the primary, the others only the backup. Or it is whole again. */
  | { kind: 'clients split'; on: boolean };

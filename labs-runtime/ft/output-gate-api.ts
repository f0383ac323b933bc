/**
 * The output gate's interface: what the primary's gate is told, and what it asks to be done. Fifth stop of walk one: every operation that the
 * guest makes on a device passes it, and an output leaves the machine only when the backup can no longer miss it.
 * VMware FT, section 2.2 (the output rule).
 */

/** What a gate is started with. */
export interface OutputGateOptions {
  /** The backup holds every log entry up to and including this one already; 0 for a pair that has just been made. */
  acknowledgedSeq: number;
}

/** What the guest did on a device. It goes on at once, unless it waits for what the operation gives it. */
export type Operation =
  /** A byte to the console's transmitter. */
  | { device: 'console'; action: 'write' }
  /** Frames to the network card, for it to send. */
  | { device: 'network'; action: 'transmit' }
  /** Sectors to a disk that both machines share: who reads it later sees them. */
  | { device: 'disk'; action: 'write' }
  /** Empty buffers to the network card, for frames still to come. */
  | { device: 'network'; action: 'offer buffers' }
  /** A read of the clock: the guest cannot go on without the value. */
  | { device: 'clock'; action: 'read' };

/** What a gate is told, one thing at a step. */
export type OutputGateInput =
  /**
   * The guest made an operation. `operation` numbers them from 1. `seq` is the newest log entry at that moment: for an output, its own entry,
   * the one that tells the backup of it. An output may reach the gate late, when its entry is acknowledged already, but never before one made earlier.
   */
  | ({ kind: 'operation'; operation: number; seq: number } & Operation)
  /** The backup holds every log entry up to and including `seq`. A number may come twice, or be lower than one before. */
  | { kind: 'acknowledged'; seq: number }
  /** This machine goes on alone: there is no backup any more that could miss anything. */
  | { kind: 'peer lost' };

/** What a gate asks to be done, in the order of the returned array. */
export type OutputGateEffect =
  /** Let the operation happen now: the frame leaves, the byte is shown, the clock is read. */
  | { kind: 'release'; operation: number }
  /** Do not run the guest. */
  | { kind: 'stall' }
  /** Let the guest go on. */
  | { kind: 'resume' };

/** What is measured in a timed run, and the moments that tell how a failover or a migration went. VMware FT, section 5. */
import type { ReplicaEffect, ServerId } from '../../ft/replica/messages.ts';
import type { ReplicaState } from '../../ft/replica/state.ts';

/** What happened, and when, in microseconds from the start of the run. */
export interface TimedMoment {
  what:
    | 'crash'
    /** The peer counts as failed: from here on the log is replayed to its end. */
    | 'failure declared'
    /** The log is replayed, or there was none to replay, and the storage is asked. */
    | 'test-and-set'
    | 'goes live'
    /** The first output of a machine that has gone live. */
    | 'first output'
    /** A round of a migration is sent: the guest runs on. */
    | 'round sent'
    /** The guest is stopped for the switch, and goes on as the primary of a new pair. */
    | 'stopped'
    | 'goes on';
  server: ServerId;
  atUs: number;
}

/** A mean and an extreme of many values. */
export class Spread {
  count = 0;
  max = 0;
  #sum = 0;

  add(value: number): void {
    this.count += 1;
    this.#sum += value;
    this.max = Math.max(this.max, value);
  }

  /** 0 where nothing was added. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }
}

export class TimedMeasures {
  readonly moments: TimedMoment[] = [];
  /** Bytes of the log's stream, frames and all; messages of it; and bytes of what comes back. */
  logBytes = 0;
  logMessages = 0;
  acknowledgementBytes = 0;
  outputs = 0;
  /** How long outputs waited from being made to leaving, in microseconds, and how many waited at a time. */
  readonly outputDelayUs = new Spread();
  readonly heldOutputs = new Spread();
  /** How far the backup's place is behind the primary's, as the time that the primary takes for it; looked at each tick. */
  readonly lagUs = new Spread();
  sharePercentMin = 100;
  /** Shares and lags over time: one sample a tick. */
  readonly samples: { atUs: number; lagUs: number; sharePercent: number }[] = [];
  readonly #madeUs = new Map<number, number>();
  #isLive: ServerId | undefined;

  /** A replica, in that role, asked for something that happens at `atUs`. */
  note(server: ServerId, role: ReplicaState['role'] | undefined, effect: ReplicaEffect, atUs: number): void {
    switch (effect.kind) {
      case 'log bytes':
        if (role !== 'primary') this.acknowledgementBytes += effect.bytes.length;
        else {
          this.logBytes += effect.bytes.length;
          this.logMessages += 1;
        }
        return;
      case 'made':
        if (role === 'primary') this.#madeUs.set(effect.output, atUs);
        return;
      case 'output':
        return this.#noteOutput(server, effect.output, atUs);
      case 'transfer':
        if (effect.message.kind === 'pages') this.mark('round sent', server, atUs);
        return;
      case 'test-and-set':
        return this.mark('test-and-set', server, atUs);
      case 'goes live':
        this.#isLive = server;
        return this.mark('goes live', server, atUs);
    }
  }

  mark(what: TimedMoment['what'], server: ServerId, atUs: number): void {
    this.moments.push({ what, server, atUs });
  }

  /** A look at a pair, once a tick. */
  sample(primary: ReplicaState, backup: ReplicaState, lagUs: number, atUs: number): void {
    if (backup.generation !== primary.generation) return;
    this.lagUs.add(lagUs);
    this.heldOutputs.add(primary.held.length);
    this.sharePercentMin = Math.min(this.sharePercentMin, primary.sharePercent);
    this.samples.push({ atUs, lagUs, sharePercent: primary.sharePercent });
  }

  /** When something happened first at or after a time; undefined if it did not. */
  momentUs(what: TimedMoment['what'], fromUs = 0): number | undefined {
    return this.moments.find((moment) => moment.what === what && moment.atUs >= fromUs)?.atUs;
  }

  #noteOutput(server: ServerId, output: number, atUs: number): void {
    this.outputs += 1;
    const madeUs = this.#madeUs.get(output);
    if (madeUs !== undefined) this.outputDelayUs.add(atUs - madeUs);
    this.#madeUs.delete(output);
    if (this.#isLive !== server) return;
    this.#isLive = undefined;
    this.mark('first output', server, atUs);
  }
}

/**
 * The shared storage of a pair, as far as failover needs it: a flag that an atomic test-and-set gives to the first machine that asks.
 * VMware FT, section 2.3. The flag holds the generation of the pair and the machine that owns it, so that asking again for one's own wins again.
 */
import type { Role } from '../ft/channel-api.ts';

export interface Flag {
  /** Which pair of this virtual machine it belongs to, from 1: a pair made later has a flag to win of its own. */
  generation: number;
  owner: Role;
}

/** What becomes of a test-and-set on its way. */
export type AnswerFate = 'answered' | 'unreachable' | 'answer lost';

export class SharedStorage {
  flag: Flag | undefined;
  /** Whether each machine can reach the storage now. */
  readonly reachable: Record<Role, boolean> = { primary: true, backup: true };
  /** How many of the next answers to each machine get lost. */
  readonly answersToLose: Record<Role, number> = { primary: 0, backup: 0 };
  readonly #isExclusive: boolean;

  /** `isExclusive: false` turns the flag off: every attempt wins, as if there were none. */
  constructor({ isExclusive }: { isExclusive: boolean }) {
    this.#isExclusive = isExclusive;
  }

  /** One attempt of `asker`: atomically, the flag of this generation goes to the first. Returns who owns it then, and what becomes of the answer. */
  testAndSet(asker: Role, generation: number): { owner: Role; fate: AnswerFate } {
    if (!this.reachable[asker]) return { owner: asker, fate: 'unreachable' };
    if (!this.#isExclusive || this.flag === undefined || this.flag.generation < generation) this.flag = { generation, owner: asker };
    const isLost = this.answersToLose[asker] > 0;
    if (isLost) this.answersToLose[asker] -= 1;
    return { owner: this.flag.owner, fate: isLost ? 'answer lost' : 'answered' };
  }
}

/** Who is there: graders and workers tell each other through Redis, so that one who waits for nobody, or for another version, says so. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { PREFIX, type Software } from './names.ts';

export interface Member extends Software {
  role: 'grader' | 'worker';
  host: string;
}

/** Fields are ids of members, values `Member` with the second, by the clock of Redis, at which it was last heard of. */
const KEY = `${PREFIX}:present`;

const BEAT_MS = 10_000;
/** Who has not been heard of for so long is gone. */
const GONE_AFTER_SECONDS = 60;

/** `version 0.1.0 with runtime 1a2b3c4d5e6f7a8b` */
export function inWords({ version, runtimeHash }: Software): string {
  return `version ${version} with runtime ${runtimeHash.slice(0, 16)}`;
}

export class Presence {
  readonly id = randomUUID();
  readonly #redis: Redis;
  readonly #self: Member;
  readonly #look: (others: Map<string, Member>) => void;
  #timer: NodeJS.Timeout | undefined;
  /** The others can see it. */
  readonly ready: Promise<void>;

  /** Begins to tell that there is one more. @param look called with the others, by their ids, at once and then every few seconds */
  constructor(redis: Redis, self: Pick<Member, 'role'> & Software, look: (others: Map<string, Member>) => void) {
    this.#redis = redis;
    this.#self = { ...self, host: hostname() };
    this.#look = look;
    const beat = () =>
      // Redis may be away, or out of memory; whoever needs it for work says so.
      this.#beat().catch(() => undefined);
    this.#timer = setInterval(beat, BEAT_MS);
    this.ready = beat();
  }

  async #beat(): Promise<void> {
    const [now] = (await this.#redis.time()).map(Number) as [number, number];
    if (this.#timer === undefined) return;
    await this.#redis.hset(KEY, this.id, JSON.stringify({ ...this.#self, heardAt: now }));
    const others = new Map<string, Member>();
    for (const [id, text] of Object.entries(await this.#redis.hgetall(KEY))) {
      const { heardAt, ...member } = JSON.parse(text) as Member & { heardAt: number };
      if (heardAt < now - GONE_AFTER_SECONDS) await this.#redis.hdel(KEY, id);
      else if (id !== this.id) others.set(id, member);
    }
    if (this.#timer !== undefined) this.#look(others);
  }

  /** Tells that it is gone. */
  async leave(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#redis.hdel(KEY, this.id);
  }
}

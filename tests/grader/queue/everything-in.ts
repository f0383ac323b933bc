/** All that a Redis holds, and all that it is told, for tests that look for what should not be there. */
import { Redis } from 'ioredis';

/** How to read a value whole, by its type. */
const READ: Record<string, (redis: Redis, key: string) => Promise<unknown>> = {
  string: (redis, key) => redis.get(key),
  hash: (redis, key) => redis.hgetall(key),
  list: (redis, key) => redis.lrange(key, 0, -1),
  set: (redis, key) => redis.smembers(key),
  zset: (redis, key) => redis.zrange(key, 0, -1, 'WITHSCORES'),
  stream: (redis, key) => redis.xrange(key, '-', '+'),
};

export class RedisWatch {
  readonly #redis: Redis;
  readonly #told: Redis;
  /** The arguments of each command that came in, whoever sent it. */
  readonly commands: string[][] = [];

  private constructor(redis: Redis, told: Redis) {
    this.#redis = redis;
    this.#told = told;
    told.on('monitor', (_: string, command: string[]) => void this.commands.push(command));
  }

  /** Starts before anybody else is connected: ioredis takes what others send while it begins to listen for an answer of its own, and fails. */
  static async start(url: string): Promise<RedisWatch> {
    const redis = new Redis(url);
    await redis.ping();
    return new RedisWatch(redis, await redis.monitor());
  }

  /** Keys and values, as they are now. */
  async everything(): Promise<string> {
    const found: unknown[] = [];
    for (const key of await this.#redis.keys('*')) {
      const type = await this.#redis.type(key);
      // It may be gone by now.
      if (type !== 'none') found.push(key, await READ[type]!(this.#redis, key));
    }
    return found.flat(Infinity).map(textOf).join('\n');
  }

  stop(): void {
    this.#redis.disconnect();
    this.#told.disconnect();
  }
}

/** A value with nothing in it escaped, so that what is looked for is found. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.entries(value).flat().join('\n') : String(value);
}

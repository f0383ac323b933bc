/**
 * The connection to Redis: refused with a clear message at the start, and kept for good after it. Whoever can write to this Redis can write results,
 * and whoever can read it reads what was handed in: a network of one's own, a password and `rediss://` are what stands in between.
 */
import { Redis } from 'ioredis';
import { CannotGrade } from '../intake/cannot-grade.ts';

/** The queue cannot be used; the message says what to do. */
export class QueueError extends CannotGrade {}

/** The longest pause between two attempts to get Redis back. */
const PAUSE_MS_MAX = 2000;

const EXAMPLE = 'redis://localhost:6379, redis://:password@host:6379/0 or, with TLS, rediss://user:password@host:6380';

/** A URL as it can be shown: without its password. @throws QueueError where it is none of Redis */
export function shownUrl(text: string): string {
  const url = parse(text);
  if (url.password !== '') url.password = '…';
  return decodeURI(url.href);
}

function parse(text: string): URL {
  if (!URL.canParse(text)) throw new QueueError(`--queue: "${text}" is no URL. Give that of a Redis, e.g. ${EXAMPLE}.`);
  const url = new URL(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new QueueError(`--queue: there is no queue for URLs that begin with ${url.protocol}. Give that of a Redis, e.g. ${EXAMPLE}.`);
  }
  if (url.hostname === '') throw new QueueError(`--queue: the URL names no host. Give that of a Redis, e.g. ${EXAMPLE}.`);
  if (!/^\/?\d*$/.test(url.pathname)) {
    throw new QueueError(`--queue: what stands after the host is the number of a database, and "${url.pathname.slice(1)}" is none.`);
  }
  return url;
}

/**
 * Connects. From then on the connection comes back by itself whenever it breaks, and commands wait for it; `note` is told of both.
 * A password that the URL does not have is taken from REDISCLI_AUTH, as by redis-cli, where no list of processes shows it.
 * @throws QueueError where there is no Redis, or it does not let one in
 */
export async function connect(url: string, note: (message: string) => void): Promise<Redis> {
  const { password } = parse(url);
  let isOpen = false;
  let reason: Error | undefined;
  const redis = new Redis(url, {
    ...(password === '' && process.env['REDISCLI_AUTH'] !== undefined && { password: process.env['REDISCLI_AUTH'] }),
    lazyConnect: true,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => (isOpen ? Math.min(50 * times, PAUSE_MS_MAX) : null),
  });
  redis.on('error', (error: Error) => (reason = error));
  try {
    await redis.connect();
    // A server lets one connect without the password that it wants, and without the database.
    await redis.select(redis.options.db ?? 0);
  } catch (error) {
    redis.disconnect();
    throw new QueueError(whyNot(shownUrl(url), reason ?? (error as Error)));
  }
  isOpen = true;
  tellOfOutages(redis, shownUrl(url), note);
  return redis;
}

function tellOfOutages(redis: Redis, shown: string, note: (message: string) => void): void {
  let isAway = false;
  redis.on('reconnecting', () => {
    if (!isAway) note(`Redis at ${shown} is away. Work goes on when it is back.`);
    isAway = true;
  });
  redis.on('ready', () => {
    if (isAway) note(`Redis at ${shown} is back.`);
    isAway = false;
  });
}

/** What is wrong, and what to do, from what the network, TLS or Redis said. */
function whyNot(shown: string, error: Error & { code?: string }): string {
  const { code = '', message } = error;
  if (code === 'ECONNREFUSED') return `No Redis listens at ${shown}. Start one there, or correct --queue.`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${shown}: there is no host of this name. Correct --queue.`;
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH')
    return `${shown} does not answer. Check the host, the port, firewalls, and whether both ends speak TLS (rediss://).`;
  if (message.startsWith('WRONGPASS')) return `Redis at ${shown} refuses this password. Correct it in --queue or in REDISCLI_AUTH.`;
  if (message.startsWith('NOAUTH'))
    return `Redis at ${shown} wants a password. Put it into --queue, redis://:password@host, or into REDISCLI_AUTH.`;
  if (message.includes('without any password configured')) {
    return `Redis at ${shown} has no password, and was given one. Set it there (requirepass), or leave it out.`;
  }
  if (/SSL|TLS|certificate/i.test(code + message)) {
    return `${shown}: ${message}. rediss:// speaks TLS and redis:// does not; a certificate of your own authority goes into NODE_EXTRA_CA_CERTS.`;
  }
  if (message.includes('DB index'))
    return `Redis at ${shown} has no database of this number. Correct what stands after the host in --queue.`;
  return `${shown} answers, but not as a Redis of version 6.2 or newer does (${message}). Correct --queue.`;
}

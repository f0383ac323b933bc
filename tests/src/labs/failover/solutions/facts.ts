// Facts: an input adds to what the machine knows; then every rule whose condition holds acts. The flag is asked for while the log is still replayed.
import type { FailoverEffect, FailoverInput, FailoverOptions, Role } from 'lockstep/failover';

interface Facts {
  nowMs: number;
  beatMs: number;
  heardMs: { heartbeat: number; 'log traffic': number };
  /** The peer was silent for too long, at some time. */
  isSuspected: boolean;
  isReplaying: boolean;
  isAtLogEnd: boolean;
  /** Attempts on the flag whose fate is not known yet. */
  attempts: number;
  owner?: Role;
  isOff: boolean;
  isLive: boolean;
  isHalted: boolean;
}

interface State {
  options: FailoverOptions;
  facts: Facts;
}

/** The rules, in the order in which they act. Each changes the facts so that it does not hold twice for one reason. */
const rules: ((facts: Facts, options: FailoverOptions) => FailoverEffect['kind'] | undefined)[] = [
  (facts, { heartbeatEveryMs }) => {
    if (facts.isLive || facts.isOff || facts.nowMs - facts.beatMs < heartbeatEveryMs) return undefined;
    facts.beatMs = facts.nowMs;
    return 'heartbeat';
  },
  (facts, { role }) => {
    if (!facts.isSuspected || facts.isOff || facts.isReplaying || role === 'primary') return undefined;
    facts.isReplaying = true;
    return 'replay to end';
  },
  (facts) => {
    if (!facts.isSuspected || facts.isOff || facts.owner !== undefined || facts.attempts > 0) return undefined;
    facts.attempts += 1;
    return 'test-and-set';
  },
  (facts, { role }) => {
    if (facts.owner !== role || facts.isOff || facts.isLive || !facts.isAtLogEnd) return undefined;
    facts.isLive = true;
    return 'go live';
  },
  (facts, { role }) => {
    const isDue = facts.isOff || (facts.owner !== undefined && facts.owner !== role);
    if (!isDue || facts.isHalted) return undefined;
    facts.isHalted = true;
    return 'halt';
  },
];

export function start(options: FailoverOptions): State {
  const facts: Facts = {
    nowMs: 0,
    beatMs: 0,
    heardMs: { heartbeat: 0, 'log traffic': 0 },
    isSuspected: false,
    isReplaying: false,
    isAtLogEnd: options.role === 'primary',
    attempts: 0,
    isOff: false,
    isLive: false,
    isHalted: false,
  };
  return { options, facts };
}

export function step({ options, facts }: State, input: FailoverInput): FailoverEffect[] {
  learn(facts, input, options);
  return rules.flatMap((rule) => {
    const kind = facts.isHalted ? undefined : rule(facts, options);
    return kind === undefined ? [] : [{ kind }];
  });
}

function learn(facts: Facts, input: FailoverInput, { silenceMaxMs }: FailoverOptions): void {
  if (input.kind === 'time') {
    facts.nowMs = input.nowMs;
    const silentMs = Object.values(facts.heardMs).map((heardMs) => facts.nowMs - heardMs);
    facts.isSuspected ||= Math.max(...silentMs) > silenceMaxMs;
  } else if (input.kind === 'heartbeat' || input.kind === 'log traffic') facts.heardMs[input.kind] = facts.nowMs;
  else if (input.kind === 'log end') facts.isAtLogEnd = true;
  else if (input.kind === 'no flag answer') facts.attempts -= 1;
  else if (input.kind === 'flag') facts.owner = input.owner;
  else facts.isOff = true;
}

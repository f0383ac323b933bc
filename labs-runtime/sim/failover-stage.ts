/**
 * Failover in the world: one machine's part, what it hears, and what comes of its decisions. It watches every effect and reports each rule of
 * failover that is broken. VMware FT, section 2.3.
 */
import type { Role } from '../ft/channel-api.ts';
import type { FailoverEffect, FailoverInput, FailoverOptions } from '../ft/failover-api.ts';
import { failoverShapes } from './effect-shapes.ts';
import { PartEnd } from './part-end.ts';
import type { FailoverPart } from './part-end.ts';
import type { FailoverRule } from './rules.ts';
import type { RunRecord } from './run-record.ts';

export interface FailoverStageOptions {
  run: RunRecord;
  part: FailoverPart;
  failover: FailoverOptions;
  stateBytesMax: number;
  /** What the world does for the machine. */
  sendHeartbeat: () => void;
  replayToEnd: () => void;
  testAndSet: () => void;
  goLive: () => void;
  halt: () => void;
}

export class FailoverStage {
  readonly role: Role;
  readonly #options: FailoverStageOptions;
  readonly #end: PartEnd<FailoverOptions, FailoverInput, FailoverEffect>;
  #toldMs = 0;
  #heartbeatSentMs = 0;
  #heartbeatHeardMs = 0;
  #logHeardMs = 0;
  /** The peer counts as failed: the machine has begun to act on it. */
  #hasDecided = false;
  #isAsking = false;
  #unansweredMs: number | undefined;
  #owner: Role | undefined;
  #isAtLogEnd: boolean;
  #isOff = false;
  /** Live or halted: nothing more is asked of it. */
  ended: 'live' | 'halted' | undefined;

  constructor(options: FailoverStageOptions) {
    this.#options = options;
    const { part, failover, run, stateBytesMax } = options;
    this.role = failover.role;
    this.#isAtLogEnd = this.role === 'primary';
    this.#end = new PartEnd({ part, options: failover, role: this.role, name: 'failover', shapes: failoverShapes, run, stateBytesMax });
  }

  /** Whether it watches its peer and has nothing to hold against it. */
  get watches(): boolean {
    return !this.#hasDecided && this.ended === undefined && !this.#isOff;
  }

  /** Virtual time has come to now: told once, before anything else that happens now, so that the part can rely on what it was told last. */
  time(): void {
    const { run, failover } = this.#options;
    if (this.#toldMs === run.nowMs) return;
    this.#toldMs = run.nowMs;
    this.#step({ kind: 'time', nowMs: run.nowMs });
    if (this.watches) {
      this.#expectNoticed(failover);
      const sinceMs = run.nowMs - this.#heartbeatSentMs;
      if (sinceMs > 2 * failover.heartbeatEveryMs)
        run.report(
          'heartbeats',
          this.role,
          `a heartbeat every ${failover.heartbeatEveryMs} ms`,
          `no heartbeat from the ${this.role} for ${sinceMs} ms`,
        );
    }
    if (this.#waitsForAnswer && run.nowMs - this.#unansweredMs! > failover.retryAfterMs)
      run.report(
        'asks again',
        this.role,
        `another test-and-set within ${failover.retryAfterMs} ms`,
        `no test-and-set of the ${this.role} for ${run.nowMs - this.#unansweredMs!} ms`,
      );
  }

  // What a machine is told counts from after the time is told: a part that acts on what it knew before is right.

  heartbeat(): void {
    this.time();
    this.#heartbeatHeardMs = this.#options.run.nowMs;
    this.#step({ kind: 'heartbeat' });
  }

  logTraffic(): void {
    this.time();
    this.#logHeardMs = this.#options.run.nowMs;
    this.#step({ kind: 'log traffic' });
  }

  logEnd(): void {
    this.time();
    this.#isAtLogEnd = true;
    this.#options.run.trace.note(this.role, 'comes to the end of the log');
    this.#step({ kind: 'log end' });
    this.#expectToGoOn();
  }

  answer(owner: Role): void {
    this.time();
    this.#owner = owner;
    this.#isAsking = false;
    this.#step({ kind: 'flag', owner });
    if (owner !== this.role && this.ended !== 'halted' && !this.#isOff)
      this.#options.run.report('loser halts', this.role, `'halt': the ${owner} holds the flag`, `the ${this.role} goes on`);
    this.#expectToGoOn();
  }

  noAnswer(): void {
    this.time();
    this.#isAsking = false;
    this.#unansweredMs = this.#options.run.nowMs;
    this.#step({ kind: 'no flag answer' });
  }

  /** The guest has switched itself off, which both machines know or will. */
  powerOff(): void {
    if (this.#isOff) return;
    this.time();
    this.#isOff = true;
    this.#options.run.trace.note(this.role, 'is told of the power-off');
    this.#step({ kind: 'power-off' });
  }

  /** Whether the storage is to be asked again: an attempt was not answered, nothing else is missing, and nothing that came since makes it needless. */
  get #waitsForAnswer(): boolean {
    const isOwed = this.#unansweredMs !== undefined && this.#owner === undefined && this.#isAtLogEnd;
    return isOwed && this.ended === undefined && !this.#isOff;
  }

  #step(input: FailoverInput): void {
    if (this.ended === 'halted') return;
    for (const effect of this.#end.step(input)) this.#carryOut(effect);
  }

  #carryOut(effect: FailoverEffect): void {
    if (this.ended === 'halted') return;
    switch (effect.kind) {
      case 'heartbeat':
        this.#heartbeatSentMs = this.#options.run.nowMs;
        return this.#options.sendHeartbeat();
      case 'replay to end':
        this.#decide('stops listening, to replay the log to its end');
        this.#options.run.trace.note(this.role, 'stops listening, replays the log to its end');
        return this.#options.replayToEnd();
      case 'test-and-set':
        return this.#ask();
      case 'go live':
        return this.#goLive();
      case 'halt':
        return this.#halt();
    }
  }

  #decide(words: string): void {
    const { run, failover } = this.#options;
    const silenceMs = run.nowMs - Math.min(this.#heartbeatHeardMs, this.#logHeardMs);
    const isRight = this.#hasDecided || silenceMs >= failover.silenceMaxMs;
    this.#hasDecided = true;
    if (this.#isOff) return this.#report('power-off', 'nothing, after the guest switched itself off', words);
    if (isRight) return;
    const [heartbeatMs, logMs] = [run.nowMs - this.#heartbeatHeardMs, run.nowMs - this.#logHeardMs];
    const expected = `a peer that counts as alive: its last heartbeat came ${heartbeatMs} ms ago, its last log traffic ${logMs} ms ago`;
    this.#report('false alarm', expected, words);
  }

  #ask(): void {
    this.#decide('asks for the flag');
    if (this.#owner !== undefined && this.#owner !== this.role)
      this.#report('loser halts', `'halt': the ${this.#owner} holds the flag`, 'asks for the flag again');
    this.#isAsking = true;
    this.#unansweredMs = undefined;
    this.#options.testAndSet();
  }

  #goLive(): void {
    if (this.ended === 'live') return;
    if (this.#isOff) this.#report('power-off', 'nothing, after the guest switched itself off', 'goes live');
    else {
      if (this.#owner !== this.role) this.#report('flag', `the storage’s word that the ${this.role} holds the flag`, this.#whatItHas());
      if (!this.#isAtLogEnd) this.#report('log end', `'log end', which says that the last entry is replayed`, 'goes live before it');
    }
    this.ended = 'live';
    this.#options.goLive();
  }

  #whatItHas(): string {
    if (this.#owner !== undefined) return `goes live, though the ${this.#owner} holds it`;
    return this.#unansweredMs === undefined && !this.#isAsking ? 'goes live without asking' : 'goes live without an answer';
  }

  #halt(): void {
    const isDue = this.#isOff || (this.#owner !== undefined && this.#owner !== this.role);
    if (!isDue) this.#report('asks again', "no 'halt': nobody has said that the other holds the flag", 'halts');
    this.ended = 'halted';
    this.#options.halt();
  }

  #expectNoticed({ silenceMaxMs }: FailoverOptions): void {
    const { run } = this.#options;
    const [signal, heardMs] =
      this.#heartbeatHeardMs <= this.#logHeardMs ? ['heartbeat', this.#heartbeatHeardMs] : ['log traffic', this.#logHeardMs];
    if (run.nowMs - heardMs <= silenceMaxMs) return;
    const observed = `no ${signal} for ${run.nowMs - heardMs} ms, and the ${this.role} does nothing`;
    run.report('notices', this.role, `a failure declared once either signal has stayed out for more than ${silenceMaxMs} ms`, observed);
  }

  /** With the log at its end, nothing but the storage's answer stands between a machine that has decided and its going live. */
  #expectToGoOn(): void {
    if (this.ended !== undefined || this.#isOff || !this.#hasDecided || !this.#isAtLogEnd) return;
    if (this.#owner === this.role) this.#report('goes on', `'go live': the ${this.role} holds the flag`, 'does nothing');
    else if (this.#owner === undefined && !this.#isAsking && this.#unansweredMs === undefined)
      this.#report('goes on', `'test-and-set', since the log is at its end`, 'does nothing');
  }

  #report(rule: FailoverRule, expected: string, observed: string): void {
    this.#options.run.report(rule, this.role, expected, `the ${this.role} ${observed}`);
  }
}

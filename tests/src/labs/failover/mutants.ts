/** Mutants of failover's reference solutions. */
import { sourcesOf, type Mutant } from '../mutant.ts';

/** Names of the reference solutions. */
export const solutions = ['deadlines', 'facts', 'table'] as const;
type Solution = (typeof solutions)[number];

export const { solutionSource, mutantSource } = sourcesOf<Solution>('failover');

export const mutants: Mutant<Solution>[] = [
  {
    name: 'sends one heartbeat and no more',
    fails: 'heartbeats',
    of: 'deadlines',
    replace: [['alarms.beat = nowMs - (nowMs % options.heartbeatEveryMs) + options.heartbeatEveryMs;', 'delete alarms.beat;']],
  },
  {
    name: 'sends heartbeats as the primary only',
    fails: 'heartbeats',
    of: 'facts',
    replace: [
      ['(facts, { heartbeatEveryMs }) => {', '(facts, { heartbeatEveryMs, role }) => {'],
      ['if (facts.isLive ||', "if (role === 'backup' || facts.isLive ||"],
    ],
  },
  {
    name: 'takes two heartbeats that did not come for a failure',
    fails: 'false-alarm',
    of: 'table',
    replace: [
      ['nowMs - lastHeartbeatMs > silenceMaxMs', 'nowMs - lastHeartbeatMs > 2 * heartbeatEveryMs'],
      ['lastTrafficMs, silenceMaxMs }', 'lastTrafficMs, silenceMaxMs, heartbeatEveryMs }'],
    ],
  },
  {
    name: 'does not renew the time of the log traffic',
    fails: 'false-alarm',
    of: 'deadlines',
    replace: [['      if (alarms.log !== undefined) alarms.log = state.nowMs + options.silenceMaxMs;\n', '']],
  },
  {
    name: 'lets either signal make up for the other',
    fails: 'notices',
    of: 'facts',
    replace: [['Math.max(...silentMs)', 'Math.min(...silentMs)']],
  },
  {
    name: 'listens to heartbeats only',
    fails: 'notices',
    of: 'table',
    replace: [
      [' || nowMs - lastTrafficMs > silenceMaxMs', ''],
      ['lastHeartbeatMs, lastTrafficMs, silenceMaxMs', 'lastHeartbeatMs, silenceMaxMs'],
    ],
  },
  {
    name: 'listens to the log only',
    fails: 'notices',
    of: 'deadlines',
    replace: [['if (isDue(alarms.heartbeats, nowMs) || isDue(alarms.log, nowMs))', 'if (isDue(alarms.log, nowMs))']],
  },
  {
    name: 'has a timeout of its own',
    fails: 'notices',
    of: 'facts',
    replace: [
      ['> silenceMaxMs;', '> 400;'],
      [', { silenceMaxMs }: FailoverOptions', ''],
    ],
  },
  {
    name: 'goes live with the flag, whatever is left of the log',
    fails: 'log-end',
    of: 'facts',
    replace: [[' || !facts.isAtLogEnd', '']],
  },
  {
    name: 'never replays to the end',
    fails: 'log-end',
    of: 'deadlines',
    replace: [["options.role === 'backup' ? 'replay to end' : 'test-and-set'", "'test-and-set'"]],
  },
  {
    name: 'goes live at the end of the log without asking',
    fails: 'flag',
    of: 'deadlines',
    replace: [["      return [{ kind: 'test-and-set' }];", "      return end(state, 'go live');"]],
  },
  {
    name: 'goes live as soon as it has asked',
    fails: 'flag',
    of: 'table',
    replace: [["return enter(state, 'asking', 'test-and-set');", "return enter(state, 'done', 'test-and-set', 'go live');"]],
  },
  {
    name: 'forgets an answer that comes before the end of the log',
    fails: 'flag',
    of: 'facts',
    replace: [['facts.owner = input.owner;', 'facts.owner = facts.isAtLogEnd ? input.owner : undefined;']],
  },
  {
    name: 'takes any answer for a yes',
    fails: 'one-live',
    of: 'table',
    replace: [
      [", owner === state.role ? 'go live' : 'halt')", ", 'go live')"],
      ['(state, { owner })', '(state)'],
    ],
  },
  {
    name: 'goes on as the primary without asking',
    fails: 'one-live',
    of: 'deadlines',
    replace: [
      [
        "[{ kind: options.role === 'backup' ? 'replay to end' : 'test-and-set' }]",
        "[{ kind: options.role === 'backup' ? 'replay to end' : 'go live' }]",
      ],
    ],
  },
  {
    name: 'goes on watching when it does not get the flag',
    fails: 'loser-halts',
    of: 'table',
    replace: [
      [
        "enter(state, 'done', owner === state.role ? 'go live' : 'halt')",
        "(owner === state.role ? enter(state, 'done', 'go live') : enter(state, 'watching'))",
      ],
    ],
  },
  {
    name: 'asks until it gets the flag',
    fails: 'loser-halts',
    of: 'deadlines',
    replace: [
      [
        "      return end(state, input.owner === options.role ? 'go live' : 'halt');",
        "      if (input.owner === options.role) return end(state, 'go live');\n      alarms.retry = state.nowMs + options.retryAfterMs;\n      return [];",
      ],
    ],
  },
  {
    name: 'takes no answer for a no',
    fails: 'lost-answer',
    of: 'table',
    replace: [["enter(state, 'refused an answer'),", "enter(state, 'done', 'halt'),"]],
  },
  {
    name: 'asks once',
    fails: 'lost-answer',
    of: 'deadlines',
    replace: [['      alarms.retry = state.nowMs + options.retryAfterMs;\n', '']],
  },
  {
    name: 'asks in a loop until it is answered',
    fails: 'lost-answer',
    verdict: 'step budget',
    of: 'facts',
    replace: [['facts.attempts -= 1;', 'while (facts.owner === undefined) facts.attempts += 1;']],
  },
  {
    name: 'takes no answer for a yes',
    fails: 'unreachable',
    of: 'deadlines',
    replace: [['      alarms.retry = state.nowMs + options.retryAfterMs;\n      return [];', "      return end(state, 'go live');"]],
  },
  {
    name: 'gives up after three attempts',
    fails: 'unreachable',
    of: 'table',
    replace: [
      ['  lastAttemptMs: number;\n}', '  lastAttemptMs: number;\n  attempts: number;\n}'],
      ['lastAttemptMs: 0 }', 'lastAttemptMs: 0, attempts: 0 }'],
      [
        "(state) => enter(state, 'refused an answer')",
        "(state) => (++state.attempts === 3 ? enter(state, 'done', 'halt') : enter(state, 'refused an answer'))",
      ],
    ],
  },
  {
    name: 'takes its decision back when it hears the peer again',
    fails: 'unreachable',
    of: 'table',
    replace: [
      [
        "    'power-off': switchOff,\n  },\n  done: {},",
        "    heartbeat: (state) => {\n      state.lastHeartbeatMs = state.lastTrafficMs = state.nowMs;\n      return enter(state, 'watching');\n    },\n    'power-off': switchOff,\n  },\n  done: {},",
      ],
    ],
  },
  {
    name: 'halts as a primary whose backup has died',
    fails: 'primary-alone',
    of: 'deadlines',
    replace: [["'replay to end' : 'test-and-set' }", "'replay to end' : 'halt' }"]],
  },
  {
    name: 'waits for the end of the log on the primary, too',
    fails: 'primary-alone',
    of: 'facts',
    replace: [["isAtLogEnd: options.role === 'primary',", 'isAtLogEnd: false,']],
  },
  {
    name: 'takes the silence after a power-off for a failure',
    fails: 'power-off',
    of: 'deadlines',
    replace: [["      return end(state, 'halt');", '      return [];']],
  },
  {
    name: 'hears of a power-off only while it watches',
    fails: 'power-off',
    of: 'table',
    replace: [["    'log end': ask,\n    'power-off': switchOff,", "    'log end': ask,"]],
  },
  {
    name: 'does not expect to be told of a power-off',
    fails: 'power-off',
    verdict: 'error',
    of: 'facts',
    replace: [['  else facts.isOff = true;', "  else throw new Error('not an input');"]],
  },
  {
    name: 'asks again at the exact time or never',
    fails: 'random',
    of: 'table',
    replace: [['state.nowMs - state.lastAttemptMs > state.retryAfterMs', 'state.nowMs - state.lastAttemptMs === state.retryAfterMs']],
  },
];

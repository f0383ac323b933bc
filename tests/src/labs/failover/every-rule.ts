/** Every rule that a pair with a correct failover keeps. */
import type { Rule } from '../../../../labs-runtime/sim/rules.ts';

export const everyRule: Rule[] = [
  'heartbeats',
  'false alarm',
  'notices',
  'log end',
  'flag',
  'goes on',
  'loser halts',
  'asks again',
  'power-off',
  'one live',
  'remembered',
  'alone',
  'client',
];

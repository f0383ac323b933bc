/**
 * What runs a hart's instructions. The interpreter is one engine; one that translates hot regions can take its place, as long as it keeps
 * this contract, since positions, states and stops are the same for all.
 */
import type { Bus } from './bus.ts';
import type { Hart } from './hart.ts';
import type { Stop } from './stop.ts';

/**
 * Makes at most `attemptsMax` attempts (1 or more) of a hart, and counts them in `hart.position`. It returns
 * - after exactly `attemptsMax` attempts, with nothing;
 * - before, with nothing, when an interrupt of the hart can be taken;
 * - before or then, with a stop, right after the attempt that gave it (for `clock`: before that attempt).
 *
 * Precondition: no interrupt of the hart can be taken now. Registers, CSRs, RAM and devices are as after the last attempt when it returns;
 * a store is seen by the very next fetch.
 */
export type Engine = (hart: Hart, bus: Bus, attemptsMax: number) => Stop | undefined;

/**
 * How much each server's processor can do before the next tick, in scenarios that bound it: those in which a backup may fall behind (VMware FT,
 * section 3.2). Elsewhere the search chooses what runs when, and nothing is counted.
 */
import type { ServerId } from '../../ft/replica/messages.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Editor } from './editor.ts';

/** Whether a server's processor can do something before the next tick. */
export function hasTime({ attemptsLeft }: ClusterState, server: ServerId): boolean {
  return attemptsLeft.length === 0 || attemptsLeft[server]! > 0;
}

/** The most attempts that a guest makes in one event. */
export function attemptsFor({ scenario, state }: Editor, server: ServerId): number {
  return Math.min(scenario.attemptsMax, state.attemptsLeft[server] ?? Infinity);
}

/** A tick: time that was not used is gone, and a guest that is slowed gets its share. */
export function giveTime({ scenario, state }: Editor): void {
  const { attemptsLeft, servers } = state;
  state.attemptsLeft = attemptsLeft.map((left, server) => {
    const share = (servers[server]!.replica?.sharePercent ?? 100) / 100;
    return Math.min(0, left) + Math.floor(scenario.attemptsPerTick![server]! * share);
  });
}

/** A replay is done whole, and may take of the next tick. */
export function spendTime({ state }: Editor, server: ServerId, attempts: number): void {
  state.attemptsLeft = state.attemptsLeft.map((left, each) => (each === server ? left - attempts : left));
}

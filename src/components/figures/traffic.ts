/** What each way of replicating sends, as arithmetic: the lecture's traffic calculator stands on it. All traffic is in Mbit/s, 10^6 bits a second. */

const megabit = 1e6;
/** The bars' logarithmic scale, in Mbit/s. */
const scale = { least: 0.1, most: 100_000 };

/** Traffic of state transfer in Mbit/s, from memory written between two checkpoints (MiB) and checkpoints a second. */
export function stateTransferMbits(writtenMib: number, checkpointsPerSecond: number): number {
  return (writtenMib * 2 ** 20 * 8 * checkpointsPerSecond) / megabit;
}

/** Traffic of a replicated state machine in Mbit/s, from events a second and bytes a log entry. */
export function stateMachineMbits(eventsPerSecond: number, entryBytes: number): number {
  return (eventsPerSecond * entryBytes * 8) / megabit;
}

/** Where `mbits` stands on the scale, from 0 to 100 percent. */
export function percentOnScale(mbits: number): number {
  const share = Math.log10(Math.max(mbits, scale.least) / scale.least) / Math.log10(scale.most / scale.least);
  return Math.min(100, 100 * share);
}

/** `mbits` as a reader would write it: three digits at most, with a unit. */
export function formatMbits(mbits: number): string {
  const [value, unit] = mbits >= 1000 ? [mbits / 1000, 'Gbit/s'] : [mbits, 'Mbit/s'];
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

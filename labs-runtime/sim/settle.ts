/**
 * The fair end of a run: every network is whole, everything arrives, time passes, until nothing is owed. What is still owed when patience ends breaks
 * the rule of progress: a promise that something happens can only be judged where nothing stands in its way any more.
 */
import type { Role } from '../ft/channel-api.ts';
import type { Host } from './host.ts';
import { ROUND_MS } from './world.ts';
import type { World } from './world.ts';

/** Rounds after which a channel that still owes entries, or a pair that still owes answers, makes no progress. */
const CHANNEL_ROUNDS_MAX = 40;
const SERVICE_ROUNDS_MAX = 60;

/** Ends the run of a world. With clients or failover the guests go on; without, nothing but the log has to come to rest. */
export function settle(world: World): void {
  if (world.ended) return;
  if (world.options.clients === 0 && world.options.failoverPart === undefined) settleLog(world);
  else settleService(world);
}

function settleLog(world: World): void {
  const { path, options } = world;
  if (!path.linkUp) world.apply({ kind: 'heal' });
  for (let round = 0; round < CHANNEL_ROUNDS_MAX && !world.ended && path.owes; round++) {
    carryAll(world, 'backup');
    world.apply({ kind: 'replay', entriesMax: Number.MAX_SAFE_INTEGER });
    carryAll(world, 'primary');
    world.apply({ kind: 'wait', forMs: options.channel.resendAfterMs });
  }
  if (world.ended) return;
  if (path.owes) world.run.report('progress', undefined, ...path.debt(CHANNEL_ROUNDS_MAX));
  else if (options.judge === 'machines' && world.hosts.primary.isRunning) compareEnds(world);
}

/** What is in flight now arrives; what is sent in answer waits for the next round. */
function carryAll(world: World, to: Role): void {
  const { pieceBytesMax } = world.options;
  const pieces = Math.ceil(world.path.bytesInFlight(to) / pieceBytesMax);
  for (let piece = 0; piece < pieces; piece++) world.apply({ kind: 'carry', to, bytesMax: pieceBytesMax });
}

/** With every entry replayed, nothing but instructions lies between the backup and the primary's position. */
function compareEnds({ hosts, run }: World): void {
  const { machine } = hosts.primary.recording!;
  const { replaying } = hosts.backup;
  if (replaying === undefined) return;
  replaying.runTo(machine.position);
  const [expected, observed] = [machine.stateHash(), replaying.machine.stateHash()];
  if (expected === observed) return;
  run.report(
    'same state',
    'backup',
    `state ${expected} at position ${machine.position}, as on the primary`,
    `state ${observed} on the backup`,
  );
}

function settleService(world: World): void {
  if (!world.path.linkUp) world.apply({ kind: 'heal' });
  world.apply({ kind: 'heartbeats', pass: true });
  world.apply({ kind: 'clients split', on: false });
  for (const machine of ['primary', 'backup'] as const) world.apply({ kind: 'storage', machine, reachable: true });
  for (let round = 0; round < SERVICE_ROUNDS_MAX && !world.ended && !isAtRest(world); round++) world.round();
  if (world.ended || isAtRest(world) || !isServiceOwed(world)) return;
  world.run.report('progress', undefined, 'every request answered, with whole networks', debtOf(world));
}

/** Every answer is there, nothing is held back, and no host has something against its peer. */
function isAtRest(world: World): boolean {
  if (world.serving.length === 0 || world.clients.some((client) => client.waits)) return !isServiceOwed(world);
  return (
    world.serving.every(({ outputs }) => outputs.outputsHeld === 0) && Object.values(world.hosts).every((host) => isDecided(world, host))
  );
}

function isDecided(world: World, host: Host): boolean {
  if (!host.isRunning || host.failover === undefined || host.isAlone || host.isOff) return true;
  return host.failover.watches && Object.values(world.hosts).every((other) => other.isRunning && !other.isAlone);
}

/**
 * Whether there is a host that could serve: after two failures, or a power-off, nobody owes an answer. A halt is no failure; a host that halts though the
 * flag is not the other's could serve.
 */
function isServiceOwed({ hosts, storage, options }: World): boolean {
  const { primary, backup } = hosts;
  if (primary.isOff || backup.isOff) return false;
  const mayServe = ({ condition, role }: Host): boolean =>
    condition !== 'crashed' && (storage.flag === undefined || storage.flag.owner === role);
  if (options.failoverPart !== undefined) return mayServe(primary) || mayServe(backup);
  return primary.isRunning && backup.isRunning;
}

function debtOf(world: World): string {
  const patience = `after ${(SERVICE_ROUNDS_MAX * ROUND_MS) / 1000} s`;
  const halted = Object.values(world.hosts).find(({ condition }) => condition === 'halted');
  if (halted !== undefined && world.serving.length === 0) return `the ${halted.role} has halted, and nobody serves`;
  const waiting = world.clients.find((client) => client.waits);
  if (waiting !== undefined) return `${waiting.waiting} has no answer ${patience}`;
  const holding = world.serving.find(({ outputs }) => outputs.outputsHeld > 0);
  if (holding !== undefined) return `the ${holding.role} still holds ${holding.outputs.outputsHeld} outputs ${patience}`;
  const undecided = Object.values(world.hosts).find((host) => !isDecided(world, host));
  return `the ${undecided?.role ?? 'primary'} has not decided ${patience}`;
}

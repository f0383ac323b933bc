/**
 * A cluster to begin with: a guest that has started and waits, and a backup that a migration has just made of it (VMware FT, section 3.1). Both happen
 * by the reference protocol, event by event, before the scenario's own begins.
 */
import { Machine } from '../../emulator/machine.ts';
import type { MachineOptions } from '../../emulator/machine.ts';
import { seededSchedule } from '../../emulator/schedule.ts';
import type { GuestSlot, GuestState } from '../../ft/replica/guest-slot.ts';
import { RewindingGuest, RunningGuest } from '../../ft/replica/guest-slot.ts';
import { NOBODY } from '../../ft/replica/messages.ts';
import { referenceMechanisms, referenceParts } from '../../ft/replica/options.ts';
import { startPair } from '../../ft/replica/pair.ts';
import { createReplica } from '../../ft/replica/state.ts';
import type { Guest } from '../../guests/index.ts';
import { guests } from '../../guests/index.ts';
import type { EventKind } from './cluster-event.ts';
import type { ClusterState, ServerState, Witness } from './cluster-state.ts';
import { Cluster } from './cluster.ts';
import { createChunks } from './disk-chunks.ts';
import type { ClusterPlace } from './editor.ts';
import type { Scenario } from './scenario.ts';

/** What has to happen until a guest waits and its backup follows it. */
const BOOT_EAGER: readonly EventKind[] = ['disk', 'transfer', 'log', 'replay', 'heartbeat', 'frame', 'answer'];
const BOOT_TICKS_MAX = 200;

/** A cluster whose states a search may go back to, or one that only goes on. */
export async function createCluster(scenario: Scenario, { keepsStates }: { keepsStates: boolean }): Promise<Cluster> {
  const guest = guests[scenario.guest];
  const image = await guest.load();
  const slots = Array.from({ length: scenario.servers }, (_, server) => slotFor(scenario, guest, server, keepsStates));
  const empty = slots[0]!.load(new Machine(machineOptions(scenario, guest, 0)).snapshot());
  const place: ClusterPlace = { scenario: bootScenario(scenario), slots, empty, keepsStates };
  const booted = new Machine(machineOptions(scenario, guest, 0));
  booted.load(image);
  const cluster = new Cluster(place, firstState(scenario, guest, place, slots[0]!.load(booted.snapshot())));
  boot(cluster);
  return new Cluster({ ...place, scenario }, begin(cluster.state, scenario));
}

function machineOptions({ harts, hartSeeds }: Scenario, guest: Guest, server: number): Partial<MachineOptions> {
  const { ramBytes, diskSectors = 0 } = guest;
  return { ramBytes, diskSectors, harts, ...(harts > 1 && { schedule: seededSchedule({ seed: hartSeeds[server]!, harts }) }) };
}

function slotFor(scenario: Scenario, guest: Guest, server: number, keepsStates: boolean): GuestSlot {
  const options = machineOptions(scenario, guest, server);
  return keepsStates ? new RewindingGuest(options) : new RunningGuest(options);
}

/** The same machine, servers and disk, with everything else as it should be. */
function bootScenario(scenario: Scenario): Scenario {
  const { options } = scenario;
  const isAsItShould = { parts: referenceParts, mechanisms: { ...referenceMechanisms, controlsLag: options.mechanisms.controlsLag } };
  const allowance = { faults: 0, ticks: BOOT_TICKS_MAX, retries: 0, repairs: 0, leaves: 0, keys: 0 };
  return {
    ...scenario,
    clients: undefined,
    keys: '',
    faults: [],
    allowance,
    eager: [...(scenario.startsAtRest ? (['run'] as const) : []), ...BOOT_EAGER],
    options: { ...options, ...isAsItShould },
  };
}

function firstState(
  { servers: count, allowance, options, attemptsPerTick }: Scenario,
  guest: Guest,
  { scenario }: ClusterPlace,
  booted: GuestState,
): ClusterState {
  const { diskSectors = 0 } = guest;
  const chunks = createChunks(diskSectors);
  const hasOwn = options.disk === 'local' && diskSectors > 0;
  const server = (id: number): ServerState => ({
    condition: 'up',
    incarnation: 0,
    replica: id === 0 ? createReplica(0, booted, scenario.options) : null,
    draws: 0,
    chunks: hasOwn ? chunks.slice() : null,
  });
  // A machine alone lets its outputs go.
  const servers = Array.from({ length: count }, (_, id) => server(id));
  const { outputGate } = scenario.options.parts;
  const gate = outputGate.start({ acknowledgedSeq: 0 });
  outputGate.step(gate, { kind: 'peer lost' });
  servers[0]!.replica!.outputGate = gate;
  return {
    nowMs: 0,
    servers,
    ...quietNetworks(count),
    storage: { flagGeneration: 0, flagOwner: NOBODY, isReachable: servers.map(() => true), answers: [] },
    disk: { work: [], chunks: hasOwn ? [] : chunks },
    attemptsLeft: attemptsPerTick ?? [],
    clients: [],
    witness: newWitness(0),
    left: { ...allowance, ticks: BOOT_TICKS_MAX },
    breach: null,
  };
}

/** Networks that are whole, with nothing on its way, and the guest on the first server. */
function quietNetworks(servers: number): Pick<ClusterState, 'wires' | 'network'> {
  return {
    wires: Array.from({ length: servers * servers }, () => ({ isUp: true, isMuted: false, log: [], transfer: [] })),
    network: { heartbeats: [], frames: [], port: 0 },
  };
}

/** A witness who has seen nothing yet, of a guest with so many outputs outside. */
function newWitness(outside: number): Witness {
  return { live: 0, liveFrom: 0, outside, inside: [], hashes: [], writes: [], history: [], console: [] };
}

/** Until the guest waits, and then until its backup is there. */
function boot(cluster: Cluster): void {
  for (let tick = 0; tick < BOOT_TICKS_MAX; tick++) {
    cluster.apply({ kind: 'tick', at: 0, to: 0 });
    const [first, second] = cluster.state.servers;
    const isPaired = second?.replica?.role === 'backup' && !first!.replica!.isSwitching;
    if (cluster.state.breach !== null) throw new Error(`the cluster did not start: ${cluster.state.breach.observed}`);
    if ((first!.replica!.isIdle || !cluster.scenario.startsAtRest) && isPaired) return;
  }
  throw new Error(`the guest ${cluster.scenario.guest} did not come to rest, or got no backup, in ${BOOT_TICKS_MAX} ticks`);
}

/** The state at which the scenario begins: what was said so far is forgotten, and the pair starts anew with the scenario's parts. */
function begin(state: ClusterState, { options, clients, keys, allowance }: Scenario): ClusterState {
  const servers = state.servers.map((server) => ({ ...server, replica: server.replica === null ? null : { ...server.replica } }));
  const [primary, backup] = [servers[0]!.replica!, servers[1]!.replica!];
  startPair({ state: primary, options }, 'primary', 1, 1);
  startPair({ state: backup, options }, 'backup', 0, 1);
  primary.diskQueue = options.parts.diskQueue.start(options.diskQueue);
  backup.diskQueue = options.parts.diskQueue.start(options.diskQueue);
  const { outputs } = primary;
  for (const replica of [primary, backup]) Object.assign(replica, { released: outputs, inDoubt: [], migrate: null });
  return {
    ...state,
    servers,
    ...quietNetworks(servers.length),
    clients: (clients?.commands ?? []).map(() => ({ asked: 0, waits: false })),
    witness: newWitness(outputs),
    left: { ...allowance, keys: Math.min(allowance.keys, keys.length) },
  };
}

/**
 * The scenarios that the protocol is searched with, by name: small enough to be looked at whole, and each about one thing that the paper promises.
 */
import type { Mechanisms, ReplicaOptions } from '../../ft/replica/options.ts';
import { replicaDefaults } from '../../ft/replica/options.ts';
import type { Scenario } from './scenario.ts';
import { scenarioDefaults } from './scenario.ts';
import type { Clients } from './scenario.ts';
import type { KeyedCommand, TicketCommand } from './services.ts';
import { keyValueService, ticketService } from './services.ts';

/** Two ticks of silence are a failure, so that short schedules have room for one. */
const TICK_MS = 50;
const failover = { heartbeatEveryMs: TICK_MS, silenceMaxMs: TICK_MS + 10, retryAfterMs: TICK_MS };

function options(changes: Partial<Omit<ReplicaOptions, 'mechanisms'>> & { mechanisms?: Partial<Mechanisms> } = {}): ReplicaOptions {
  const { mechanisms, ...others } = changes;
  // How fast a machine runs has no meaning where a search chooses what runs when.
  return { ...replicaDefaults, failover, ...others, mechanisms: { ...replicaDefaults.mechanisms, controlsLag: false, ...mechanisms } };
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const put = (key: string, value: string): KeyedCommand => ({ op: 'put', key: bytes(key), value: bytes(value) });
const append = (key: string, value: string): KeyedCommand => ({ op: 'append', key: bytes(key), value: bytes(value) });
const get = (key: string): KeyedCommand => ({ op: 'get', key: bytes(key) });

function store(...commands: KeyedCommand[][]): Clients<KeyedCommand> {
  return { service: keyValueService, commands };
}

function tickets(...commands: TicketCommand[][]): Clients<TicketCommand> {
  return { service: ticketService, commands };
}

type Chosen = Partial<Scenario> & Pick<Scenario, 'name' | 'about' | 'guest'>;

function scenario(chosen: Chosen): Scenario {
  return { ...scenarioDefaults, tickMs: TICK_MS, options: options(), ...chosen };
}

const allowance = { ...scenarioDefaults.allowance };

export const scenarios: readonly Scenario[] = [
  scenario({
    name: 'crash',
    about: 'A client reads what another has written, and one of the two machines fails.',
    guest: 'key-value',
    clients: store([put('x', '1')], [get('x')]),
    faults: ['crash'],
    eager: ['run', 'heartbeat', 'answer'],
    depthMax: 34,
  }),
  scenario({
    name: 'tickets',
    about: 'Two clients draw numbered tickets with the time of their issue, and one machine fails.',
    guest: 'tickets',
    clients: tickets(['take ticket'], ['take ticket']),
    faults: ['crash'],
    eager: ['heartbeat', 'answer'],
    depthMax: 34,
  }),
  scenario({
    name: 'console',
    about: 'Keys are typed at the console of a guest that counts them, and one machine fails.',
    guest: 'counter',
    keys: 'ab',
    faults: ['crash'],
    allowance: { ...allowance, ticks: 3, keys: 2 },
    eager: ['heartbeat', 'answer', 'frame'],
    depthMax: 40,
  }),
  scenario({
    name: 'lottery',
    about: 'A guest draws lots with random bytes that its host gives it, and one machine fails.',
    guest: 'lottery',
    keys: 'a',
    faults: ['crash'],
    allowance: { ...allowance, ticks: 3, keys: 1 },
    eager: ['heartbeat', 'answer', 'frame', 'log'],
    depthMax: 60,
  }),
  scenario({
    name: 'partition',
    about: 'The machines lose each other and are both well: streams, heartbeats and the way to the storage fail.',
    guest: 'tickets',
    clients: tickets(['take ticket'], ['take ticket']),
    faults: ['cut', 'mute', 'part', 'lose answer'],
    allowance: { ...allowance, faults: 3, ticks: 5 },
    eager: ['run', 'heartbeat', 'replay'],
    depthMax: 34,
  }),
  scenario({
    name: 'datagrams',
    about: 'Frames of clients and heartbeats are lost, come twice, or late.',
    guest: 'key-value',
    clients: store([append('x', 'a'), append('x', 'b')]),
    faults: ['crash', 'lose heartbeat', 'lose frame', 'double frame'],
    allowance: { ...allowance, faults: 2, retries: 2 },
    eager: ['run', 'answer', 'replay'],
    depthMax: 32,
  }),
  scenario({
    name: 'garbled log',
    about: 'Bits of the log and of its acknowledgements are not what they were when they arrive.',
    guest: 'tickets',
    clients: tickets(['take ticket'], ['take ticket']),
    faults: ['garble'],
    allowance: { ...allowance, faults: 2, ticks: 3 },
    eager: ['run', 'heartbeat', 'answer', 'replay', 'frame'],
    depthMax: 34,
  }),
  scenario({
    name: 'late log',
    about: 'Nothing fails, but what a machine logs for its backup may come when there is a new pair already.',
    guest: 'tickets',
    allowance: { ...allowance, faults: 0, ticks: 4 },
    eager: ['run', 'heartbeat', 'answer', 'transfer', 'replay', 'frame'],
    depthMax: 34,
  }),
  scenario({
    name: 'calm',
    about: 'Nothing fails and everything arrives at once, while a guest serves, is idle, and is switched off.',
    guest: 'tickets',
    clients: tickets(['take ticket', 'power off']),
    allowance: { ...allowance, ticks: 8 },
    eager: ['heartbeat', 'answer', 'log', 'transfer', 'replay'],
    depthMax: 40,
  }),
  scenario({
    name: 'slow backup',
    about: 'Nothing fails, but the backup replays only now and then, and both ends of the logging channel hold two entries.',
    guest: 'tickets',
    options: options({ channel: { ...replicaDefaults.channel, bufferEntriesMax: 2 } }),
    clients: tickets(['take ticket'], ['take ticket']),
    allowance: { ...allowance, ticks: 5 },
    eager: ['heartbeat', 'answer', 'log', 'transfer'],
    depthMax: 40,
  }),
  scenario({
    name: 'busy backup',
    about: 'The server of the backup has other work besides, and cannot replay as fast as the primary runs.',
    guest: 'sieve-crc32',
    startsAtRest: false,
    options: options({
      mechanisms: { controlsLag: true },
      attemptsPerMs: 40,
      lag: { lagMsMax: 100, lagMsCalm: 50, adjustEveryMs: TICK_MS, stepPercent: 10, sharePercentMin: 20 },
    }),
    faults: ['crash'],
    allowance: { ...allowance, ticks: 40 },
    attemptsPerTick: [40 * TICK_MS, 28 * TICK_MS],
    // What lag control promises at these speeds (`ft/lag.ts`), and the work between two entries.
    lagMsMax: 300,
    eager: ['run', 'heartbeat', 'answer', 'log', 'replay', 'transfer'],
    depthMax: 44,
  }),
  scenario({
    name: 'clocks',
    about: 'The clock of one server is ahead of that of the other, and one machine fails.',
    guest: 'tickets',
    clients: tickets(['take ticket', 'take ticket']),
    faults: ['crash'],
    clockOffsetsMs: [500, 0, 0],
    eager: ['run', 'heartbeat', 'answer', 'log', 'replay'],
    depthMax: 34,
  }),
  scenario({
    name: 'disk',
    about: 'A store that keeps its data on a shared disk, with one failure.',
    guest: 'key-value-disk',
    clients: store([put('x', '1')], [get('x')]),
    faults: ['crash'],
    eager: ['run', 'heartbeat', 'answer'],
    depthMax: 44,
  }),
  scenario({
    name: 'frozen',
    about: 'A machine stands still for a while, with requests at the disk, and does not know that the other took over.',
    guest: 'key-value-disk',
    clients: store([put('x', '1'), put('x', '2')]),
    faults: ['freeze'],
    allowance: { ...allowance, ticks: 4 },
    eager: ['run', 'heartbeat', 'answer', 'replay', 'frame'],
    depthMax: 44,
  }),
  scenario({
    name: 'disk faults',
    about: 'The shared disk fails requests, and a machine fails.',
    guest: 'key-value-disk',
    clients: store([put('x', '1')]),
    faults: ['fail disk', 'crash'],
    allowance: { ...allowance, faults: 2 },
    eager: ['run', 'heartbeat', 'answer', 'replay'],
    depthMax: 40,
  }),
  scenario({
    name: 'reads',
    about: 'A guest watches the memory that its disk reads go to.',
    guest: 'dma-poll',
    startsAtRest: false,
    eager: ['heartbeat', 'answer', 'log', 'replay'],
    allowance: { ...allowance, ticks: 0 },
    attemptsMax: 3000,
    depthMax: 60,
  }),
  scenario({
    name: 'overlapping requests',
    about: 'A guest has two requests for one sector at the disk at a time, and a machine stands still for a while.',
    guest: 'overlap',
    keys: 'a',
    faults: ['freeze'],
    allowance: { ...allowance, keys: 1 },
    eager: ['run', 'heartbeat', 'answer', 'log', 'replay'],
    attemptsMax: 5000,
    depthMax: 40,
  }),
  scenario({
    name: 'reads before writes',
    about: 'The backup reads the shared disk itself, at a place that the guest writes to next.',
    guest: 'overlap',
    keys: 'a',
    options: options({ mechanisms: { backupReadsDisk: true } }),
    faults: ['crash'],
    allowance: { ...allowance, keys: 1 },
    eager: ['run', 'heartbeat', 'answer', 'log'],
    attemptsMax: 5000,
    depthMax: 44,
  }),
  scenario({
    name: 'small buffers',
    about: 'Both ends of the logging channel hold two entries at most.',
    guest: 'key-value',
    options: options({ channel: { ...replicaDefaults.channel, bufferEntriesMax: 2 } }),
    clients: store([put('x', '1')], [get('x')]),
    faults: ['cut', 'crash'],
    eager: ['run', 'heartbeat', 'answer'],
    depthMax: 34,
  }),
  scenario({
    name: 'power off',
    about: 'A client switches the guest off, which is no failure.',
    guest: 'tickets',
    clients: tickets(['take ticket', 'power off']),
    faults: ['crash'],
    allowance: { ...allowance, ticks: 5 },
    eager: ['run', 'heartbeat', 'answer'],
    depthMax: 34,
  }),
  scenario({
    name: 'power off at work',
    about: 'A guest switches itself off while two writes to one sector of the shared disk, and a byte for the console, are on their way.',
    guest: 'overlap',
    keys: '.',
    faults: ['crash'],
    allowance: { ...allowance, ticks: 5, keys: 1 },
    eager: ['run', 'heartbeat', 'answer'],
    attemptsMax: 5000,
    depthMax: 34,
  }),
  scenario({
    name: 'new backup',
    about: 'Three servers and two failures: the pair becomes whole again in between, while a client goes on asking.',
    guest: 'key-value',
    servers: 3,
    clients: store([put('x', '1'), get('x')]),
    faults: ['crash', 'cut'],
    allowance: { ...allowance, faults: 2, ticks: 7, retries: 2 },
    eager: ['run', 'heartbeat', 'answer', 'log', 'replay'],
    depthMax: 40,
  }),
  scenario({
    name: 'new backup with disk',
    about: 'The same, for a guest with requests at a shared disk.',
    guest: 'key-value-disk',
    servers: 3,
    clients: store([put('x', '1'), put('x', '2'), get('x')]),
    faults: ['crash'],
    allowance: { ...allowance, faults: 2, ticks: 7, retries: 2 },
    eager: ['run', 'heartbeat', 'answer', 'log', 'replay', 'frame'],
    depthMax: 44,
  }),
  scenario({
    name: 'emptied server',
    about: 'A server is emptied while its machine serves: whichever of the pair is there moves to another, and one failure comes on top.',
    guest: 'key-value-disk',
    servers: 3,
    clients: store([put('x', '1'), get('x')]),
    faults: ['crash'],
    allowance: { ...allowance, leaves: 1, ticks: 7, retries: 2 },
    eager: ['run', 'heartbeat', 'answer', 'log', 'frame'],
    depthMax: 40,
  }),
  scenario({
    name: 'own disks',
    about: 'Each server has a disk of its own, and a third party gives the flag away.',
    guest: 'key-value-disk',
    servers: 3,
    options: options({ disk: 'local' }),
    clients: store([put('x', '1'), get('x')]),
    faults: ['crash'],
    allowance: { ...allowance, faults: 2, ticks: 7, retries: 2 },
    eager: ['run', 'heartbeat', 'answer', 'log'],
    depthMax: 44,
  }),
  scenario({
    name: 'backup reads',
    about: 'The backup reads the shared disk itself, so that the log need not carry what was read.',
    guest: 'dma-poll',
    startsAtRest: false,
    options: options({ mechanisms: { backupReadsDisk: true } }),
    faults: ['crash', 'fail disk'],
    allowance: { ...allowance, ticks: 4 },
    eager: ['heartbeat', 'answer', 'log'],
    attemptsMax: 3000,
    depthMax: 60,
  }),
  scenario({
    name: 'checkpoints',
    about: 'The backup follows by checkpoints of state, and one machine fails.',
    guest: 'key-value',
    options: options({ follows: 'checkpoints' }),
    clients: store([put('x', '1')], [get('x')]),
    faults: ['crash', 'cut'],
    allowance: { ...allowance, ticks: 5 },
    eager: ['run', 'heartbeat', 'answer'],
    depthMax: 34,
  }),
  scenario({
    name: 'power off by checkpoints',
    about: 'A guest that is followed by checkpoints switches itself off while writes and a byte for the console are on their way.',
    guest: 'overlap',
    keys: '.',
    options: options({ follows: 'checkpoints' }),
    faults: ['crash'],
    allowance: { ...allowance, ticks: 7, keys: 1 },
    eager: ['run', 'heartbeat', 'answer'],
    attemptsMax: 5000,
    depthMax: 34,
  }),
  scenario({
    name: 'two harts',
    about: 'A guest whose two harts race for memory, followed by checkpoints.',
    guest: 'racer',
    startsAtRest: false,
    harts: 2,
    options: options({ follows: 'checkpoints' }),
    faults: ['crash'],
    allowance: { ...allowance, ticks: 5 },
    eager: ['heartbeat', 'answer'],
    attemptsMax: 4000,
    hartSeeds: [1, 2, 3],
    depthMax: 60,
  }),
  scenario({
    name: 'one failure after another',
    about: 'Three servers that are repaired each time: the pair survives any number of failures, one at a time.',
    guest: 'key-value',
    servers: 3,
    clients: store([put('x', '1'), append('x', '2'), get('x'), append('x', '3'), get('x')], [get('x'), append('x', '4'), get('x')]),
    faults: ['crash', 'cut', 'mute', 'freeze'],
    allowance: { ...allowance, faults: 6, ticks: 60, retries: 20, repairs: 6 },
    eager: ['run', 'heartbeat', 'answer', 'log', 'replay', 'transfer'],
    depthMax: 150,
  }),
];

/** Scenarios in which something goes wrong that no mechanism of the protocol could mend: they show why it is as it is. */
export const demonstrations: readonly Scenario[] = [
  scenario({
    name: 'racing replay',
    about: 'A guest whose two harts race for memory, followed by its log, which does not say whose turn it was.',
    guest: 'racer',
    startsAtRest: false,
    harts: 2,
    allowance: { ...allowance, faults: 0, ticks: 0 },
    eager: ['heartbeat', 'answer', 'log', 'replay'],
    attemptsMax: 4000,
    hartSeeds: [1, 2, 3],
    depthMax: 60,
  }),
];

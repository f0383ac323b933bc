/**
 * What the course has to teach, point by point, and where it does: the notes of the lecture it was made from, the mechanisms of the VMware FT
 * paper, its figures, the questions that readers ask, and how one can be sure of the protocol. Each point names a heading of a chapter and words without which it is not taught there.
 */

export interface Point {
  /** The point in our own words. */
  point: string;
  /** A chapter and a heading of it, `chapter#heading`; without a heading, what stands before the first one. */
  at: string;
  /** Words that the section must hold, as a reader sees them. */
  words: string[];
}

function point(text: string, at: string, ...words: string[]): Point {
  return { point: text, at, words };
}

const notes = [
  point('a second machine keeps a service up when hardware fails', 'failures', 'replication', 'primary', 'backup'),
  point('fail-stop: the machine works, then stops', 'failures#fail-stop-failures', 'power cord', 'fan', 'network cable', 'stops'),
  point('a fault that is detected becomes a stop', 'failures#from-a-fault-to-a-stop', 'checksum', 'detects'),
  point('bugs are not covered', 'failures#what-a-second-machine-does-not-help-against', 'bug', 'same wrong answer'),
  point('correlated failures are not covered', 'failures#what-a-second-machine-does-not-help-against', 'correlated', 'rack'),
  point('both machines are assumed to fail independently', 'failures#independence-does-the-work', 'independently', 'assumption'),
  point('what replication costs, and when it is worth it', 'failures#what-it-costs-and-when-it-is-worth-it', 'second machine', 'outage'),
  point('state transfer sends the state', 'replication#state-transfer', 'content of memory', 'registers', 'checkpoint'),
  point('a replicated state machine sends events', 'replication#a-replicated-state-machine', 'same inputs in the same order', 'log entry'),
  point('the second sends less', 'replication#what-crosses-the-wire', 'bandwidth', 'costs the log nothing'),
  point('state transfer is more robust and more expensive', 'many-cores#back-to-checkpoints', 'more robust', 'more expensive'),
  point('several cores interleave in ways that nobody decides', 'many-cores#two-cores-one-word', 'interleaved', 'lost update'),
  point('the paper’s system has one processor', 'many-cores', 'one processor'),
  point('the later product for several processors', 'many-cores#back-to-checkpoints', 'SMP-FT', 'checkpointing'),
  point('question 1: what is the state', 'replication#five-questions-for-the-design', 'What is the state?'),
  point('question 2: how close in step', 'replication#five-questions-for-the-design', 'How close behind is the backup?'),
  point(
    'question 3: how is the switch made',
    'replication#five-questions-for-the-design',
    'How is the switch made?',
    'reach the new primary',
  ),
  point('question 4: which anomalies show', 'replication#five-questions-for-the-design', 'Which anomalies show?', 'nearly impossible'),
  point(
    'question 5: how is a new replica made',
    'replication#five-questions-for-the-design',
    'How is a new backup made?',
    'state transfer',
  ),
  point(
    'the machine’s whole state is replicated',
    'level#machine-level-every-register-and-every-byte',
    'registers',
    'all memory',
    'every bit',
  ),
  point('most systems replicate the application’s data', 'level#application-level-chunks-transactions-tasks', 'GFS', 'chunk'),
  point('why GFS does it so', 'level#why-not-replicate-as-gfs-does', 'what is not state', 'differ'),
  point(
    'what a virtual machine monitor is',
    'level#what-the-hypervisor-must-be-able-to-see',
    'hypervisor',
    'one computer look like several',
  ),
];

const mechanisms = [
  point('2.1 inputs and events are logged', 'determinism#where-two-runs-differ', 'Inputs', 'Nondeterministic events', 'where it happened'),
  point('2.1 at the exact instruction', 'determinism#the-exact-instruction', 'position', 'instruction attempts'),
  point('2.1 how a processor is stopped there', 'determinism#how-a-real-processor-is-stopped-at-a-place', 'performance counters'),
  point('2.2 the output rule', 'output-rule#the-rule', 'only after the backup has acknowledged', 'agrees with every output'),
  point('2.2 output waits, execution does not', 'output-rule#never-stop', 'never stopped', 'Only the output waits'),
  point('2.2 an output may be sent twice, and TCP hides it', 'output-rule#duplicates', 'twice', 'TCP', 'Exactly once'),
  point('2.2 what counts as output', 'output-rule#what-is-output', 'network', 'disk', 'console'),
  point('2.3 heartbeats and traffic of the log', 'failover#noticing', 'UDP', 'Traffic on the logging channel', 'timeout', 'a few seconds'),
  point('2.3 the log is consumed to its end', 'failover#log-end', 'last entry', 'output operation itself', 'goes live'),
  point('2.3 an output has an entry of its own', 'output-rule#own-entry', 'place', 'output', 'goes live'),
  point('2.3 split brain', 'failover#split-brain', 'third place', 'Both'),
  point('2.3 atomic test-and-set on shared storage', 'failover#test-and-set', 'atomic', 'shared disk', 'halts'),
  point('2.3 the flag holds generation and owner', 'failover#test-and-set', 'generation', 'owner'),
  point('2.3 repeating one’s own attempt wins', 'failover#lost-answer', 'remembers its owner', 'same answer'),
  point('2.3 the loser halts itself', 'failover#the-loser-halts', 'no further instruction', 'sends nothing'),
  point('2.3 a primary whose backup died asks too', 'failover#going-alone', 'stops logging', 'held', 'asks for the flag'),
  point('2.3 without the storage, the machine waits', 'failover#unreachable-storage', 'waits', 'tries again'),
  point('2.3 a power-off is no failure', 'failover#power-off', 'control entry', 'go on as a pair', 'never comes back by a failover'),
  point('2.3 the new primary advertises its MAC address', 'failover#after', 'MAC address', 'announces'),
  point('2.3 a new backup is started by itself', 'failover#after', 'by itself', 'new backup'),
  point('3.1 FT VMotion: pre-copy, a pause below a second', 'new-replica#pre-copy-send-while-it-runs', 'pre-copy', 'less than a second'),
  point('3.1 the clone is the backup', 'new-replica#the-copy-becomes-the-backup', 'logging mode', 'replay mode', 'primary'),
  point('3.1 the cluster picks a host', 'new-replica#redundancy-by-itself-and-elsewhere', 'cluster', 'another host'),
  point('3.2 log buffers on both sides', 'performance#log-buffers', 'two buffers', 'primary’s buffer is full', 'backup’s buffer is empty'),
  point('3.2 stalls', 'logging-channel#bounded-buffers', 'stall', 'bounded'),
  point('3.2 the primary is slowed when the lag grows', 'performance#cpu-share-control', 'feedback loop', 'slow', 'processor time'),
  point('3.3 control entries', 'new-replica#operations-on-the-pair', 'control entry', 'Powering off', 'Resources'),
  point('3.3 either side can be moved', 'new-replica#moving-either-side', 'VMotion', 'quiesce', 'backup'),
  point('3.4 requests to one place are put in order', 'disks-and-networks#two-requests-to-one-place', 'same place', 'order'),
  point('3.4 races of the guest with DMA', 'disks-and-networks#races-with-the-guest', 'DMA', 'protect the pages'),
  point('3.4 bounce buffers', 'disks-and-networks#bounce-buffers', 'temporary buffer', 'cannot see', 'copies'),
  point('3.4 pending requests are issued again', 'disks-and-networks#pending-io', 're-issues', 'idempotent'),
  point('3.5 no asynchronous updates of rings', 'disks-and-networks#no-updates-behind-the-guests-back', 'ring', 'trap'),
  point('3.5 batching', 'disks-and-networks#traps-and-batches', 'group of frames', 'one interrupt'),
  point(
    '3.5 acknowledgements from a deferred context',
    'disks-and-networks#quick-acknowledgements',
    'deferred execution context',
    'flushed',
  ),
  point('4.1 shared or non-shared disks', 'disks-and-networks#shared-or-non-shared-disks', 'is no output', 'third server', 'copied'),
  point(
    '4.2 disk reads on the backup',
    'disks-and-networks#disk-reads-on-the-backup',
    'It may fail',
    'must wait',
    'no data',
    'logging traffic',
  ),
  point('beyond: SMP-FT', 'many-cores#back-to-checkpoints', 'several processors', 'SMP-FT'),
  point('beyond: Remus', 'many-cores#remus-checkpoints-with-held-output', 'held back', 'epoch', 'released'),
];

const figures = [
  point('table 1', 'performance#four-applications', '0.98', '0.95', '0.99', '0.94', '1.5 Mbit/s', '3.0 Mbit/s', '12 Mbit/s', '18 Mbit/s'),
  point('table 2, receiving', 'performance#the-network-at-full-speed', '940 Mbit/s', '604 Mbit/s', '730', '860', '990'),
  point('table 2, sending', 'performance#the-network-at-full-speed', '42 and 60 Mbit/s'),
  point('table 2, sending, what is left', 'output-rule#cost', '855', '935'),
  point('idle guests', 'performance#idle-guests', '0.5 to 1.5 Mbit/s'),
  point('disk reads on the backup', 'performance#disk-reads-moved', '3 Mbit/s', '8 Mbit/s', '4 percent', '1 percent'),
  point('the usual lag', 'performance#execution-lag', '100 ms'),
  point('the bound on the lag', 'performance#cpu-share-control', 'a second', 'few percent'),
  point('the pause of FT VMotion', 'performance#the-pause-of-a-copy', 'less than a second'),
  point('overhead', 'performance#other-systems', 'below 10 percent', '20 Mbit/s'),
  point('Bressoud and Schneider', 'performance#other-systems', 'Bressoud and Schneider', 'at each output', 'half the speed'),
  point('Bressoud and Schneider’s epochs', 'many-cores#epochs-of-another-kind', 'fixed number of instructions', 'delivered'),
  point('Remus', 'performance#other-systems', '40 checkpoints a second', '100 to 225 percent'),
];

const questions = [
  point('why is determinism easier on a VM', 'questions#why-is-determinism-easier-on-a-virtual-machine', 'hypervisor', 'stop the guest'),
  point('the same, taught', 'determinism#why-a-virtual-machine-makes-it-easier', 'Devices are emulated', 'trap'),
  point(
    'the primary dies right after an output',
    'questions#what-if-the-primary-dies-right-after-it-sends-an-output',
    'duplicate',
    'again',
  ),
  point('the backup dies', 'questions#and-if-the-backup-dies', 'goes on alone', 'flag', 'new backup'),
  point('whom to trust', 'questions#who-is-to-be-trusted-when-both-say-the-other-is-dead', 'Neither', 'test-and-set'),
  point('the flag cannot be reached', 'questions#what-if-the-storage-with-the-flag-cannot-be-reached', 'waits', 'must not go live'),
  point(
    'pending I/Os, and how far back',
    'questions#where-are-pending-ios-and-how-far-back-does-re-issuing-go',
    'oldest request',
    'completion',
  ),
  point('the same, taught', 'disks-and-networks#how-far-back', 'oldest request', 'no further'),
  point('clock and random numbers', 'questions#how-are-the-clock-and-random-numbers-handled', 'clock', 'random', 'from the log'),
  point('the same, taught', 'determinism#what-is-logged-and-what-is-not', 'Random numbers', 'seed', 'clock'),
  point('why bounce buffers', 'questions#why-bounce-buffers', 'no definite instruction', 'copies'),
  point('what the output rule costs', 'questions#what-does-the-output-rule-cost', 'round trip', 'latency'),
  point('why not as GFS', 'questions#why-not-replicate-as-gfs-does', 'GFS', 'level of the application'),
  point('why a client does not see the switch', 'questions#why-does-a-client-not-see-the-switch', 'TCP', 'memory', 'address'),
  point('the same, taught', 'failover#what-clients-see', 'A pause', 'same connection', 'No contradiction'),
  point(
    'how far behind, and what bounds it',
    'questions#how-far-behind-is-the-backup-and-what-bounds-it',
    '100 ms',
    'buffers',
    'share control',
  ),
  point('what happens to both in a partition', 'questions#what-happens-to-both-in-a-partition', 'halts', 'wait', 'flag'),
  point('is it secure', 'questions#is-it-secure', 'attack', 'encryption'),
  point('which failures are not covered', 'questions#which-failures-are-not-covered', 'bug', 'fail-stop', 'fail together'),
  point(
    'a crash after the acknowledgement',
    'questions#what-if-the-primary-crashes-after-the-acknowledgement',
    'before the output left',
    'cash machine',
  ),
  point('the same, taught', 'output-rule#duplicates', 'Harmless', 'cash machine', 'Harmful'),
  point('why one entry behind', 'questions#why-must-the-backup-lag-by-one-log-entry', 'lease', 'an entry it holds', 'waits'),
  point('the same, taught', 'output-rule#own-entry', 'at least one log entry behind', 'lease'),
  point(
    'is the storage a single point of failure',
    'questions#is-the-shared-storage-a-single-point-of-failure',
    'fault-tolerant by itself',
    'disk',
  ),
  point('is all nondeterminism caught', 'questions#how-can-one-be-sure-that-all-nondeterminism-is-caught', 'Record a run', 'no proof'),
  point('the same, taught', 'determinism#how-one-knows-that-nothing-is-missing', 'state hash', 'Replay checks itself'),
];

const assurance = [
  point('faults are in the order of events', 'search#why-testing-by-hand-fails', '34,650 orders', 'order of events'),
  point('a world whose every choice is made', 'search#a-world-in-which-nothing-happens-by-itself', 'schedule', 'virtual', 'seed', 'hash'),
  point('what must hold: safety and liveness', 'search#what-must-hold', 'safety', 'liveness', 'fair end'),
  point('linearizability', 'search#what-must-hold', 'linearizable', 'Herlihy and Wing'),
  point('exhaustive up to bounds, random beyond', 'search#all-of-them-up-to-bounds', 'state space', 'entered once', 'at random'),
  point('what fails is made minimal', 'search#the-shortest-schedule', 'delta debugging', 'no single event can go'),
  point('a late frame misled the switch', 'search#what-it-found-in-this-protocol', 'switch', 'again and again'),
  point('a cut lost the word ready', 'search#what-it-found-in-this-protocol', 'ready', 'stood still for good'),
  point('what a search does not show', 'search#what-it-does-not-show', 'bounds', 'hardware', 'guest', 'performance', 'Dijkstra'),
];

export const points = { notes, mechanisms, figures, questions, assurance };

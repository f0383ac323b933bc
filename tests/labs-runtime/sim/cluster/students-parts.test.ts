import { expect, test } from 'vitest';
import { referenceParts } from '../../../../labs-runtime/ft/replica/options.ts';
import type { ReplicaParts } from '../../../../labs-runtime/ft/replica/options.ts';
import { createCluster } from '../../../../labs-runtime/sim/cluster/create-cluster.ts';
import { RandomWalks } from '../../../../labs-runtime/sim/cluster/explore.ts';
import { formatEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import * as outputsByNumber from '../../../src/labs/output-rule/solutions/by-number.ts';
import * as outputsByMode from '../../../src/labs/output-rule/solutions/modes.ts';
import * as outputsInQueue from '../../../src/labs/output-rule/solutions/queue.ts';
import * as failoverByDeadlines from '../../../src/labs/failover/solutions/deadlines.ts';
import * as failoverByFacts from '../../../src/labs/failover/solutions/facts.ts';
import * as failoverByTable from '../../../src/labs/failover/solutions/table.ts';
import * as stuffedChannel from '../../../src/labs/logging-channel/solutions/byte-stuffing.ts';
import * as checkedChannel from '../../../src/labs/logging-channel/solutions/checksum.ts';
import * as linesChannel from '../../../src/labs/logging-channel/solutions/text-lines.ts';

/** Parts as students write them, in the place of the reference's: each lab's solutions, which differ in everything but what they do. */
const students: [name: string, parts: object][] = [
  ['output gate by number', { outputGate: outputsByNumber }],
  ['output gate by mode', { outputGate: outputsByMode }],
  ['output gate as a queue', { outputGate: outputsInQueue }],
  ['failover by deadlines', { failover: failoverByDeadlines }],
  ['failover by facts', { failover: failoverByFacts }],
  ['failover by table', { failover: failoverByTable }],
  ['channel with stuffed bytes', { channel: stuffedChannel }],
  ['channel with a checksum', { channel: checkedChannel }],
  ['channel of text lines', { channel: linesChannel }],
  ['three of them at once', { channel: checkedChannel, outputGate: outputsByNumber, failover: failoverByFacts }],
];

test.each(students)('%s takes its place in the whole protocol, and no walk finds anything', async (_, own) => {
  const parts = { ...referenceParts, ...own } as ReplicaParts;
  for (const name of ['tickets', 'partition', 'power off']) {
    const scenario = scenarios.find((each) => each.name === name)!;
    const cluster = await createCluster({ ...scenario, options: { ...scenario.options, parts } }, { keepsStates: true });
    const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 40 });
    while (walks.goOn(1000));
    expect([name, walks.finding && [walks.finding.seed, walks.finding.breach, walks.finding.events.map(formatEvent)]]).toEqual([
      name,
      undefined,
    ]);
    expect(walks.settled).toBe(40);
  }
});

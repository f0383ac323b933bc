/** The home page's figure says what the paper says: its moments stand in the order that the output rule and failover ask for (2.2, 2.3). */
import { describe, expect, test } from 'vitest';
import {
  BACKUP_GOES_LIVE,
  captionAt,
  captions,
  END,
  lanes,
  messages,
  positionAt,
  PRIMARY_DIES,
  START,
  values,
} from '../../../../src/components/home/takeover.ts';

const between = (from: string, to: string) => messages.filter((message) => message.from === from && message.to === to);

describe('the figure of the home page', () => {
  test('lets no answer of the primary out before the backup’s acknowledgement has arrived', () => {
    const [answer] = between('primary', 'client');
    const [acknowledgement] = between('backup', 'primary');
    const [entry] = between('primary', 'backup');
    expect(entry!.arrives).toBeLessThan(acknowledgement!.leaves);
    expect(acknowledgement!.arrives).toBeLessThan(answer!.leaves);
  });

  test('has the primary send nothing once it is dead, and receive nothing either', () => {
    for (const { from, to, leaves, arrives, isLost } of messages) {
      if (from === 'primary') expect(leaves).toBeLessThan(PRIMARY_DIES);
      if (to === 'primary') expect(isLost === true).toBe(arrives > PRIMARY_DIES);
    }
  });

  test('has the backup speak to the client only when it is live, with the value that the primary died with', () => {
    expect(between('backup', 'client').every(({ leaves }) => leaves > BACKUP_GOES_LIVE)).toBe(true);
    const last = (lane: string) => values.findLast((each) => each.lane === lane)!;
    expect(last('backup').value).toBe(last('primary').value);
    expect(last('backup').at).toBeLessThan(BACKUP_GOES_LIVE);
  });

  test('has the backup a moment behind: each value comes to it after the entry that carries it', () => {
    const entries = between('primary', 'backup');
    const replayed = values.filter(({ lane }) => lane === 'backup');
    replayed.forEach(({ at }, index) => expect(at).toBeGreaterThan(entries[index]!.arrives));
  });

  test('shows a message on its way, from lane to lane', () => {
    const [request] = messages;
    expect(positionAt(request!, request!.leaves)!.x).toBe(lanes.client);
    expect(positionAt(request!, request!.arrives)!.x).toBe(lanes.primary);
    expect(positionAt(request!, request!.arrives + 1)).toBeUndefined();
    for (const { leaves, arrives } of messages) expect(START < leaves && leaves < arrives && arrives < END).toBe(true);
  });

  test('has a caption at every moment', () => {
    for (const { from, text } of captions) expect(captionAt(from)).toBe(text);
    expect(captionAt(PRIMARY_DIES - 1)).not.toBe(captionAt(PRIMARY_DIES));
  });
});

import { describe, expect, test } from 'vitest';
import { PartFailure } from '../../../labs-runtime/ft/part.ts';
import { channelShapes, checkedEffects } from '../../../labs-runtime/sim/effect-shapes.ts';

const bytes = Uint8Array.of(1);

function explanationOf(role: 'primary' | 'backup', returned: unknown): string {
  try {
    checkedEffects(channelShapes, role, returned);
  } catch (error) {
    if (error instanceof PartFailure && error.kind === 'malformed') return error.explanation;
    throw error;
  }
  return 'accepted';
}

describe('the effects of a channel end', () => {
  test('pass as they are when they are well formed', () => {
    const primary = [{ kind: 'send', bytes }, { kind: 'acknowledged', seq: 3 }, { kind: 'stall' }, { kind: 'resume' }];
    const backup = [
      { kind: 'send', bytes },
      { kind: 'deliver', seq: 1, entry: bytes },
    ];
    expect(checkedEffects(channelShapes, 'primary', primary)).toBe(primary);
    expect(checkedEffects(channelShapes, 'backup', backup)).toBe(backup);
    expect(checkedEffects(channelShapes, 'backup', [])).toEqual([]);
  });

  test.each([
    ['primary', undefined, 'step returned undefined; wanted: an array of effects, `[]` if there is nothing to do'],
    ['primary', [null], 'effects[0] is null; wanted: an object with a `kind`'],
    ['primary', [{ kind: 'stall' }, { kind: 'snd' }], "effects[1].kind is 'snd'; wanted: one of 'send', 'acknowledged', 'stall', 'resume'"],
    ['backup', [{ kind: 'stall' }], "effects[0] is 'stall' on the backup; wanted: only the primary may ask for it"],
    ['backup', [{ kind: 'deliver', seq: 1.5, entry: bytes }], 'effects[0].seq is 1.5; wanted: a whole number from 0 to 4294967295'],
    ['backup', [{ kind: 'deliver', seq: 1, entry: [1] }], 'effects[0].entry is an array; wanted: a Uint8Array'],
    ['primary', [{ kind: 'send' }], 'effects[0].bytes is undefined; wanted: a Uint8Array'],
    ['primary', [{ kind: 'toString' }], "effects[0].kind is 'toString'; wanted: one of 'send', 'acknowledged', 'stall', 'resume'"],
    ['primary', [{ kind: '\u001b[2J' }], "effects[0].kind is another string; wanted: one of 'send', 'acknowledged', 'stall', 'resume'"],
  ] as const)('on the %s %j is refused with a message that says where and what instead', (role, returned, explanation) => {
    expect(explanationOf(role, returned)).toBe(explanation);
  });
});

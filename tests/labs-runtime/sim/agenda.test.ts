import { describe, expect, test } from 'vitest';
import { Agenda } from '../../../labs-runtime/sim/agenda.ts';

describe('an agenda', () => {
  test('gives out what is due, by time, and of one time in the order it was added', () => {
    const agenda = new Agenda<string>();
    agenda.add(5, 'c');
    agenda.add(3, 'a');
    agenda.add(5, 'd');
    agenda.add(3, 'b');
    agenda.add(9, 'e');
    expect(agenda.takeDue(2)).toEqual([]);
    expect(agenda.takeDue(5)).toEqual(['a', 'b', 'c', 'd']);
    expect(agenda.takeDue(5)).toEqual([]);
    expect(agenda.takeDue(100)).toEqual(['e']);
  });
});

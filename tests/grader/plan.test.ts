/** Names of formats, as people type them. */
import { expect, test } from 'vitest';
import { csv } from '../../grader/formats/csv.ts';
import { html } from '../../grader/formats/html/html.ts';
import { chooseFormats } from '../../grader/plan.ts';

test('a blank after the comma is no part of a format’s name', () => {
  expect(chooseFormats(['html', ' csv'])).toEqual([html, csv]);
  expect(() => chooseFormats(['csv', ' htm'])).toThrow('There is no format "htm". Did you mean "html"?');
});

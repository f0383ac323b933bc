/** `<find-a-schedule>`: draws a search and the schedule that it finds. The search is in find-a-schedule.ts, which loads at the first start. */
import { defineFigure } from '../live/live-figure.ts';
import type * as Logic from './find-a-schedule.ts';
import type { LeftOut, SearchFrame } from './find-a-schedule.ts';
import { TraceFigure } from './trace-figure.ts';

class FindASchedule extends TraceFigure<SearchFrame> {
  protected override readonly frameMs = 16;
  #logic!: typeof Logic;

  protected async begin(): Promise<Iterator<SearchFrame>> {
    this.#logic = await import('./find-a-schedule.ts');
    const prepared = await this.#logic.prepare(this.setting('without') as LeftOut);
    return this.#logic.search(prepared, () => performance.now());
  }

  protected drawState({ states, events, depth, statesPerSecond, lanes, found }: SearchFrame): void {
    for (const [name, value] of Object.entries({ states, events, depth, speed: statesPerSecond })) {
      this.querySelector(`[data-count=${name}]`)!.textContent = value.toLocaleString('en');
    }
    this.drawing = { title: 'The shortest schedule that breaks the property', lanes, verdict: 'Property broken here' };
    this.querySelector<HTMLElement>('[data-found]')!.hidden = found === undefined;
    if (found === undefined) return;
    const { property, section, says, expected, observed, consequence } = found.explanation;
    const texts = {
      property: `${sentence(property)} (section ${section}): ${says}`,
      expected: sentence(expected),
      observed: sentence(observed),
      consequence,
    };
    for (const [name, text] of Object.entries(texts)) this.querySelector(`[data-for=${name}]`)!.textContent = text;
  }

  protected describe(last: SearchFrame): string {
    return this.#logic.describeSearch(last);
  }
}

/** Words as a sentence begins. */
function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

defineFigure('find-a-schedule', FindASchedule);

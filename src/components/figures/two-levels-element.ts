/** `<two-levels>`: draws what a request is for the application and for its machine. How it is measured is in two-levels.ts, which loads at the first start. */
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './two-levels.ts';
import type { Levels } from './two-levels.ts';

class TwoLevels extends LiveFigure<Levels> {
  protected override readonly frameMs = 60;
  #logic!: typeof Logic;

  protected async begin(): Promise<Iterator<Levels>> {
    this.#logic = await import('./two-levels.ts');
    return this.#logic.measureLevels(await this.#logic.loadCounter(), this.#logic.requestsOf(this.setting('text')));
  }

  protected draw({ requests, replies, application, machine }: Levels): void {
    const { console, output } = machine.entries;
    this.#show({
      'application-entries': counted(requests, 'request'),
      'machine-entries': `${console + output} log entries`,
      'machine-kinds': `${console} console, ${output} output`,
      'application-bytes': counted(application.bytes, 'byte'),
      'machine-bytes': counted(machine.bytes, 'byte'),
      'machine-instructions': `${machine.instructions.toLocaleString('en')} instructions`,
      'machine-pages': `${machine.pagesWritten} of ${machine.pages} pages`,
      'application-state': counted(application.stateBytes, 'byte'),
      'machine-state': counted(machine.stateBytes, 'byte'),
      replies: replies.trimEnd().split('\n').join(', '),
    });
    const longest = Math.max(machine.bytes, 1);
    this.style.setProperty('--application', `${(100 * application.bytes) / longest}%`);
    this.style.setProperty('--machine', `${(100 * machine.bytes) / longest}%`);
  }

  protected describe(last: Levels): string {
    return this.#logic.describeLevels(last);
  }

  #show(texts: Record<string, string>): void {
    for (const [name, text] of Object.entries(texts)) this.querySelector(`[data-for=${name}]`)!.textContent = text;
  }
}

function counted(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}

defineFigure('two-levels', TwoLevels);

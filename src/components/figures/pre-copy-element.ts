/** `<pre-copy>`: draws the rounds in which a running machine is copied. How that goes is in pre-copy.ts, which loads at the first start. */
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './pre-copy.ts';
import type { PreCopy, PreCopySettings, Round, WorkloadName } from './pre-copy.ts';

class PreCopyFigure extends LiveFigure<PreCopy> {
  #logic!: typeof Logic;
  #settings!: PreCopySettings;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', () => this.#showSettings());
    this.#showSettings();
  }

  protected async begin(): Promise<Iterator<PreCopy>> {
    this.#logic = await import('./pre-copy.ts');
    this.#settings = { attemptsPerPage: this.#attemptsPerPage, pauseAtPages: Number(this.setting('pause')) };
    return this.#logic.preCopy(await this.#logic.loadWorkload(this.setting('guest') as WorkloadName), this.#settings);
  }

  protected draw({ rounds }: PreCopy): void {
    const list = this.querySelector('ol')!;
    while (list.children.length > rounds.length) list.lastElementChild!.remove();
    while (list.children.length < rounds.length) list.append(this.querySelector('template')!.content.cloneNode(true));
    for (const [index, round] of rounds.entries()) drawRound(list.children[index] as HTMLElement, round, index + 1);
  }

  protected describe(last: PreCopy): string {
    return this.#logic.describePreCopy(this.#settings, last);
  }

  /** The slider goes from slow to fast, a factor of the square root of two a step. */
  get #attemptsPerPage(): number {
    return Math.round(400 / 2 ** (Number(this.setting('bandwidth')) / 2)) * 10;
  }

  #showSettings(): void {
    const pace = `${this.#attemptsPerPage.toLocaleString('en')} attempts`;
    this.querySelector('[name=bandwidth]')!.setAttribute('aria-valuetext', `a page in ${pace}`);
    this.querySelector('[data-for=bandwidth]')!.textContent = pace;
    this.querySelector('[data-for=pause]')!.textContent = this.setting('pause');
  }
}

function drawRound(row: HTMLElement, { pages, sent, paused }: Round, number: number): void {
  row.classList.toggle('paused', paused);
  row.querySelector('.name')!.textContent = paused ? 'pause' : `round ${number}`;
  row.querySelector('.count')!.textContent = `${pages.length} ${pages.length === 1 ? 'page' : 'pages'}`;
  row.querySelector('.sent')!.setAttribute('d', squares(pages.slice(0, sent)));
  row.querySelector('.due')!.setAttribute('d', squares(pages.slice(sent)));
}

/** One square for each page, at its place in memory. */
function squares(pages: readonly number[]): string {
  return pages.map((page) => `M${page} 0h.8v1h-.8z`).join('');
}

defineFigure('pre-copy', PreCopyFigure);

/** `<break-the-link>`: draws the run of a channel whose link breaks, and what it has cost so far. The run is in break-the-link.ts. */
import { defineFigure } from '../live/live-figure.ts';
import type * as Logic from './break-the-link.ts';
import type { BreakFrame } from './break-the-link.ts';
import { TraceFigure } from './trace-figure.ts';

class BreakTheLink extends TraceFigure<BreakFrame> {
  #logic!: typeof Logic;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', () => this.#showSettings());
    this.#showSettings();
  }

  protected async begin(): Promise<Iterator<BreakFrame>> {
    this.#logic = await import('./break-the-link.ts');
    const settings = {
      pieceBytesMax: Number(this.setting('piece')),
      lateShare: Number(this.setting('late')) / 100,
      hasRoom: this.setting('room') === 'large',
    };
    return this.#logic.playBreak(settings, await this.#logic.loadGuest());
  }

  protected drawState({ counts }: BreakFrame): void {
    const { appended, handedOver, acknowledged, firstBytes, againBytes, lostBytes, lostAnswerBytes, pieces, stalledMs } = counts;
    const sent = firstBytes + againBytes;
    const values = {
      appended,
      'handed-over': handedOver.length,
      acknowledged,
      pieces,
      sent,
      again: againBytes,
      lost: lostBytes + lostAnswerBytes,
      stalled: `${stalledMs} ms`,
    };
    for (const [name, value] of Object.entries(values)) this.querySelector(`[data-count=${name}]`)!.textContent = `${value}`;
  }

  protected describe(last: BreakFrame): string {
    return this.#logic.describe(last);
  }

  #showSettings(): void {
    const share = Number(this.setting('late'));
    this.#show('piece', `${this.setting('piece')} bytes`);
    this.#show('late', { 0: 'none', 100: 'all' }[share] ?? `${share}%`);
  }

  #show(name: string, words: string): void {
    this.querySelector(`[data-for=${name}]`)!.textContent = words;
    this.querySelector(`[name=${name}]`)!.setAttribute('aria-valuetext', words);
  }
}

defineFigure('break-the-link', BreakTheLink);

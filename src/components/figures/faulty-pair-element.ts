/** `<faulty-pair>`: draws a pair of machines that one fault strikes. What they do is in faulty-pair.ts, which loads at the first start. */
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './faulty-pair.ts';
import type { Fault, FaultSettings, FaultyRun, Letter } from './faulty-pair.ts';

/** Part of a track, from one position to another, with the class that colours it; or a letter or mark at one. */
interface Piece {
  from: number;
  to?: number;
  name: string;
  text?: string;
}

class FaultyPair extends LiveFigure<FaultyRun> {
  #logic!: typeof Logic;
  #settings!: FaultSettings;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', () => this.#showSettings());
    this.#showSettings();
  }

  protected async begin(): Promise<Iterator<FaultyRun>> {
    this.#logic = await import('./faulty-pair.ts');
    this.#settings = { fault: this.setting('fault') as Fault, at: Number(this.setting('at')) };
    return this.#logic.runPair(this.#settings);
  }

  protected draw(run: FaultyRun): void {
    const { primary, backup, right, got, compared, differAt, divergence } = run;
    const wrong = new Set(this.#logic.wrongReplies(run).map((index) => got[index]));
    const nameOf = (letter: Letter) => (wrong.has(letter) ? 'letter wrong' : 'letter');
    const changedAt = Math.min(differAt ?? Infinity, primary.position);
    const liveAt = backup.liveAt ?? backup.position;
    this.#track('primary', [
      { from: 0, to: changedAt, name: 'bar' },
      { from: changedAt, to: primary.position, name: 'bar wrong' },
      ...primary.letters.map((letter) => ({ from: letter.at, name: nameOf(letter), text: letter.letter })),
      ...(this.#hasStopped(primary) ? [{ from: primary.position, name: 'stop', text: '×' }] : []),
    ]);
    this.#track('backup', [
      { from: 0, to: liveAt, name: 'bar follows' },
      { from: liveAt, to: backup.position, name: 'bar' },
      ...backup.letters.map(({ at, letter }) => ({ from: at, name: at > liveAt ? 'letter' : 'letter dropped', text: letter })),
      ...(divergence || backup.crashedIn !== undefined ? [{ from: backup.position, name: 'stop', text: '×' }] : []),
    ]);
    this.style.setProperty('--fault', this.#percent(this.#settings.at));
    this.#show('right', right.map(({ letter }) => letter).join(''));
    this.#for('got').replaceChildren(...got.map((letter) => spanOf(nameOf(letter), letter.letter)));
    const agreed = `agree at all ${compared} positions compared`;
    this.#show('states', differAt === undefined ? agreed : `differ from position ${differAt.toLocaleString('en')} on`);
    this.#show(
      'replay',
      divergence ? divergence.message : backup.liveAt === undefined ? 'fits the log so far' : 'came to the end of the log',
    );
  }

  protected describe(last: FaultyRun): string {
    return this.#logic.describePair(this.#settings, last);
  }

  #hasStopped({ position, crashedIn }: FaultyRun['primary']): boolean {
    return crashedIn !== undefined || (this.#settings.fault === 'plug' && position === this.#settings.at);
  }

  #track(name: string, pieces: Piece[]): void {
    this.querySelector(`[data-track=${name}]`)!.replaceChildren(...pieces.map((piece) => this.#drawn(piece)));
  }

  #drawn({ from, to, name, text = '' }: Piece): HTMLElement {
    const span = spanOf(name, text);
    span.style.left = this.#percent(from);
    if (to !== undefined) span.style.width = this.#percent(to - from);
    return span;
  }

  #percent(position: number): string {
    return `${(100 * position) / this.#logic.END}%`;
  }

  #for(name: string): HTMLElement {
    return this.querySelector(`[data-for=${name}]`)!;
  }

  #show(name: string, text: string): void {
    this.#for(name).textContent = text;
  }

  #showSettings(): void {
    const position = Number(this.setting('at')).toLocaleString('en');
    this.querySelector('[name=at]')!.setAttribute('aria-valuetext', `position ${position}`);
    this.#show('at', position);
  }
}

function spanOf(name: string, text: string): HTMLElement {
  return Object.assign(document.createElement('span'), { className: name, textContent: text });
}

defineFigure('faulty-pair', FaultyPair);

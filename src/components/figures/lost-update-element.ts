/** `<lost-update>`: a dot for each run of two threads that lose updates. The runs are in lost-update.ts, which loads at the first start. */
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './lost-update.ts';
import type { Run } from './lost-update.ts';

const SVG = 'http://www.w3.org/2000/svg';
/** Units of the drawing: a counter's value to the right, and so wide a column and so high a dot. */
const [columnWidth, dotHeight, floor] = [20, 17, 290];
const intervals = [50, 100, 200, 500, 1000];

class LostUpdate extends LiveFigure<readonly Run[]> {
  protected override readonly frameMs = 32;
  #logic!: typeof Logic;
  /** Of the first run. Each start takes new ones. */
  #seed = 1;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', () => this.#showSettings());
    this.#showSettings();
  }

  protected async begin(): Promise<Iterator<readonly Run[]>> {
    this.#logic = await import('./lost-update.ts');
    const seed = this.#seed;
    this.#seed += this.#logic.RUNS;
    return this.#logic.loseUpdates({ interruptEvery: this.#interruptEvery, seed });
  }

  protected draw(runs: readonly Run[]): void {
    const heights = new Map<number, number>();
    const dots = runs.map((run) => {
      const column = Math.min(Math.floor(run.counter / columnWidth), 1000 / columnWidth - 1);
      const height = heights.get(column) ?? 0;
      heights.set(column, height + 1);
      return dotsOf(run, (column + 0.5) * columnWidth - run.counter, floor - (height + 0.5) * dotHeight);
    });
    this.querySelector('svg')!.replaceChildren(...dots.flat());
  }

  protected describe(last: readonly Run[]): string {
    return this.#logic.describeRuns(last);
  }

  get #interruptEvery(): number {
    return intervals[Number(this.setting('interval'))]!;
  }

  #showSettings(): void {
    const attempts = this.#interruptEvery.toLocaleString('en');
    this.querySelector('[data-for=interval]')!.textContent = attempts;
    this.querySelector('[name=interval]')!.setAttribute('aria-valuetext', attempts);
  }
}

/** A ring where the run ended and a dot where its replay did, each moved by the same amount into its column. */
function dotsOf({ counter, hash, replayed }: Run, shift: number, y: number): SVGElement[] {
  const ring = circle(counter + shift, y, 7.5, 'run');
  const dot = circle(replayed.counter + shift, y, 4.5, replayed.hash === hash ? 'same' : 'other');
  return [ring, dot];
}

function circle(x: number, y: number, radius: number, look: string): SVGElement {
  const element = document.createElementNS(SVG, 'circle');
  for (const [name, value] of Object.entries({ cx: x, cy: y, r: radius, class: look })) element.setAttribute(name, String(value));
  return element;
}

defineFigure('lost-update', LostUpdate);

/** `<clock-divergence>`: draws two machines that run in step, or part. What they do is in clock-divergence.ts, which loads at the first start. */
import { polyline } from '../live/chart.ts';
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './clock-divergence.ts';
import type { Comparison, Point, Settings, Source } from './clock-divergence.ts';

/** Heights of the two tracks: side by side while the machines are in the same state, apart when not. */
const tracks = { first: 78, same: 64, apart: 12 };

class ClockDivergence extends LiveFigure<Comparison> {
  #logic: typeof Logic | undefined;
  #settings!: Settings;
  #comparison: Comparison | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', () => this.#showSettings());
    this.#cursor.addEventListener('input', () => this.#showPoint());
    this.#showSettings();
  }

  protected async begin(): Promise<Iterator<Comparison>> {
    this.#logic = await import('./clock-divergence.ts');
    this.#settings = { source: this.setting('source') as Source, read: Number(this.setting('read')), ticks: 1 };
    return this.#logic.compareMachines(this.#settings);
  }

  protected draw(comparison: Comparison): void {
    const { points, read } = comparison;
    const { POINTS, ATTEMPTS_PER_POINT, TABLE_WORDS } = this.#logic!;
    const end = POINTS * ATTEMPTS_PER_POINT;
    this.#comparison = comparison;
    this.#line('first').setAttribute(
      'points',
      polyline([[0, tracks.first], ...points.map(({ position }) => [position, tracks.first] as const)], end, 100),
    );
    this.#line('second').setAttribute('points', polyline([[0, tracks.same], ...points.map(track)], end, 100));
    this.#line('words').setAttribute(
      'points',
      polyline(
        points.map(({ position, wordsDiffering }) => [position, wordsDiffering]),
        end,
        TABLE_WORDS,
      ),
    );
    this.style.setProperty('--read', `${(100 * read.at) / end}%`);
    this.#cursor.value = String(points.length);
    this.#showPoint();
  }

  protected describe(last: Comparison): string {
    return this.#logic!.describeComparison(this.#settings, last);
  }

  get #cursor(): HTMLInputElement {
    return this.querySelector<HTMLInputElement>('[name=position]')!;
  }

  #line(name: string): SVGElement {
    return this.querySelector<SVGElement>(`[data-line=${name}]`)!;
  }

  #showSettings(): void {
    this.querySelector('[data-for=read]')!.textContent = this.setting('read');
  }

  /** Shows both machines at the position that the cursor is on. */
  #showPoint(): void {
    const points = this.#comparison?.points ?? [];
    const point = points[Math.min(Number(this.#cursor.value), points.length) - 1];
    if (!point) return;
    const position = point.position.toLocaleString('en');
    this.#cursor.setAttribute('aria-valuetext', `position ${position}`);
    this.querySelector('[data-for=position]')!.textContent = position;
    this.querySelector('[data-for=words]')!.textContent = String(point.wordsDiffering);
    this.style.setProperty('--cursor', `${(100 * point.position) / (this.#logic!.POINTS * this.#logic!.ATTEMPTS_PER_POINT)}%`);
    this.querySelector('tbody')!.replaceChildren(...rowsOf(point));
    this.#showTexts(this.#comparison!.texts);
  }

  /** What both have printed so far; the second one's text is marked from the first letter that differs. */
  #showTexts([first, second]: readonly [string, string]): void {
    let same = 0;
    while (same < second.length && first[same] === second[same]) same++;
    const wrong = document.createElement('mark');
    wrong.textContent = second.slice(same);
    this.querySelector('[data-text=first]')!.textContent = first;
    this.querySelector('[data-text=second]')!.replaceChildren(second.slice(0, same), wrong);
  }
}

function track({ position, hashes }: Point): [number, number] {
  return [position, hashes[0] === hashes[1] ? tracks.same : tracks.apart];
}

function rowsOf({ hashes, registersDiffering }: Point): HTMLTableRowElement[] {
  const registers = registersDiffering.map(({ name, values }) => rowOf(name, values.map(hexadecimal), true));
  return [rowOf('state hash', hashes, hashes[0] !== hashes[1]), ...registers];
}

function rowOf(name: string, values: readonly string[], differs: boolean): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.classList.toggle('differs', differs);
  const head = document.createElement('th');
  head.scope = 'row';
  head.textContent = name;
  const cells = values.map((value) => Object.assign(document.createElement('td'), { textContent: value }));
  row.append(head, ...cells);
  return row;
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}

defineFigure('clock-divergence', ClockDivergence);

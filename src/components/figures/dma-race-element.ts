/** `<dma-race>`: draws two guests that read a buffer while it fills. What they do is in dma-race.ts, which loads at the first start. */
import { polyline } from '../live/chart.ts';
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './dma-race.ts';
import type { Race } from './dma-race.ts';

const machines = ['primary', 'backup'] as const;

class DmaRace extends LiveFigure<Race> {
  #logic!: typeof Logic;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', this.#showSettings);
    this.#showSettings();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('input', this.#showSettings);
  }

  protected async begin(): Promise<Iterator<Race>> {
    this.#logic = await import('./dma-race.ts');
    return this.#logic.runRace({
      attemptsPerWord: [Number(this.setting('primary')), Number(this.setting('backup'))],
      bounced: this.setting('way') === 'bounced',
    });
  }

  protected draw(race: Race): void {
    const { ATTEMPTS_PER_POINT, BLOCK_WORDS, partedAt, POINTS } = this.#logic;
    const end = ATTEMPTS_PER_POINT * POINTS;
    const last = race.points.at(-1)!;
    const parted = partedAt(race);
    machines.forEach((machine, index) => {
      const points = race.points.map(({ position, words }) => [position, words[index]!] as const);
      this.querySelector(`[data-line=${machine}]`)!.setAttribute('points', polyline([[0, 0], ...points], end, BLOCK_WORDS));
      this.#show(`${machine}-digest`, `0x${last.digests[index]!.toString(16).padStart(8, '0')}`);
    });
    this.style.setProperty('--parted', parted ? `${(100 * parted.position) / end}%` : '100%');
    this.toggleAttribute('data-parted', parted !== undefined);
  }

  protected describe(last: Race): string {
    return this.#logic.describeRace(last);
  }

  #showSettings = (): void => {
    for (const machine of machines) this.#show(machine, this.setting(machine));
  };

  #show(name: string, text: string): void {
    this.querySelector(`[data-for=${name}]`)!.textContent = text;
  }
}

defineFigure('dma-race', DmaRace);

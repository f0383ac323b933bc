/** `<execution-lag>`: draws the lag of a running pair and the levels of its buffers. The pair is in lag.ts, which loads at the first start. */
import { polyline } from '../live/chart.ts';
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './lag.ts';
import type { LagControls, LagFrame, LagSample } from './lag.ts';

/** How much of the past the charts show, and the least of the lag's scale. */
const [WINDOW_MS, SCALE_MS_MIN] = [60_000, 1500];

class ExecutionLag extends LiveFigure<LagFrame> {
  #logic!: typeof Logic;
  #primaryStopped = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#stop.addEventListener('click', this.#stopPrimary);
    this.addEventListener('input', this.#showControls);
    this.#showControls();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop.removeEventListener('click', this.#stopPrimary);
    this.removeEventListener('input', this.#showControls);
  }

  protected async begin(): Promise<Iterator<LagFrame>> {
    const [logic, { guests }] = await Promise.all([import('./lag.ts'), import('../../../labs-runtime/guests/index.ts')]);
    this.#logic = logic;
    this.#primaryStopped = false;
    return logic.runLaggingPair(await guests.clockwork.load(), () => this.#controls);
  }

  protected draw({ samples, lagEntries, primaryHeld, backupHeld }: LagFrame): void {
    const { entries, formatMs, LAG_MAX_MS } = this.#logic;
    const { lagMs, limit, speed, atMs } = samples.at(-1)!;
    const seen = samples.slice(-WINDOW_MS / this.#logic.SAMPLE_MS);
    const scaleMs = Math.max(SCALE_MS_MIN, ...seen.map((sample) => sample.lagMs));
    this.#stop.disabled = this.#primaryStopped;
    this.#line('lag', seen, (sample) => sample.lagMs / scaleMs);
    this.#line('limit', seen, (sample) => sample.limit);
    this.#line('speed', seen, (sample) => sample.speed);
    this.style.setProperty('--bound', `${100 - (100 * LAG_MAX_MS) / scaleMs}%`);
    this.#show('scale', formatMs(scaleMs));
    this.#show('since', `${formatMs(Math.max(0, atMs - WINDOW_MS))}`);
    this.#show('now', formatMs(atMs));
    this.#show('lag', `${formatMs(lagMs)}, ${entries(lagEntries)}`);
    this.#show('speed', this.#primaryStopped ? 'stopped' : `${percent(speed)} of its processor, limit ${percent(limit)}`);
    this.#level('primary', primaryHeld);
    this.#level('backup', backupHeld);
  }

  protected describe(last: LagFrame): string {
    this.#stop.disabled = true;
    return this.#logic.describeLag(last);
  }

  get #controls(): LagControls {
    return {
      backupShare: Number(this.setting('share')) / 100,
      bufferEntries: Number(this.setting('buffers')),
      shareControl: this.querySelector<HTMLInputElement>('[name=control]')!.checked,
      primaryStopped: this.#primaryStopped,
    };
  }

  get #stop(): HTMLButtonElement {
    return this.querySelector<HTMLButtonElement>('[data-stop]')!;
  }

  #stopPrimary = (): void => {
    this.#primaryStopped = true;
    this.#stop.disabled = true;
  };

  #showControls = (): void => {
    const share = `${this.setting('share')}%`;
    this.#show('share', share);
    this.querySelector('[name=share]')!.setAttribute('aria-valuetext', share);
  };

  #show(name: string, text: string): void {
    this.querySelector(`[data-for=${name}]`)!.textContent = text;
  }

  #line(name: string, samples: readonly LagSample[], height: (sample: LagSample) => number): void {
    const start = Math.max(0, samples.at(-1)!.atMs - WINDOW_MS);
    const points = samples.map((sample) => [sample.atMs - start, height(sample)] as const);
    this.querySelector(`[data-line=${name}]`)!.setAttribute('points', polyline(points, WINDOW_MS, 1));
  }

  #level(name: string, held: number): void {
    const row = this.querySelector<HTMLElement>(`[data-level=${name}]`)!;
    row.style.setProperty('--share', `${Math.min(100, (100 * held) / this.#controls.bufferEntries)}%`);
    this.#show(name, held.toLocaleString('en'));
  }
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

defineFigure('execution-lag', ExecutionLag);

/** `<replica-traffic>`: draws two growing curves. What they measure is in replica-traffic.ts, which loads at the first start. */
import { polyline } from '../live/chart.ts';
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import type * as Logic from './replica-traffic.ts';
import type { Traffic } from './replica-traffic.ts';

type Curve = readonly Traffic[];

class ReplicaTraffic extends LiveFigure<Curve> {
  #logic!: typeof Logic;

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', () => this.#showSettings());
    this.#showSettings();
  }

  protected async begin(): Promise<Iterator<Curve>> {
    const [logic, { guests }] = await Promise.all([import('./replica-traffic.ts'), import('../../../labs-runtime/guests/index.ts')]);
    this.#logic = logic;
    const guest = guests[this.setting('guest') as keyof typeof logic.workloads];
    return logic.measureTraffic(guest, await guest.load(), { checkpointEvery: this.#checkpointEvery });
  }

  protected draw(curve: Curve): void {
    const { ATTEMPTS, formatBytes } = this.#logic;
    const { stateBytes, pages, checkpoints, logBytes, entries } = curve.at(-1)!;
    const most = Math.max(stateBytes, logBytes);
    this.#line('state').setAttribute('points', lineOf(curve, 'stateBytes', ATTEMPTS, most));
    this.#line('log').setAttribute('points', lineOf(curve, 'logBytes', ATTEMPTS, most));
    this.#show('state', formatBytes(stateBytes));
    this.#show('pages', `${pages.toLocaleString('en')} pages in ${checkpoints} checkpoints`);
    this.#show('log', formatBytes(logBytes));
    this.#show('entries', `${entries.toLocaleString('en')} entries`);
    this.#show('most', formatBytes(most));
  }

  protected describe(last: Curve): string {
    return this.#logic.describeTraffic(last.at(-1)!);
  }

  /** The slider gives a power of two. */
  get #checkpointEvery(): number {
    return 2 ** Number(this.setting('interval'));
  }

  #showSettings(): void {
    const attempts = `${this.#checkpointEvery.toLocaleString('en')} attempts`;
    this.#show('interval', attempts);
    this.querySelector('[name=interval]')!.setAttribute('aria-valuetext', attempts);
  }

  #line(name: string): SVGElement {
    return this.querySelector<SVGElement>(`[data-line=${name}]`)!;
  }

  #show(name: string, text: string): void {
    this.querySelector(`[data-for=${name}]`)!.textContent = text;
  }
}

function lineOf(curve: Curve, bytes: 'stateBytes' | 'logBytes', attempts: number, most: number): string {
  return polyline(
    curve.map((sums) => [sums.position, sums[bytes]]),
    attempts,
    most,
  );
}

defineFigure('replica-traffic', ReplicaTraffic);

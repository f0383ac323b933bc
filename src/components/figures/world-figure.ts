/** The element behind live figures of the simulated world: draws the run as a space-time diagram and what the clients hold beside it. */
import { defineFigure, LiveFigure } from '../live/live-figure.ts';
import { traceSvg } from '../trace/trace-svg.ts';
import type { Script, WorldFrame } from './world-run.ts';

abstract class WorldFigure extends LiveFigure<WorldFrame> {
  protected override readonly frameMs = 70;
  #frame: WorldFrame | undefined;
  readonly #resized = new ResizeObserver(() => this.#drawTrace());

  /** The script that the settings ask for, and what to say of its end. */
  protected abstract plan(): Promise<{ script: Script; describe: (last: WorldFrame) => string }>;

  #describe: (last: WorldFrame) => string = () => '';

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  protected async begin(): Promise<Iterator<WorldFrame>> {
    const [{ loadGuest, playScript }, { script, describe }] = await Promise.all([import('./world-run.ts'), this.plan()]);
    this.#describe = describe;
    return playScript(script, await loadGuest());
  }

  protected draw(frame: WorldFrame): void {
    this.#frame = frame;
    this.toggleAttribute('data-drawn', true);
    for (const [machine, condition] of Object.entries(frame.machines)) {
      const shown = this.querySelector<HTMLElement>(`[data-machine=${machine}]`)!;
      shown.textContent = condition;
      shown.dataset['condition'] = condition;
    }
    for (const client of ['A', 'B']) {
      const held = frame.tickets.filter((ticket) => ticket.client === client);
      const shown = this.querySelector<HTMLElement>(`[data-client=${client}]`)!;
      shown.textContent = held.map(({ ticket }) => ticket).join(', ') || 'nothing yet';
      shown.toggleAttribute(
        'data-double',
        held.some(({ isDouble }) => isDouble),
      );
    }
    this.#drawTrace();
  }

  protected describe(last: WorldFrame): string {
    return this.#describe(last);
  }

  #drawTrace(): void {
    const place = this.querySelector<HTMLElement>('[data-trace]')!;
    if (this.#frame) place.innerHTML = traceSvg(this.#frame.rows, { width: place.clientWidth, title: 'The run so far' });
  }
}

/** `<pull-the-plug>`: the output rule on or off, and the moment of the crash. */
class PullThePlug extends WorldFigure {
  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('input', () => void this.#showMoment());
  }

  protected async plan(): Promise<{ script: Script; describe: (last: WorldFrame) => string }> {
    const { describe, scriptOf } = await import('./pull-the-plug.ts');
    return { script: scriptOf(this.setting('rule') === 'on', Number(this.setting('moment'))), describe };
  }

  async #showMoment(): Promise<void> {
    const { moments } = await import('./pull-the-plug.ts');
    const { words } = moments[Number(this.setting('moment'))]!;
    this.querySelector('[data-for=moment]')!.textContent = words;
    this.querySelector('[name=moment]')!.setAttribute('aria-valuetext', words);
  }
}

/** `<split-brain>`: with the flag or without, and who asks first. */
class SplitBrain extends WorldFigure {
  protected async plan(): Promise<{ script: Script; describe: (last: WorldFrame) => string }> {
    const { describe, scriptOf } = await import('./split-brain.ts');
    return { script: scriptOf(this.setting('flag') === 'on', this.setting('first') === 'primary' ? 'primary' : 'backup'), describe };
  }
}

defineFigure('pull-the-plug', PullThePlug);
defineFigure('split-brain', SplitBrain);

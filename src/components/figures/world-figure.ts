/** The elements behind the live figures of a crash and of split brain: the run, what became of the machines, and what the clients hold. */
import { defineFigure } from '../live/live-figure.ts';
import { TraceFigure } from './trace-figure.ts';
import type { Script, WorldFrame } from './world-run.ts';

abstract class WorldFigure extends TraceFigure<WorldFrame> {
  /** The script that the settings ask for, and what to say of its end. */
  protected abstract plan(): Promise<{ script: Script; describe: (last: WorldFrame) => string }>;

  #describe: (last: WorldFrame) => string = () => '';

  protected async begin(): Promise<Iterator<WorldFrame>> {
    const [{ loadGuest, playScript }, { script, describe }] = await Promise.all([import('./world-run.ts'), this.plan()]);
    this.#describe = describe;
    return playScript(script, await loadGuest());
  }

  protected drawState(frame: WorldFrame): void {
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
  }

  protected describe(last: WorldFrame): string {
    return this.#describe(last);
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

/**
 * The base of every live figure: a custom element that runs the real machine in the page. It loads the machine only when the reader presses
 * the start button, so that a page stays light until then, and does no more between two pictures than one small piece of the run.
 *
 * A live figure is three files. A pure module has the logic: a generator that does a small piece of work and yields a frame, what there is to
 * draw (tested in tests/src/components/figures). An element extends `LiveFigure`: `begin` imports the machine and starts the generator, `draw`
 * shows a frame, `describe` puts the last one into a sentence. An .astro file puts controls and drawing into `LiveFigure.astro`, which gives
 * the button, the status line and the frame around them.
 *
 * - What stands in the unnamed slot is hidden until the first frame is drawn.
 * - A control with `data-setting` begins the run anew when it changes, once the figure has been started. Other controls are the figure's own,
 *   and so are buttons that act on a run while it goes on: the generator reads what they set.
 * - A run may be endless; the reader can stop it at any time, and it ends when the element leaves the page.
 * - Where the reader prefers reduced motion, pictures come once a second and at the end.
 * - The status line is a live region. It changes when a run begins, ends or fails, and not with each frame. A figure may `announce` more.
 */
export abstract class LiveFigure<Frame> extends HTMLElement {
  /** The least time between two frames. A figure that is to be watched may take more. */
  protected readonly frameMs: number = 16;
  #button!: HTMLButtonElement;
  #status!: HTMLElement;
  #startLabel = '';
  /** Counts runs; a run that is no longer the latest ends itself. */
  #run = 0;
  #started = false;
  #running = false;

  /** Imports what the run needs and begins one. Called for each run, with the controls as they are. */
  protected abstract begin(): Promise<Iterator<Frame>>;

  /** Shows a frame. */
  protected abstract draw(frame: Frame): void;

  /** What the run came to, in one or two sentences. */
  protected abstract describe(last: Frame): string;

  connectedCallback(): void {
    this.#button = this.querySelector<HTMLButtonElement>('[data-start]')!;
    this.#status = this.querySelector<HTMLElement>('[role=status]')!;
    this.#startLabel ||= this.#button.textContent!.trim();
    this.#button.addEventListener('click', this.#pressed);
    this.addEventListener('input', this.#changed);
  }

  disconnectedCallback(): void {
    this.#button.removeEventListener('click', this.#pressed);
    this.removeEventListener('input', this.#changed);
    this.#end('');
  }

  /** Says something in the status line, for screen readers too. */
  protected announce(text: string): void {
    this.#status.textContent = text;
  }

  /** Value of a named control: of a group of radio buttons, the one chosen. */
  protected setting(name: string): string {
    const controls = [...this.querySelectorAll<HTMLInputElement | HTMLSelectElement>(`[name=${name}]`)];
    const chosen = controls.find((control) => !(control instanceof HTMLInputElement && control.type === 'radio') || control.checked);
    return chosen!.value;
  }

  #pressed = (): void => {
    if (this.#running) this.#end('Stopped.');
    else void this.#start();
  };

  #changed = (event: Event): void => {
    const isSetting = (event.target as Element).closest('[data-setting]') !== null;
    if (isSetting && this.#started) void this.#start();
  };

  async #start(): Promise<void> {
    const run = ++this.#run;
    this.#running = true;
    this.#started = true;
    this.#button.textContent = 'Stop';
    this.announce('Running.');
    try {
      const frames = await this.begin();
      if (run === this.#run) this.#play(run, frames);
    } catch (error) {
      this.#fail(run, error);
    }
  }

  /** Pulls a frame, draws it, and comes back at the browser's next picture. */
  #play(run: number, frames: Iterator<Frame>): void {
    const drawMs = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 0;
    let last: Frame | undefined;
    let pulledMs = -Infinity;
    let drawnMs = performance.now();
    const next = (nowMs: number) => {
      if (run !== this.#run) return;
      // Pictures come at the display's own rate: one that is due within half a millisecond is not put off to the next.
      if (nowMs - pulledMs >= this.frameMs - 0.5) {
        pulledMs = nowMs;
        const pulled = frames.next();
        if (!pulled.done) last = pulled.value;
        if (last !== undefined && (pulled.done || nowMs - drawnMs >= drawMs)) {
          drawnMs = nowMs;
          this.draw(last);
          this.toggleAttribute('data-drawn', true);
        }
        if (pulled.done) return this.#end(last === undefined ? '' : this.describe(last));
      }
      requestAnimationFrame(guarded);
    };
    const guarded = (nowMs: number) => {
      try {
        next(nowMs);
      } catch (error) {
        this.#fail(run, error);
      }
    };
    requestAnimationFrame(guarded);
  }

  #end(text: string): void {
    this.#run++;
    this.#running = false;
    this.#button.textContent = this.#started ? 'Run again' : this.#startLabel;
    this.announce(text);
  }

  /** A chunk that does not load is the likely cause, since nothing else here depends on the world outside. */
  #fail(run: number, error: unknown): void {
    if (run !== this.#run) return;
    console.error(error);
    this.#end('The run failed. If the connection is lost, press the button again when it is back.');
  }
}

/** Registers a figure's element, once, however often its script runs. */
export function defineFigure(name: string, element: CustomElementConstructor): void {
  if (!customElements.get(name)) customElements.define(name, element);
}

/** What live figures have in common whose run is drawn as a space-time diagram: it is drawn anew for each frame, and where the page gets wider or narrower. */
import type { TraceRow } from '../../../labs-runtime/sim/trace-event.ts';
import { LiveFigure } from '../live/live-figure.ts';
import type { TraceDrawing } from '../trace/trace-svg.ts';
import { traceSvg } from '../trace/trace-svg.ts';

export abstract class TraceFigure<Frame extends { rows: TraceRow<string>[] }> extends LiveFigure<Frame> {
  protected override readonly frameMs: number = 70;
  /** How the diagram of the last frame is drawn. */
  protected drawing: Omit<TraceDrawing, 'width' | 'current'> = { title: 'The run so far' };
  #rows: TraceRow<string>[] = [];
  readonly #resized = new ResizeObserver(() => this.#drawTrace());

  /** Shows what stands beside the diagram. */
  protected abstract drawState(frame: Frame): void;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#resized.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#resized.disconnect();
  }

  protected draw(frame: Frame): void {
    this.#rows = frame.rows;
    // The diagram's place has a width only once it is shown.
    this.toggleAttribute('data-drawn', true);
    this.drawState(frame);
    this.#drawTrace();
  }

  #drawTrace(): void {
    const place = this.querySelector<HTMLElement>('[data-trace]')!;
    place.innerHTML = traceSvg(this.#rows, { ...this.drawing, width: place.clientWidth });
  }
}

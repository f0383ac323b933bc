/** Plays the home page's figure: an element of its own around the drawing, which is complete without it. */
import { captionAt, END, messages, positionAt, START } from './takeover.ts';

/** Units of the drawing a second: the whole takes about thirteen seconds. */
const UNITS_PER_SECOND = 30;
/** How long the complete drawing stays before it begins again, in units. */
const REST = 120;
/** The last part of the rest, in which it fades. */
const FADE = 15;

/**
 * `<takeover-player>` shows the drawing up to a moment, which a slider chooses and a button lets run, over and over. It runs by itself only
 * for a reader who has nothing against motion, and only while it is on screen.
 */
class TakeoverPlayer extends HTMLElement {
  private now = END;
  private isPlaying = false;
  private isOnScreen = false;
  private frame = 0;
  private lastFrameMs: number | undefined;

  private readonly drawing = this.querySelector<SVGElement>('.drawing')!;
  private readonly past = this.querySelector('#takeover-past rect')!;
  private readonly cursor = this.querySelector<SVGElement>('.now')!;
  private readonly dots = [...this.querySelectorAll<SVGElement>('.dot')];
  private readonly dated = [...this.querySelectorAll<SVGElement>('[data-at]')];
  private readonly caption = this.querySelector('figcaption')!;
  private readonly button = this.querySelector('button')!;
  private readonly slider = this.querySelector('input')!;

  connectedCallback(): void {
    this.button.addEventListener('click', () => this.play(!this.isPlaying));
    this.slider.addEventListener('input', () => {
      this.play(false);
      this.show(Number(this.slider.value));
    });
    new IntersectionObserver(([entry]) => {
      this.isOnScreen = entry!.isIntersecting;
      this.run();
    }).observe(this);
    this.querySelector<HTMLElement>('.controls')!.hidden = false;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    this.show(START);
    this.play(true);
  }

  private play(isPlaying: boolean): void {
    this.isPlaying = isPlaying;
    this.button.dataset['state'] = isPlaying ? 'playing' : 'paused';
    this.button.setAttribute('aria-label', isPlaying ? 'Pause the figure' : 'Play the figure');
    if (isPlaying && this.now >= END) this.show(START);
    this.run();
  }

  /** Starts or ends the sequence of frames, as it has to be now. */
  private run(): void {
    cancelAnimationFrame(this.frame);
    this.lastFrameMs = undefined;
    if (this.isPlaying && this.isOnScreen) this.frame = requestAnimationFrame((ms) => this.advance(ms));
  }

  private advance(ms: number): void {
    const passed = this.lastFrameMs === undefined ? 0 : (ms - this.lastFrameMs) / 1000;
    this.lastFrameMs = ms;
    // A tab that slept goes on from where it was.
    const next = this.now + Math.min(passed, 0.1) * UNITS_PER_SECOND;
    this.show(next > END + REST ? START : next);
    this.frame = requestAnimationFrame((later) => this.advance(later));
  }

  /** Draws the moment `now`; after `END` the drawing rests. */
  private show(now: number): void {
    this.now = now;
    const shown = Math.min(now, END);
    this.past.setAttribute('height', String(shown));
    this.cursor.setAttribute('transform', `translate(0 ${shown})`);
    this.cursor.toggleAttribute('data-hidden', now >= END);
    this.drawing.style.opacity = String(Math.min(1, (END + REST - now) / FADE));
    messages.forEach((message, index) => {
      const position = positionAt(message, now);
      const dot = this.dots[index]!;
      dot.toggleAttribute('data-hidden', position === undefined);
      if (position) dot.setAttribute('transform', `translate(${position.x} ${position.y})`);
    });
    for (const element of this.dated) element.toggleAttribute('data-hidden', Number(element.dataset['at']) > now);
    const caption = captionAt(shown);
    if (this.caption.textContent !== caption) this.caption.textContent = caption;
    this.slider.value = String(shown);
    this.slider.setAttribute('aria-valuetext', caption);
  }
}

if (!customElements.get('takeover-player')) customElements.define('takeover-player', TakeoverPlayer);

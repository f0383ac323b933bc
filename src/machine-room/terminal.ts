/**
 * The console on the page: xterm.js in the site's colours, as wide as its place, with 80 columns where they can be read. The one file that
 * imports xterm, loaded when a machine boots.
 */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { onThemeChange, terminalTheme } from './terminal-theme.ts';

export interface ConsoleTerminalOptions {
  element: HTMLElement;
  /** Takes what the reader types. */
  onInput: (bytes: Uint8Array) => void;
}

/** What most guests expect. */
const COLUMNS = 80;

const FONT_PX_MIN = 11;
const FONT_PX_MAX = 14;

const SCROLLBAR_PX = 10;

/** Width that is not the text's: the scrollbar, and what rounding takes. */
const EDGE_PX = SCROLLBAR_PX + 4;

const SCROLLBACK_LINES = 10_000;

/** Below this ratio xterm changes a guest's own colours, so that its text can be read (WCAG 2.2, 1.4.3). */
const CONTRAST_RATIO_MIN = 4.5;

export class ConsoleTerminal {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #element: HTMLElement;
  readonly #end: (() => void)[] = [];
  /** Width of a character in units of the font's size; of this font, measured. */
  readonly #aspect: number;

  constructor({ element, onInput }: ConsoleTerminalOptions) {
    const { fontFamily } = getComputedStyle(element);
    this.#element = element;
    this.#aspect = characterAspect(fontFamily);
    this.#terminal = new Terminal({
      fontFamily,
      fontSize: FONT_PX_MAX,
      lineHeight: 1.2,
      theme: terminalTheme(),
      minimumContrastRatio: CONTRAST_RATIO_MIN,
      scrollback: SCROLLBACK_LINES,
      // The scrollbar is as wide as this ruler would be.
      overviewRuler: { width: SCROLLBAR_PX },
      // Bare programs end lines with a line feed alone.
      convertEol: true,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(element);
    this.#terminal.textarea?.setAttribute('aria-label', 'Console: what you type goes to the guest. Tab leaves it, Ctrl+I types a tab.');
    // Tab moves the focus on, as everywhere on a page: nobody is trapped here. Control and I is the same byte.
    this.#terminal.attachCustomKeyEventHandler(({ key }) => key !== 'Tab');
    const encoder = new TextEncoder();
    this.#terminal.onData((text) => onInput(encoder.encode(text)));
    const observer = new ResizeObserver(() => this.#resize());
    observer.observe(element);
    this.#end.push(
      () => observer.disconnect(),
      onThemeChange(() => (this.#terminal.options.theme = terminalTheme())),
    );
    this.#resize();
  }

  /** Draws bytes after all that came before; calls back when they are drawn. */
  write(bytes: Uint8Array, drawn: () => void): void {
    this.#terminal.write(bytes, drawn);
  }

  focus(): void {
    this.#terminal.focus();
  }

  /** Reads the console's text out to a screen reader as it comes. Costs time, so it is the reader's choice. */
  set isReadOut(isReadOut: boolean) {
    this.#terminal.options.screenReaderMode = isReadOut;
  }

  dispose(): void {
    for (const end of this.#end) end();
    this.#terminal.dispose();
  }

  /** The largest font in which 80 columns fit; then as many columns and rows as fit. */
  #resize(): void {
    const { clientWidth, clientHeight } = this.#element;
    if (clientWidth === 0 || clientHeight === 0) return;
    const wanted = (clientWidth - EDGE_PX) / COLUMNS / this.#aspect;
    this.#terminal.options.fontSize = Math.min(FONT_PX_MAX, Math.max(FONT_PX_MIN, Math.floor(wanted * 4) / 4));
    this.#fit.fit();
  }
}

function characterAspect(fontFamily: string): number {
  const context = document.createElement('canvas').getContext('2d')!;
  context.font = `100px ${fontFamily}`;
  return context.measureText('0').width / 100;
}

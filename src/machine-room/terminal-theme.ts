/** The console's colours, light and dark, in the hues of the rest of the site; the sixteen of a terminal are dark enough, or light enough, to read. */
import type { ITheme } from '@xterm/xterm';

const LIGHT: ITheme = {
  background: '#ffffff',
  foreground: '#16242c',
  cursor: '#0d5f79',
  cursorAccent: '#ffffff',
  selectionBackground: '#cfe6ec',
  scrollbarSliderBackground: '#16242c26',
  scrollbarSliderHoverBackground: '#16242c40',
  scrollbarSliderActiveBackground: '#16242c59',
  overviewRulerBorder: '#00000000',
  black: '#16242c',
  red: '#b3261e',
  green: '#1b6e4a',
  yellow: '#8a4a06',
  blue: '#1f5fa8',
  magenta: '#7a3e9d',
  cyan: '#0a6a82',
  white: '#5f717b',
  brightBlack: '#5f717b',
  brightRed: '#c23a31',
  brightGreen: '#22794f',
  brightYellow: '#94560d',
  brightBlue: '#2a6cb8',
  brightMagenta: '#8a4bb0',
  brightCyan: '#12748d',
  brightWhite: '#16242c',
};

const DARK: ITheme = {
  background: '#11181c',
  foreground: '#d9e1e5',
  cursor: '#55bccb',
  cursorAccent: '#11181c',
  selectionBackground: '#1f4552',
  scrollbarSliderBackground: '#d9e1e526',
  scrollbarSliderHoverBackground: '#d9e1e540',
  scrollbarSliderActiveBackground: '#d9e1e559',
  overviewRulerBorder: '#00000000',
  black: '#82929b',
  red: '#f28b7d',
  green: '#86cfa5',
  yellow: '#e6b673',
  blue: '#7fb4ec',
  magenta: '#c9a5e8',
  cyan: '#6ccbdb',
  white: '#d9e1e5',
  brightBlack: '#94a3ab',
  brightRed: '#f7a79b',
  brightGreen: '#a3dcbb',
  brightYellow: '#eec88f',
  brightBlue: '#a0c8f3',
  brightMagenta: '#d8bcef',
  brightCyan: '#8fd9e5',
  brightWhite: '#f4f7f8',
};

/** The theme for what the page shows now. */
export function terminalTheme(): ITheme {
  return document.documentElement.dataset['theme'] === 'light' ? LIGHT : DARK;
}

/** Calls back whenever the page changes between light and dark. Returns what stops that. */
export function onThemeChange(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

/** Monaco in the site's colours, light and dark, following the page's theme as the reader changes it. */
import { monaco } from './monaco.ts';

type Scheme = 'light' | 'dark';

interface Palette {
  base: monaco.editor.BuiltinTheme;
  background: string;
  foreground: string;
  comment: string;
  keyword: string;
  string: string;
  number: string;
  type: string;
  line: string;
  lineNumber: string;
  selection: string;
  widget: string;
  border: string;
  /** Grounds of a line that was added or removed, and of the words in it that were. */
  added: [line: string, words: string];
  removed: [line: string, words: string];
}

const palettes: Record<Scheme, Palette> = {
  light: {
    base: 'vs',
    background: '#ffffff',
    foreground: '#1d2b33',
    comment: '#5f717b',
    keyword: '#0a5c75',
    string: '#8a4a06',
    number: '#7a3e9d',
    type: '#1b6e4a',
    line: '#f3f6f8',
    lineNumber: '#65757e',
    selection: '#cfe6ec',
    widget: '#f6f9fa',
    border: '#d5dee3',
    added: ['#e6f4ed', '#bce3cf'],
    removed: ['#fdeeeb', '#f6cac2'],
  },
  dark: {
    base: 'vs-dark',
    background: '#11181c',
    foreground: '#d3dce1',
    comment: '#82929b',
    keyword: '#6ccbdb',
    string: '#e6b673',
    number: '#c9a5e8',
    type: '#86cfa5',
    line: '#172026',
    lineNumber: '#80909a',
    selection: '#1f4552',
    widget: '#182227',
    border: '#2c3a42',
    added: ['#15261e', '#215040'],
    removed: ['#2b1a18', '#5c2d27'],
  },
};

function define(scheme: Scheme): void {
  const palette = palettes[scheme];
  const rule = (token: string, color: string) => ({ token, foreground: color.slice(1) });
  monaco.editor.defineTheme(`lockstep-${scheme}`, {
    base: palette.base,
    inherit: true,
    rules: [
      rule('', palette.foreground),
      rule('comment', palette.comment),
      rule('keyword', palette.keyword),
      rule('string', palette.string),
      rule('number', palette.number),
      rule('type.identifier', palette.type),
      rule('delimiter', palette.foreground),
    ],
    colors: {
      'editor.background': palette.background,
      'editor.foreground': palette.foreground,
      'editor.lineHighlightBackground': palette.line,
      'editor.lineHighlightBorder': '#00000000',
      'editor.selectionBackground': palette.selection,
      'editorLineNumber.foreground': palette.lineNumber,
      'editorLineNumber.activeForeground': palette.foreground,
      'editorGutter.background': palette.background,
      'editorWidget.background': palette.widget,
      'editorWidget.border': palette.border,
      'editorHoverWidget.background': palette.widget,
      'editorSuggestWidget.background': palette.widget,
      'editorIndentGuide.background1': palette.border,
      focusBorder: palette.keyword,
      'diffEditor.insertedLineBackground': palette.added[0],
      'diffEditor.insertedTextBackground': palette.added[1],
      'diffEditor.removedLineBackground': palette.removed[0],
      'diffEditor.removedTextBackground': palette.removed[1],
      'diffEditor.unchangedRegionBackground': palette.widget,
      ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((depth) => [`editorBracketHighlight.foreground${depth}`, palette.foreground])),
    },
  });
}

function present(): Scheme {
  return document.documentElement.dataset['theme'] === 'light' ? 'light' : 'dark';
}

/** Defines both themes and keeps Monaco on the one that the page shows. Returns what stops it. */
export function followPageTheme(): () => void {
  define('light');
  define('dark');
  const apply = () => monaco.editor.setTheme(`lockstep-${present()}`);
  const observer = new MutationObserver(apply);
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  apply();
  return () => observer.disconnect();
}

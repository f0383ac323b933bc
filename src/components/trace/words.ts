/**
 * How wide words are, and where a line of them breaks, without a page to measure them in: a drawing of a trace is a string that Node makes too.
 * Widths are those of common sans-serif fonts, rounded up, so that a line never runs out of its place.
 */

/** Widths in parts of the font's size, for the characters that are far from the average. */
const NARROW = new Set(` .,:;'’|!()[]iljtfrI/-`);
const WIDE = new Set('mwMWQOGD@%→←…');
const AVERAGE = 0.57;

/** Width of a text in pixels, at a font's size. */
export function textWidth(text: string, fontSize: number): number {
  let width = 0;
  for (const character of text) width += NARROW.has(character) ? 0.36 : WIDE.has(character) ? 0.86 : AVERAGE;
  return width * fontSize;
}

/** Most characters of one row's words that are drawn, in any width; the rest is cut, since the text form has them whole. */
const CHARACTERS_MAX = 600;

/** A text as lines that fit a width. What has no place to break is broken anywhere. */
export function wrap(text: string, width: number, fontSize: number): string[] {
  const lines: string[] = [];
  let line = '';
  // A number and its unit stay together.
  const words = shortened(text)
    .replace(/(\d) ms\b/g, '$1\u00a0ms')
    .split(/[ \n]+/);
  for (const word of words.flatMap((each) => pieces(each, width, fontSize))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line === '' || textWidth(longer, fontSize) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  return lines;
}

function shortened(text: string): string {
  return text.length <= CHARACTERS_MAX ? text : `${text.slice(0, CHARACTERS_MAX)} …`;
}

/** A word in pieces that fit a width each. */
function pieces(word: string, width: number, fontSize: number): string[] {
  const fitting: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && textWidth(piece + character, fontSize) > width) {
      fitting.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...fitting, piece];
}

import { width } from './table.ts';

/** Lines of text for people are no longer than this. */
export const textColumns = 100;

/** wrap breaks a text between words into lines of at most `columns`; a word that is longer is broken too. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(/ +/).flatMap((each) => pieces(each, columns))) {
    const last = lines.at(-1);
    if (last !== undefined && width(last) + 1 + width(word) <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function pieces(word: string, columns: number): readonly string[] {
  if (word.length <= columns) return [word];
  const letters = lettersOf(word);
  return Array.from({ length: Math.ceil(letters.length / columns) }, (_, index) =>
    letters.slice(index * columns, (index + 1) * columns).join(''),
  );
}

function lettersOf(text: string): readonly string[] {
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}

/** indented is a wrapped text with blanks before every line, and a line break after each. */
export function indented(text: string, blanks: number, columns = textColumns): string {
  return wrap(text, columns - blanks)
    .map((line) => `${' '.repeat(blanks)}${line}\n`)
    .join('');
}

/** cut shortens a text to `columns`, with `mark` where something is missing. */
export function cut(text: string, columns: number, mark: string): string {
  if (width(text) <= columns) return text;
  return `${lettersOf(text)
    .slice(0, Math.max(0, columns - mark.length))
    .join('')}${mark}`;
}

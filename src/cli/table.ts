/** Graphemes, because a flag or a family is several code points and one column or two. */
const graphemes = new Intl.Segmenter();

/** table aligns columns with two spaces between them, two before the first, and none at the end of a line. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  return rows
    .map((row) => `  ${row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  ')}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}

/** printable replaces what could move the cursor, change colours or reorder text: names come from people and go to terminals. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (unit) => `\\u{${(unit.codePointAt(0) ?? 0).toString(16)}}`);
}

/** width is how many columns a text takes. */
export function width(text: string): number {
  return Array.from(graphemes.segment(text)).length;
}

/** pad adds blanks up to a width. */
export function pad(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - width(text)));
}

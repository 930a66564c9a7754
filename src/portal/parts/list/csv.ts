import type { Column } from './list-column.ts';

/** csvOf writes rows as RFC 4180 has it, with the titles first. The mark at the beginning tells spreadsheets that it is UTF-8. */
export function csvOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  return `\u{feff}${lines.map((line) => `${line.map(csvCell).join(',')}\r\n`).join('')}`;
}

/**
 * csvCell quotes a cell. A spreadsheet takes one that begins with = + - @, a tab or a line break for a formula, and names come from anybody: an
 * apostrophe in front makes it text (OWASP, CSV injection). The full-width signs are those that spreadsheets read as the same.
 */
function csvCell(text: string): string {
  const harmless = /^\s*[=+\-@＝＋－＠\t\r\n]/u.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

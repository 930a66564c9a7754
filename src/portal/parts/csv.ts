/** csvText writes lines as RFC 4180 has it. The mark at the beginning tells spreadsheets that it is UTF-8. */
export function csvText(lines: readonly (readonly string[])[]): string {
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

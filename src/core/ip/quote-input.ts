/** Longest part of refused input that is repeated in a message; the longest valid prefix text has 49 characters. */
const shownCharacters = 64;

const plain = /^[0-9A-Za-z.:/%-]+$/;

/**
 * quoteInput shows refused input inside a message: bare if it looks like an address, otherwise quoted, with everything
 * outside printable ASCII escaped (a newline, an escape sequence or a bidirectional control character must not reach a
 * terminal or a log line) and cut after 64 characters.
 */
export function quoteInput(text: string): string {
  const shown = text.slice(0, shownCharacters);
  const rest = text.length > shownCharacters ? `... (${String(text.length)} characters)` : '';
  if (rest === '' && plain.test(shown)) return shown;
  const escaped = shown.replace(/[^\x20-\x7e]|["\\]/g, escapeUnit);
  return `"${escaped}"${rest}`;
}

function escapeUnit(unit: string): string {
  if (unit === '"' || unit === '\\') return `\\${unit}`;
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

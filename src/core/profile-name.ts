/** OpenVPN reads lines of at most 255 bytes and parameters of at most 255; this leaves room for the directive before it. */
const longestBytes = 200;

/** Letters, digits and combining marks of every script, and what appears in names of machines and people. */
const harmless = /^[\p{L}\p{N}\p{M} ._@+-]$/u;

/**
 * friendlyName reduces an operator's words to what may stand between double quotes in a profile: an allow-list, everything else
 * becomes one `_` (quotes, backslashes, newlines, `$`, `<`, control and bidirectional characters, emoji). At most 200 bytes of UTF-8,
 * cut between characters. Total, and the same again when applied to its own result.
 */
export function friendlyName(words: string): string {
  let text = '';
  let bytes = 0;
  for (const character of words.normalize('NFC').replace(/\s+/g, ' ').trim()) {
    const shown = harmless.test(character) ? character : '_';
    if (shown === '_' && text.endsWith('_')) continue;
    bytes += utf8Length(shown);
    if (bytes > longestBytes) break;
    text += shown;
  }
  const trimmed = text.trim();
  return /[\p{L}\p{N}]/u.test(trimmed) ? trimmed : 'Causeway';
}

/** Counted by hand: core has no node:buffer, and TextEncoder would encode the text only to throw it away. */
function utf8Length(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x1_0000 ? 3 : 4;
}

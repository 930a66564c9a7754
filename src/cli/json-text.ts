/**
 * jsonText is what --json prints: one line. What could move a terminal's cursor, change its colours or reorder text is escaped, which means
 * the same to every reader of JSON.
 */
export function jsonText(value: unknown): string {
  const escaped = JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (sign) =>
    Array.from({ length: sign.length }, (_, unit) => `\\u${sign.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(''),
  );
  return `${escaped}\n`;
}

/** Glyphs are the marks of portal.md 12. Beside each stands a word, so that none has to be understood. */
export type Glyphs = {
  readonly works: string;
  readonly fails: string;
  readonly warns: string;
  readonly unknown: string;
  readonly there: string;
  readonly back: string;
  /** What a text that was cut ends with. */
  readonly cut: string;
};

const drawn: Glyphs = { works: '●', fails: '✕', warns: '▲', unknown: '○', there: '→', back: '←', cut: '…' };
const plain: Glyphs = { works: '*', fails: 'x', warns: '!', unknown: '?', there: '->', back: '<-', cut: '...' };

/** glyphsFor gives the drawn ones where the locale is UTF-8 and nobody asks for ASCII. */
export function glyphsFor(environment: Readonly<Record<string, string | undefined>>, ascii: boolean): Glyphs {
  // The first that is set and not empty counts (POSIX, locale).
  const locale = [environment['LC_ALL'], environment['LC_CTYPE'], environment['LANG']].find(
    (each) => each !== undefined && each !== '',
  );
  return !ascii && /utf-?8/i.test(locale ?? '') ? drawn : plain;
}

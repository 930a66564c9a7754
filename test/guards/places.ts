import type { Source } from './import-matrix.ts';

const hosts = (...labels: string[]): RegExp => new RegExp(labels.join('\\.'));

/** Put together from pieces, so that this file does not hold what it looks for. */
const places: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: hosts('registry', '(?:npmjs|yarnpkg|npmmirror)', '(?:org|com)'), what: 'a package registry' },
  { pattern: hosts('(?:pypi|pythonhosted|crates)', '(?:org|io)'), what: 'a package registry' },
  { pattern: hosts('(?:debian|ubuntu)', '(?:org|net|com)/(?:debian|ubuntu)'), what: 'a package mirror' },
  { pattern: new RegExp(`(?<![\\w.])/${'(?:home|Users)'}/[a-z]\\w*/`), what: 'a home directory' },
  { pattern: new RegExp(`(?<![\\w.])/${'work'}/`), what: 'a directory of one machine' },
];

/** placesIn lists the lines of a source that name a place that belongs to one machine or to one company's package source. */
export function placesIn({ path, text }: Source): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      places
        .filter(({ pattern }) => pattern.test(line))
        .map(({ what }) => `${path}:${index + 1} names ${what}: ${line.trim().slice(0, 100)}`),
    );
}

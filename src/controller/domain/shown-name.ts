/** Longest part of a name that is repeated in a message, in code points. */
const shownCharacters = 80;

/** shownName writes an operator's name into a message: as it is, but cut, and quoted where it holds something unprintable. */
export function shownName(name: string): string {
  const points = Array.from(name);
  const cut = points.length > shownCharacters ? `${points.slice(0, shownCharacters).join('')}…` : name;
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\u200d]*$/u.test(cut) ? cut : JSON.stringify(cut);
}

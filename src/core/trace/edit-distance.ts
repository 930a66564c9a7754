/** Letters of a name that are compared: names may have 2,000, and who mistypes does so at the beginning as often as anywhere. */
const compared = 48;

/** More letters than these nobody mistypes in one name. */
const mostMistyped = 4;

/**
 * nearestNames gives the names that are probably meant by a mistyped one, best first: those that differ in a third of its letters, and in
 * four at most, capitals aside. The order of equals is that of `names`, so the same question has the same answer.
 */
export function nearestNames(wanted: string, names: readonly string[], most: number): readonly string[] {
  const letters = lettersOf(wanted);
  const bound = Math.min(mostMistyped, Math.max(1, Math.floor(letters.length / 3)));
  return names
    .map((name) => ({ name, distance: editDistance(letters, lettersOf(name), bound) }))
    .filter(({ distance }) => distance <= bound)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

function lettersOf(text: string): readonly string[] {
  return Array.from(text.slice(0, 2 * compared).toLowerCase()).slice(0, compared);
}

/** editDistance counts letters to add, remove or replace, and neighbours to swap; more than `bound` where it is more than that. */
export function editDistance(a: readonly string[], b: readonly string[], bound: number): number {
  // Tells most names apart without comparing place by place.
  if (leastDistance(a, b) > bound) return bound + 1;
  const far = bound + 1;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of a.entries()) {
    const current = [row + 1, ...b.map(() => far)];
    let smallest = row + 1;
    // Whoever is further from the diagonal is further than the bound.
    for (let column = Math.max(0, row - bound); column < Math.min(b.length, row + bound + 1); column += 1) {
      const other = b[column];
      const swapped = row > 0 && column > 0 && letter === b[column - 1] && other === a[row - 1];
      const distance = Math.min(
        (last[column + 1] ?? far) + 1,
        (current[column] ?? far) + 1,
        (last[column] ?? far) + (letter === other ? 0 : 1),
        swapped ? (before[column - 1] ?? far) + 1 : far,
      );
      current[column + 1] = distance;
      smallest = Math.min(smallest, distance);
    }
    // A swap looks back two rows, so only two far ones in a row end it.
    if (smallest > bound && Math.min(...last) > bound) return far;
    before = last;
    last = current;
  }
  return last.at(-1) ?? 0;
}

/** A lower bound of the distance: letters of one that the other has not, wherever they stand. A swap changes none. */
function leastDistance(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const letter of a) left.set(letter, (left.get(letter) ?? 0) + 1);
  let missing = 0;
  for (const letter of b) {
    const count = left.get(letter) ?? 0;
    if (count === 0) missing += 1;
    else left.set(letter, count - 1);
  }
  return Math.max(missing, missing + a.length - b.length);
}

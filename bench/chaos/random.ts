/** Random gives numbers from 0 up to but not including 1, the same for the same seed. */
export type Random = () => number;

/** seeded is mulberry32: small, the same everywhere, and far better than what draws of faults and changes need. Nothing secret comes of it. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** between draws a whole number from `least` to `most`, both included. */
export function between(random: Random, least: number, most: number): number {
  return least + Math.floor(random() * (most - least + 1));
}

/** oneOf draws one of several things. Throws a RangeError where there is none. */
export function oneOf<Item>(random: Random, items: readonly Item[]): Item {
  const drawn = items[Math.floor(random() * items.length)];
  if (drawn === undefined) throw new RangeError('there is nothing to draw from');
  return drawn;
}

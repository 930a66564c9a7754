/** Known is a part of a machine that its agent reported and that could be read, or why it is not known. */
export type Known<T> =
  | { readonly known: true; readonly value: T; readonly observedAt: string }
  | { readonly known: false; readonly reason: string };

/** Quote is what the machine says, and when it said it (ISO 8601). */
export type Quote = { readonly text: string; readonly observedAt: string };

/**
 * Undecided ends a decision at the first fact that it needs and nobody has reported. It is thrown inside this directory only, because
 * any of
 * thirty facts may be missing at any depth of a look-up; `orUnknown` turns it into an answer.
 */
class Undecided extends Error {}

export function undecided(reason: string): never {
  throw new Undecided(reason);
}

/** needed is the value of what is known. */
export function needed<T>(part: Known<T>): T {
  return part.known ? part.value : undecided(part.reason);
}

export type Unknown = { readonly kind: 'unknown'; readonly reason: string };

/** orUnknown decides, or says which fact is missing. */
export function orUnknown<T>(decide: () => T): T | Unknown {
  try {
    return decide();
  } catch (error) {
    if (error instanceof Undecided) return { kind: 'unknown', reason: error.message };
    throw error;
  }
}

/**
 * What a writer has, as it was told by the API, and whether the database says the same. Pure. Ids that no answer has told are `unknown`: those of
 * a change whose answer never came.
 */

/** Holding is a network with its prefixes and its connector, or a user with devices. Parts are those by name, with their ids. */
export type Holding = {
  readonly kind: 'network' | 'user';
  readonly id: string;
  readonly name: string;
  /** A network's description, a user's first name. */
  readonly text: string;
  readonly parts: ReadonlyMap<string, string>;
};

/** Holdings are all of one writer's, by name. */
export type Holdings = ReadonlyMap<string, Holding>;

export const unknownId = 'unknown';

/** Pending is a change whose answer never came: all of it was done, or nothing. */
export type Pending = { readonly what: string; readonly after: Holdings };

/** Settled says what became of the pending change, or in which way the database contradicts what was acknowledged. */
export type Settled =
  | { readonly kind: 'as-acknowledged' }
  | { readonly kind: 'pending-applied' }
  | { readonly kind: 'violated'; readonly differences: readonly string[] };

/** settle compares what the database has with what was acknowledged; a change that is pending may be there too, but only as a whole. */
export function settle(found: Holdings, acknowledged: Holdings, pending: Pending | null): Settled {
  const differences = compare(found, acknowledged);
  if (differences.length === 0) return { kind: 'as-acknowledged' };
  if (pending === null) return { kind: 'violated', differences };
  const withPending = compare(found, pending.after);
  if (withPending.length === 0) return { kind: 'pending-applied' };
  const besides = withPending.map((difference) => `${difference} (if "${pending.what}" was done)`);
  return { kind: 'violated', differences: [...differences, ...besides] };
}

function compare(found: Holdings, expected: Holdings): readonly string[] {
  const names = new Set([...found.keys(), ...expected.keys()]);
  return [...names].flatMap((name) => {
    const [is, should] = [found.get(name), expected.get(name)];
    if (is === undefined) return [`${should?.kind ?? ''} ${name} is not there`];
    if (should === undefined) return [`${is.kind} ${name} is there and should not be`];
    return compareOne(is, should);
  });
}

function compareOne(is: Holding, should: Holding): readonly string[] {
  const what = `${should.kind} ${should.name}`;
  const differences: string[] = [];
  if (should.id !== unknownId && is.id !== should.id) differences.push(`${what} has the id ${is.id}, not ${should.id}`);
  if (is.text !== should.text) differences.push(`${what} says "${is.text}", not "${should.text}"`);
  for (const part of new Set([...is.parts.keys(), ...should.parts.keys()])) {
    const [isId, shouldId] = [is.parts.get(part), should.parts.get(part)];
    if (isId === undefined) differences.push(`${what} has no ${part}`);
    else if (shouldId === undefined) differences.push(`${what} has ${part}, which it should not`);
    else if (shouldId !== unknownId && isId !== shouldId) {
      differences.push(`${part} of ${what} has the id ${isId}, not ${shouldId}`);
    }
  }
  return differences;
}

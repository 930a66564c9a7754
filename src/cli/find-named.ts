import { quoteInput } from '../core/ip/quote-input.ts';
import { nearestNames } from '../core/trace/edit-distance.ts';
import { CliFailure, exitCodes } from './failure.ts';
import { printable, table } from './table.ts';

/** `of` is the name of what it belongs to, which tells apart those that share a name. */
export type Named = { readonly id: string; readonly name: string; readonly of?: string };

/** So many are listed where none or several fit. */
const listed = 20;

/**
 * findNamed gives the only one that has this id or name, or `OF/NAME`; `kind` is what they are, as in `connector of a network`. Throws
 * CliFailure (usage) with those that share the name, with the nearest names, or with what there is.
 */
export function findNamed<Thing extends Named>(kind: string, things: readonly Thing[], wanted: string): Thing {
  const byId = things.find(({ id }) => id === wanted.toLowerCase());
  const matching = byId === undefined ? things.filter((thing) => thing.name === wanted || fullName(thing) === wanted) : [byId];
  const [found] = matching;
  if (found !== undefined && matching.length === 1) return found;
  if (found !== undefined) {
    throw new CliFailure(
      exitCodes.usage,
      `more than one ${kind} is called ${quoteInput(wanted)}; give the id of the one that is meant:\n${listOf(matching)}`,
    );
  }
  throw new CliFailure(exitCodes.usage, `no ${kind} has the name or id ${quoteInput(wanted)}; ${whatThereIs(things, wanted)}`);
}

/** fullName is `bob/laptop`: what tells things of one name apart where they belong to others. */
export function fullName({ name, of }: Named): string {
  return of === undefined ? name : `${of}/${name}`;
}

function whatThereIs(things: readonly Named[], wanted: string): string {
  if (things.length === 0) return 'there is none yet';
  const names = new Set(things.flatMap((thing) => [thing.name, fullName(thing)]));
  const near = nearestNames(wanted, [...names], 3);
  return near.length === 0 ? `there are:\n${listOf(things)}` : `did you mean ${near.map((name) => quoteInput(name)).join(', ')}?`;
}

function listOf(things: readonly Named[]): string {
  const rows = things.slice(0, listed).map(({ id, name, of }) => [id, printable(name), printable(of ?? '')]);
  const rest = things.length - rows.length;
  return `${table(rows)}${rest > 0 ? `  and ${String(rest)} more\n` : ''}`.trimEnd();
}

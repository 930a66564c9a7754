/**
 * src/controller/domain is what the API does: each function reads or changes the model of one WPC, changes inside a model transaction.
 * Nothing here knows HTTP; src/controller/routes translates. Tests ask the application: `node --test 'src/controller/routes/*.test.ts'`.
 */
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { Id } from '../../core/ids.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** isObjectId says whether text can be the id of one of our objects. */
export function isObjectId(text: string): boolean {
  return uuid.test(text);
}

/**
 * objectId takes the id of a path or a query. Text that is no UUID is the id of nothing, so it is `not found` like any other id that does
 * not exist: clients recognise a deleted object by these words.
 */
export function objectId<Kind extends string>(kind: Kind, text: string): Id<Kind> {
  if (!uuid.test(text)) throw notFound(kind.replaceAll('-', ' '), text);
  return text.toLowerCase() as Id<Kind>;
}

/** requiredObjectId is objectId for a query parameter that must be given. */
export function requiredObjectId<Kind extends string>(kind: Kind, parameter: string, text: string | undefined): Id<Kind> {
  if (text === undefined) {
    const noun = kind.replaceAll('-', ' ');
    throw invalidInput(parameter, text, 'is not allowed', `the query parameter ${parameter} with the id of an existing ${noun}`);
  }
  return objectId(kind, text);
}

/** referredId takes an id from a body; undefined where it cannot be one. The caller refuses it with the name of the field. */
export function referredId<Kind extends string>(_kind: Kind, text: string): Id<Kind> | undefined {
  return uuid.test(text) ? (text.toLowerCase() as Id<Kind>) : undefined;
}

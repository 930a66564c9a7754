/**
 * src/contract/api holds the shapes of /api/v1 (CloudConnexa API v1.2.3, so that its clients work unchanged) and of what is ours under
 * /api/causeway/v1, one file for each resource: zod schemas, and routes that say which of them belong together. Requests keep the keys
 * they know and drop the rest, because clients send read-only fields and nulls with every PUT. Tests: `node --test 'src/contract/api/*.test.ts'`.
 *
 * This file: the fields of requests. Clients in use send the empty string for "not given" (Go's zero value), so it means that everywhere
 * but in descriptions, where it is a description. Lengths count code points: what a person calls a character is at least one of them.
 * Messages continue "FIELD: VALUE …" (controller/http/validation.ts).
 */
import { z } from 'zod';

/** Longest name of what api.md sets no limit for: 200 family emoji of 7 code points have to fit. */
export const maximumNameLength = 2_000;
export const maximumDescriptionLength = 2_000;

/** requiredText is text that must be there and not empty. */
export function requiredText(maximum: number) {
  return storableText(maximum).refine((text) => text !== '', {
    error: `is empty; allowed: text of 1 to ${String(maximum)} characters`,
  });
}

/** optionalText is undefined where it is absent, null or empty. */
export function optionalText(maximum: number) {
  return storableText(maximum).nullish().transform(given);
}

/** descriptionText keeps the empty string, so that a description can be taken away; absent and null are undefined. */
export function descriptionText(maximum: number = maximumDescriptionLength) {
  return storableText(maximum)
    .nullish()
    .transform((value) => value ?? undefined);
}

/** optionalChoice is one of the words, or undefined where it is absent, null or empty. */
export function optionalChoice<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z
    .union([z.enum(words), z.literal('')], { error: `is not allowed; allowed: ${words.join(', ')}` })
    .nullish()
    .transform(given);
}

/** optionalFlag is true, false, or undefined where it is absent or null. */
export function optionalFlag() {
  return z
    .boolean()
    .nullish()
    .transform((value) => value ?? undefined);
}

/** optionalCount is an integer of the range, or undefined where it is absent or null. */
export function optionalCount(minimum: number, maximum: number) {
  return z
    .int()
    .min(minimum)
    .max(maximum)
    .nullish()
    .transform((value) => value ?? undefined);
}

/** optionalList is a list, or undefined where it is absent or null: a null list must never empty what is there (api.md 1.6). */
export function optionalList<Item extends z.ZodType>(item: Item, maximum = 1_000) {
  return z
    .array(item)
    .max(maximum)
    .nullish()
    .transform((value) => value ?? undefined);
}

/** optionalQuery is a query parameter given at most once (two come as an array): two readers could each take another one for true. */
export function optionalQuery() {
  return z.string().optional().transform(given);
}

/** given turns the ways of saying nothing into one. */
function given<Value extends string>(value: Value | '' | null | undefined): Exclude<Value, ''> | undefined {
  return value === null || value === undefined || value === '' ? undefined : (value as Exclude<Value, ''>);
}

/** PostgreSQL holds no NUL, and half a surrogate pair is no character: it would come back as another one. */
function storableText(maximum: number) {
  return z
    .string()
    .refine((text) => !text.includes('\0') && text.isWellFormed(), {
      error: 'contains a NUL or half of a surrogate pair, which cannot be stored; allowed: any other text',
      abort: true,
    })
    .refine((text) => text.length <= maximum || codePoints(text) <= maximum, {
      error: ({ input }) => `has ${String(codePoints(String(input)))} characters; allowed: at most ${String(maximum)}`,
      abort: true,
    });
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

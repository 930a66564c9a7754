import { z } from 'zod';

/** maybe: vendors leave out what is empty, and some say null; both are null. */
export const maybe = <T extends z.ZodType>(item: T) => item.nullish().transform((value) => value ?? null);

/** many: a list that is left out is empty. */
export const many = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((list) => list ?? []);

export const text = maybe(z.string());
export const number = maybe(z.number());
export const flag = maybe(z.boolean());

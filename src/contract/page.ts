/** Both styles of paging of the public API (api.md 3). */
import { z } from 'zod';

/** Query of page style: `page` from 0, `size` 1..1000. Both may be left out. */
export const pageQuery = z.object({
  page: z.coerce.number().int().min(0).max(1_000_000).default(0),
  size: z.coerce.number().int().min(1).max(1000).default(100),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** pageResponse is the schema of one page of `item`. */
export function pageResponse<Item extends z.ZodType>(item: Item) {
  return z.object({
    content: z.array(item),
    totalElements: z.int(),
    totalPages: z.int(),
    numberOfElements: z.int(),
    page: z.int(),
    size: z.int(),
    success: z.boolean(),
  });
}

export type Page<Item> = {
  content: Item[];
  totalElements: number;
  totalPages: number;
  numberOfElements: number;
  page: number;
  size: number;
  success: boolean;
};

/** toPage wraps the rows of one page; clients stop at `totalPages`, so it counts all of them. */
export function toPage<Item>(content: Item[], totalElements: number, query: PageQuery): Page<Item> {
  return {
    content,
    totalElements,
    totalPages: Math.ceil(totalElements / query.size),
    numberOfElements: content.length,
    page: query.page,
    size: query.size,
    success: true,
  };
}

/** Query of cursor style: `size` 1..100 is required, `cursor` is what the answer before gave as nextCursor. */
export const cursorQuery = z.object({
  size: z.coerce.number().int().min(1).max(100),
  cursor: z.string().max(500).optional(),
});
export type CursorQuery = z.infer<typeof cursorQuery>;

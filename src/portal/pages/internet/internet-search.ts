import { z } from 'zod';

/** `change` is what the panel is about: `user-group:ID`, `network:ID`, `host:ID`. */
export const internetSearch = z.object({
  change: z
    .string()
    .regex(/^(?:user-group|network|host):[0-9a-f-]{36}$/)
    .optional()
    .catch(undefined),
});

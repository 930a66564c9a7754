import { z } from 'zod';

/** `causeway login --json` without a URL; with one, one of these. */
const login = z.object({ name: z.string(), url: z.string() });
export const loginList = z.array(login);
export type LoginList = z.infer<typeof loginList>;

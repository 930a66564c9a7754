import { z } from 'zod';
import { routerCommandsAnswer, staticRoutes } from '../api/site-routes.ts';

/** StaticRoutesAnswer is `causeway static-routes --json`: every network or the named one; commands where a platform is known or named. */
export const staticRoutesAnswer = z.object({ networks: z.array(staticRoutes), commands: routerCommandsAnswer.nullable() });
export type StaticRoutesAnswer = z.infer<typeof staticRoutesAnswer>;

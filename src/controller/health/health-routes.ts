/**
 * src/controller/health answers probes of load balancers and service managers. Tests: `node --test src/controller/app.test.ts`, and with
 * a database that is killed `src/controller/main.test.ts`.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { CausewayError } from '../../contract/errors.ts';
import type { RegisterRoutes } from '../deps.ts';

const answer = z.object({ status: z.literal('ok') });

/** registerHealth: `healthz` says that the process answers, `readyz` that it can work (503 while the database is away). */
export const registerHealth: RegisterRoutes = (app, deps) => {
  app.get('/healthz', { config: { auth: { kind: 'public' } }, schema: { response: { 200: answer } } }, async () => ({
    status: 'ok' as const,
  }));

  app.get('/readyz', { config: { auth: { kind: 'public' } }, schema: { response: { 200: answer } } }, async () => {
    try {
      await sql`select revision from wpc`.execute(deps.store.database);
    } catch (cause) {
      throw new CausewayError('unavailable', 'The database cannot be reached at the moment. Try again in a few seconds.', {
        cause,
      });
    }
    return { status: 'ok' as const };
  });
};

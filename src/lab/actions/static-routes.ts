import { z } from 'zod';
import type { Administrator } from '../administrator.ts';
import type { Host } from '../host.ts';
import { expect } from '../scenario.ts';

const answer = z.object({ routes: z.array(z.object({ destination: z.string(), via: z.string().nullable(), at: z.string() })) });

export type StaticRoute = { readonly destination: string; readonly via: string | null };

/** staticRoutesOf asks the API what a network's router has to send to the connector. */
export async function staticRoutesOf(administrator: Administrator, network: string): Promise<readonly StaticRoute[]> {
  const path = `/api/causeway/v1/networks/${network}/static-routes`;
  return (await administrator.must(answer, 'GET', path)).routes.filter(({ at }) => at === 'router');
}

/** giveStaticRoutes does on a router what its operator would: types in the commands that the API writes for it. Gives what was typed. */
export async function giveStaticRoutes(administrator: Administrator, network: string, router: Host): Promise<string> {
  const commands = z.object({ add: z.string(), missing: z.array(z.string()) });
  const path = `/api/causeway/v1/networks/${network}/router-commands?platform=linux&routes=all`;
  const { add, missing } = await administrator.must(commands, 'GET', path);
  expect(missing.length === 0, `the commands for ${router.name} leave something open: ${missing.join(', ')}\n${add}`);
  await router.must(['sh', '-ec', add]);
  const typed = add.split('\n').filter((line) => line.startsWith('ip '));
  return `typed in on ${router.name}: ${typed.join('; ')}`;
}

import { z } from 'zod';
import { wpcRange } from '../shapes/connected-wpc.ts';
import { branch, headquarters } from '../shapes/site.ts';
import type { Statement } from './fault.ts';
import { routerIs } from './fault.ts';
import { innerLan } from './inner-lan.ts';
import { mergedStatement } from './merged-statement.ts';
import type { Mode, Standing } from './standing.ts';

/**
 * stateLans says over the API what an operator knows of both LANs who has looked at the routers: the truth of the mode, or of the sites that
 * `instead` is about what that says. Without it no product could know whether a router that is not its own has a route.
 */
export async function stateLans(
  { administrator, networks }: Standing,
  mode: Mode,
  ...instead: readonly (Statement | undefined)[]
): Promise<void> {
  const stated = instead.filter((statement) => statement !== undefined);
  for (const { of, lan } of [hqRouter(mode), branchRouter]) {
    const said = mergedStatement(stated.filter((statement) => statement.of === of));
    await administrator.must(z.unknown(), 'PUT', `/api/causeway/v1/networks/${networks[of].id}/lan`, said ?? lan);
  }
}

const branchRouter = routerIs('branch', {
  routes: [wpcRange, headquarters.prefix, innerLan.prefix].map((destination) => ({ destination, nextHop: branch.connector })),
});

function hqRouter(mode: Mode): Statement {
  const inner = { destination: innerLan.prefix, nextHop: innerLan.router };
  const toConnector = mode === 'masquerade' ? [branch.prefix] : [branch.prefix, wpcRange];
  const routes = [inner, ...toConnector.map((destination) => ({ destination, nextHop: headquarters.connector }))];
  return routerIs('hq', { routes, natSources: mode === 'internet' ? [headquarters.prefix, wpcRange] : [headquarters.prefix] });
}

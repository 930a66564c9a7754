import { isDeepStrictEqual } from 'node:util';
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { DetectedPlatform } from '../../core/platforms/detect-platform.ts';
import { detectPlatform } from '../../core/platforms/detect-platform.ts';
import type { PlatformId } from '../../core/platforms/catalogue.ts';
import { isPlatformId } from '../../core/platforms/catalogue.ts';
import type { CheckedParameters, ParameterValues } from '../../core/platforms/router-commands.ts';
import { checkParameters } from '../../core/platforms/router-commands.ts';
import type { NetworkRoutes } from '../../core/site-routes/site-routes.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { Observed } from './site-wpc.ts';

/** NetworkRouter is what routes a LAN, and who said so. */
export type NetworkRouter = DetectedPlatform & { readonly source: 'named' | 'detected' };

/** RoutedLan is the part of a network's routes that says who routes its LAN. */
type RoutedLan = Pick<NetworkRoutes, 'network'> & {
  readonly connectors: readonly Pick<NetworkRoutes['connectors'][number], 'id' | 'lan'>[];
};

/** readRouters gives for each network what the operator named, else what a connector's machine says of its cloud. One query. */
export async function readRouters(
  reader: Reader,
  networks: readonly RoutedLan[],
  observed: Observed,
): Promise<(routes: RoutedLan) => NetworkRouter | null> {
  const ids = networks.map(({ network }) => network);
  const rows =
    ids.length === 0
      ? []
      : await reader
          .selectFrom('network_router')
          .select(['network_id', 'platform', 'parameters'])
          .where('network_id', 'in', ids)
          .execute();
  const named = new Map(
    rows.flatMap(({ network_id, platform, parameters }): [NetworkId, NetworkRouter][] =>
      // A platform that a later version knew is as good as none.
      isPlatformId(platform) ? [[network_id, { platform, parameters, source: 'named' }]] : [],
    ),
  );
  return (routes) => named.get(routes.network) ?? detectedRouter(routes, observed);
}

function detectedRouter({ connectors }: RoutedLan, observed: Observed): NetworkRouter | null {
  for (const { id, lan } of connectors) {
    const section = observed.get(id)?.get('platform');
    const detected = section === undefined ? undefined : detectPlatform(section, lan?.address ?? null);
    if (detected !== undefined) return { ...detected, source: 'detected' };
  }
  return null;
}

/** nameRouter keeps the operator's choice, or forgets it (null). Doing it twice changes nothing. */
export async function nameRouter(
  change: Change,
  network: NetworkId,
  router: { readonly platform: PlatformId; readonly parameters: ParameterValues } | null,
): Promise<void> {
  const { trx, record } = change;
  const found = await trx.selectFrom('network').select('id').where('id', '=', network).executeTakeFirst();
  if (found === undefined) throw notFound('network', network);
  const held = await trx
    .selectFrom('network_router')
    .select(['platform', 'parameters'])
    .where('network_id', '=', network)
    .executeTakeFirst();
  if (router !== null) requireParameters(router.platform, router.parameters);
  if (isDeepStrictEqual(held ?? null, router)) return;
  if (router === null) {
    await trx.deleteFrom('network_router').where('network_id', '=', network).execute();
  } else {
    const row = { platform: router.platform, parameters: JSON.stringify(router.parameters) };
    await trx
      .insertInto('network_router')
      .values({ network_id: network, ...row })
      .onConflict((conflicting) => conflicting.column('network_id').doUpdateSet(row))
      .execute();
  }
  record({ entity: 'network', entityId: network, action: 'router-named', before: held ?? null, after: router });
}

/** requireParameters refuses what does not fit the platform, with what would. */
export function requireParameters(platform: PlatformId, values: ParameterValues): CheckedParameters {
  const parsed = checkParameters(platform, values);
  if (!parsed.ok) throw invalidInput('parameters', values, `cannot be used: ${parsed.reason}`);
  return parsed.value;
}

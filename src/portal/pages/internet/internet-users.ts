import { useQuery } from '@tanstack/react-query';
import { hostRoutes } from '../../../contract/api/host.ts';
import { internetGatewayRoutes } from '../../../contract/api/internet-gateway.ts';
import { networkRoutes } from '../../../contract/api/network.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';
import type { internetAccessModes } from '../../../contract/api/words.ts';
import { askingAll } from '../../api/ask-all.ts';
import { asking } from '../../api/ask.ts';

/** InternetUser is whose internet traffic goes somewhere, as it is configured. */
export type InternetUser = {
  readonly kind: 'user-group' | 'network' | 'host';
  readonly id: string;
  readonly name: string;
  readonly internetAccess: (typeof internetAccessModes)[number];
  readonly gatewaysIds: readonly string[];
  /** Of user groups only. */
  readonly bypass: readonly string[];
  readonly isGateway: boolean;
};

/** What gateways report changes while one looks on. */
const every_ms = 5_000;

export const gatewaysQuery = { ...asking(internetGatewayRoutes.list), refetchInterval: every_ms };

/** useInternet reads who goes out where, and by what. */
export function useInternet() {
  const gateways = useQuery(gatewaysQuery);
  const groups = useQuery(askingAll(userGroupRoutes.list));
  const networks = useQuery(askingAll(networkRoutes.list));
  const hosts = useQuery(askingAll(hostRoutes.list));
  const parts = [gateways, groups, networks, hosts];
  const isHere =
    gateways.data !== undefined && groups.data !== undefined && networks.data !== undefined && hosts.data !== undefined;
  return {
    error: parts.find(({ error }) => error !== null)?.error ?? null,
    refetch: () => void Promise.all(parts.map(async ({ refetch }) => await refetch())),
    data: isHere
      ? {
          gateways: gateways.data,
          users: [
            ...groups.data.map(
              (group): InternetUser => ({
                ...group,
                kind: 'user-group',
                bypass: group.tunnelBypass.ipv4Subnets,
                isGateway: false,
              }),
            ),
            ...networks.data.map(
              (network): InternetUser => ({
                ...network,
                kind: 'network',
                bypass: [],
                isGateway: network.egress,
              }),
            ),
            ...hosts.data.map((host): InternetUser => ({ ...host, kind: 'host', bypass: [], isGateway: false })),
          ],
        }
      : undefined,
  };
}

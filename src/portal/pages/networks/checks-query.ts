import { queryOptions } from '@tanstack/react-query';
import { networkCheckRoutes } from '../../../contract/api/network-checks.ts';
import { asking } from '../../api/ask.ts';
import { callUntil } from '../../api/call.ts';

/** Often enough for who waits for a machine to come. */
const every_ms = 5_000;

/** checksQuery follows what a network's connectors report, and sends no packet. */
export function checksQuery(networkId: string) {
  return {
    ...asking(networkCheckRoutes.read, { params: { id: networkId }, query: { probe: 'never' } }),
    refetchInterval: every_ms,
  };
}

/**
 * verifiedQuery has the router of the LAN asked as well. Only when somebody looks: each time is in the audit, so it follows no event (its key is
 * no path of the API) and no clock.
 */
export function verifiedQuery(networkId: string) {
  return queryOptions({
    queryKey: ['verified', networkId] as const,
    queryFn: async ({ signal }) => await callUntil(networkCheckRoutes.read, signal, { params: { id: networkId } }),
  });
}

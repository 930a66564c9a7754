import { trafficRoutes } from '../../contract/api/traffic.ts';
import { asking } from '../api/ask.ts';

/** Gateways count every 10 seconds, and no event tells of it. */
const every_ms = 15_000;

/** trafficQuery asks for the last hour, of all or of one network. */
export function trafficQuery(networkId: string | undefined) {
  const query = networkId === undefined ? {} : { networkId };
  return { ...asking(trafficRoutes.read, { query }), refetchInterval: every_ms };
}

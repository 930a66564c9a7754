import { networkCheckRoutes } from '../../../contract/api/network-checks.ts';
import { asking } from '../../api/ask.ts';

/** The router is asked by two pings each time: often enough for who waits for a machine, and nothing that a LAN notices. */
const every_ms = 10_000;

export function checksQuery(networkId: string) {
  return { ...asking(networkCheckRoutes.read, { params: { id: networkId } }), refetchInterval: every_ms };
}

import { networkDetailsRoutes } from '../../../contract/api/network-details.ts';
import { asking } from '../../api/ask.ts';

/** What changes while one looks on: connectors come and go. */
const every_ms = 3_000;

export function networkQuery(id: string) {
  return { ...asking(networkDetailsRoutes.read, { params: { id } }), refetchInterval: every_ms };
}

import { networkDetailsRoutes } from '../../../contract/api/network-details.ts';
import { asking } from '../../api/ask.ts';

/** What no event tells: round trips and traffic. The rest comes live (live/affected.ts). */
const every_ms = 15_000;

export function networkQuery(id: string) {
  return { ...asking(networkDetailsRoutes.read, { params: { id } }), refetchInterval: every_ms };
}

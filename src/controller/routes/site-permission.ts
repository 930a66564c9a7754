import { CausewayError } from '../../contract/errors.ts';
import { isAllowed } from '../../contract/permission.ts';
import type { ConnectorView } from '../domain/connector-view.ts';
import type { Actor } from '../principal.ts';

/**
 * demandSitePermission completes the authorisation of calls that take connectors of networks and of hosts alike: the route asks for the
 * permission of networks, and only here is it known that the connector stands at a host.
 */
export function demandSitePermission({ principal }: Actor, { site }: ConnectorView, action: 'read' | 'modify'): void {
  if (site.kind === 'network' || principal.kind !== 'api-credential') return;
  const needed = `host:${action}` as const;
  if (isAllowed(principal.permissions, needed)) return;
  throw new CausewayError(
    'forbidden',
    `This connector stands at a host, and this API credential lacks the permission ${needed}; use one that has it.`,
    { details: [{ field: 'permission', message: `${needed} is missing`, params: { required: needed } }] },
  );
}

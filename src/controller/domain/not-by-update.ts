import type { NetworkRouteRequest } from '../../contract/api/network-route.ts';
import { invalidInput } from '../../contract/errors.ts';

/**
 * A PUT of a network or host carries `routes` and `connectors` as the client read them. They are never changed by it, and what is missing
 * there is not deleted; but an entry that does not exist is what its sender believes to be adding, so it is refused, not ignored.
 */
export function refuseUnknownPrefixes(
  known: readonly { readonly prefix: string }[],
  sent: readonly NetworkRouteRequest[] | undefined,
): void {
  for (const [index, { value, subnet }] of (sent ?? []).entries()) {
    const text = value ?? subnet;
    if (text === undefined || known.some(({ prefix }) => prefix === text)) continue;
    const field = `routes.${String(index)}.${value === undefined ? 'subnet' : 'value'}`;
    const problem = 'is not a route of this network, and an update does not add one';
    throw invalidInput(field, text, problem, 'no routes here; add it with POST /api/v1/networks/routes?networkId=ID');
  }
}

/** refuseUnknownConnectors is the same for connectors, which are known by their ids. */
export function refuseUnknownConnectors(
  collection: 'networks' | 'hosts',
  known: readonly { readonly id: string }[],
  sent: readonly { readonly id?: string | undefined; readonly name?: string | null | undefined }[] | undefined,
): void {
  for (const [index, { id, name }] of (sent ?? []).entries()) {
    if (id !== undefined && known.some((connector) => connector.id === id)) continue;
    const parameter = collection === 'networks' ? 'networkId' : 'hostId';
    const problem = 'is not a connector of this object, and an update does not add one';
    const remedy = `no connectors here; add it with POST /api/v1/${collection}/connectors?${parameter}=ID`;
    throw invalidInput(`connectors.${String(index)}`, id ?? name ?? '', problem, remedy);
  }
}

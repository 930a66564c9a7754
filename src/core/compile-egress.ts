import type { EgressClassId, EgressClassNumbers } from './egress-classes.ts';
import { egressClassKey, gatewaysOfClass, restrictedClass } from './egress-classes.ts';
import type { EgressClass, EndpointInternet } from './gateway-configuration.ts';
import type { PrefixText } from './ip/prefix.ts';
import { everything } from './ip/prefix.ts';
import type { InternetAccess } from './internet-access.ts';
import { ownLane } from './lanes.ts';
import type { Connector, GatewaySite, WpcModel } from './model.ts';

/** endpointInternet is an InternetAccess as the gateway needs it. Throws RangeError if its class has no number, which the database sees to. */
export function endpointInternet(access: InternetAccess | undefined, numbers: EgressClassNumbers): EndpointInternet {
  if (access === undefined || access.mode === 'SPLIT_TUNNEL_ON') return { kind: 'local' };
  const key = egressClassKey(access);
  const number = key === undefined ? undefined : numbers[key];
  if (number === undefined) throw new RangeError(`no number was given to the egress class ${String(key)}`);
  return { kind: 'tunnel', class: `e${number}`, bypass: access.bypass };
}

/**
 * compileEgress gives every class its candidates: connectors of egress networks that have a lane of their own here (on a shared lane its
 * owner of 0/0 could speak for the others). Those of this gateway's own region come first, then the order of networks and connectors.
 */
export function compileEgress(
  model: WpcModel,
  gateway: GatewaySite,
  connectors: readonly Connector[],
): Record<EgressClassId, EgressClass> {
  const [ownRegion] = gateway.regions;
  const order = new Map(model.networks.filter(({ egress }) => egress).map(({ id }, index) => [id, index]));
  const all = connectors
    .flatMap((connector) => {
      const network = connector.site.kind === 'network' ? connector.site.id : undefined;
      const position = network === undefined ? undefined : order.get(network);
      if (network === undefined || position === undefined || connector.suspended) return [];
      if (ownLane(model.laneAssignment, connector.id, gateway.connectorLanes) === null) return [];
      return [{ endpoint: `connector:${connector.id}` as const, network, far: connector.region === ownRegion ? 0 : 1, position }];
    })
    // Stable: connectors of one network stay in their order.
    .sort((a, b) => a.far - b.far || a.position - b.position);
  const classes: Record<EgressClassId, EgressClass> = {};
  for (const [key, number] of Object.entries(model.egressClassNumbers)) {
    const allowed = gatewaysOfClass(key);
    classes[`e${number}`] = {
      destinations: key === restrictedClass ? model.dnsServers.map((address) => `${address}/32` as PrefixText) : [everything],
      candidates: all.filter(({ network }) => allowed === null || allowed.has(network)).map(({ endpoint }) => endpoint),
    };
  }
  return classes;
}

import type { HostId, NetworkId } from '../../core/ids.ts';
import { tryParseAddress } from '../../core/ip/address.ts';
import { containsAddress, strictPrefix } from '../../core/ip/prefix.ts';
import type { WpcModel } from '../../core/model.ts';
import type { TraceEnd } from '../../core/trace/flow-packet.ts';
import type { Concern } from './read-trace-input.ts';

/**
 * concernOf says whose machines a flow between two ends may pass: connectors of the sites where they stand, and those of the internet
 * gateways where an end stands at none.
 */
export function concernOf(model: WpcModel, ends: readonly TraceEnd[]): Concern {
  const sites = new Set(ends.flatMap((end) => sitesOf(model, end)));
  return {
    connectors: model.connectors.filter(({ site }) => sites.has(site.id)).map(({ id }) => id),
    networks: model.networks.filter(({ id }) => sites.has(id)).map(({ id }) => id),
  };
}

/** everythingOf is what the doctor looks at. */
export function everythingOf(model: WpcModel): Concern {
  return { connectors: model.connectors.map(({ id }) => id), networks: model.networks.map(({ id }) => id) };
}

function sitesOf({ connectors, devices, networks }: WpcModel, { object, address }: TraceEnd): readonly (NetworkId | HostId)[] {
  const connector = connectors.find((each) => each.address === address);
  if (connector !== undefined) return [connector.site.id];
  if (object.kind === 'gateway' || devices.some((device) => device.address === address)) return [];
  const parsed = tryParseAddress(address);
  const inside = networks.filter(
    ({ prefixes }) => parsed !== undefined && prefixes.some((prefix) => containsAddress(strictPrefix(prefix), parsed)),
  );
  return (inside.length > 0 ? inside : networks.filter(({ egress }) => egress)).map(({ id }) => id);
}

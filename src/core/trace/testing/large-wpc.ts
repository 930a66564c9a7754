import { compile } from '../../compile.ts';
import { exampleGateway, exampleId, exampleWpc } from '../../example-wpc.ts';
import type { ConnectorId, EndpointId, UserGroupId } from '../../ids.ts';
import { strictAddress, formatAddress, addressPlus } from '../../ip/address.ts';
import { firstAddress, strictPrefix } from '../../ip/prefix.ts';
import type { WpcModel } from '../../model.ts';
import type { Attachment, ObservedMachine, TraceInput } from '../input.ts';
import { connectorSections, observedAt } from './connector-sections.ts';

/**
 * largeInput is a WPC of this size in which everything is connected and every connector has reported: each network with one prefix, one
 * connector and NAT, each group with one person and one device.
 */
export function largeInput({ networks, groups }: { networks: number; groups: number }): TraceInput {
  const base = exampleWpc({ networks, devices: groups });
  const model: WpcModel = {
    ...base,
    userGroups: base.users.map((_, index) => ({
      id: exampleId(3, index) as UserGroupId,
      name: `group ${String(index)}`,
      internet: { mode: 'SPLIT_TUNNEL_ON' },
      connectAuth: 'NO_AUTH',
    })),
    users: base.users.map((user, index) => ({ ...user, group: exampleId(3, index) as UserGroupId })),
  };
  const configuration = compile(model, exampleGateway);
  const attached = Object.keys(configuration.endpoints).map((id): [EndpointId, Attachment] => [
    id as EndpointId,
    { lane: 'u0', since: observedAt, clientAddress: null },
  ]);
  return {
    model,
    configuration,
    observed: {
      now: observedAt,
      attached: new Map(attached),
      owners: new Map(),
      gateway: { reportedAt: observedAt, problems: [] },
      machines: new Map(machinesOf(model)),
      platforms: new Map(),
      statements: new Map(),
      clouds: new Map(),
      probes: [],
    },
  };
}

function machinesOf({ connectors, networks }: WpcModel): readonly [ConnectorId, ObservedMachine][] {
  const routes = networks.flatMap(({ prefixes }) => prefixes);
  return connectors.flatMap(({ id, address }, index): [ConnectorId, ObservedMachine][] => {
    const own = networks[index]?.prefixes[0];
    if (own === undefined) return [];
    const prefix = strictPrefix(own);
    const at = (offset: number) => formatAddress(addressPlus(firstAddress(prefix), offset) ?? strictAddress('0.0.0.0'));
    const plan = {
      tunnelAddress: address,
      lanAddress: `${at(10)}/${String(prefix.length)}`,
      lanSubnet: own,
      router: at(1),
      tunnelRoutes: ['100.96.0.0/11', ...routes.filter((route) => route !== own).slice(0, 20)],
      masqueraded: ['100.96.0.0/11'],
    };
    return [[id, connectorSections(plan)]];
  });
}

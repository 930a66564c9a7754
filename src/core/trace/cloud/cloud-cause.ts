import { platformOf } from '../../platforms/catalogue.ts';
import type { Cause, Facts } from '../cause.ts';
import type { FindingCode } from '../finding-code.ts';
import type { Packet } from '../packet.ts';
import { viewOf } from '../packet.ts';
import type { CloudId, CloudState, NetworkCard } from './cloud-state.ts';

/** Blamed is an object of the cloud, and what stands around it: parameters of the platform's texts are taken from it. */
export type Blamed = {
  readonly id: string;
  readonly label: string;
  readonly table?: string;
  /** The connector's. */
  readonly card?: NetworkCard | undefined;
  readonly serverFilters?: readonly string[];
  readonly connectorFilters?: readonly string[];
};

/**
 * cloudCause is a cause with what the fixes of a cloud need: `platform` and its `parameters` as core/platforms/clouds/ names them (only
 * those whose value is known and well formed), `resource` the blamed object, the packet's addresses and port.
 */
export function cloudCause(state: CloudState, code: FindingCode, blamed: Blamed, packet: Packet, facts: Facts = {}): Cause {
  const view = viewOf(packet);
  return {
    code,
    object: { kind: 'cloud', id: blamed.id, label: blamed.label },
    facts: {
      source: view.source,
      destination: view.destination,
      protocol: packet.protocol,
      ...(view.destinationPort === null ? {} : { port: view.destinationPort }),
      platform: state.cloud,
      parameters: parameters(state, blamed),
      resource: blamed.id,
      ...facts,
    },
  };
}

function parameters(state: CloudState, blamed: Blamed): Readonly<Record<string, string>> {
  const candidates = named(state, blamed);
  return Object.fromEntries(
    platformOf(state.cloud).parameters.flatMap(({ name, pattern, many }): [string, string][] => {
      const values = (candidates[name] ?? []).filter((value) => pattern.test(value));
      const [first] = values;
      return first === undefined ? [] : [[name, many ? values.join(',') : first]];
    }),
  );
}

type Candidates = Readonly<Record<string, readonly string[]>>;

function named(state: CloudState, { table, card, serverFilters = [], connectorFilters = [] }: Blamed): Candidates {
  const tables = table === undefined ? [] : [table];
  const cardId = card === undefined ? [] : [card.id];
  const aliases = card?.aliases ?? [];
  const byCloud = {
    aws: {
      routeTables: tables,
      networkInterface: cardId,
      serverSecurityGroups: serverFilters,
      connectorSecurityGroup: connectorFilters,
    },
    azure: {
      resourceGroup: [...tables, ...cardId, ...serverFilters].flatMap(resourceGroup),
      routeTable: tables.map(lastName),
      networkInterface: cardId.map(lastName),
      networkSecurityGroup: serverFilters.map(lastName),
    },
    gcp: { vpcNetwork: [lastName(state.id)], instance: aliases.map(lastName) },
    oci: { routeTable: tables, vnic: cardId, privateIp: aliases, networkSecurityGroup: serverFilters },
    digitalocean: { vpc: [state.id], subnet: tables, droplet: aliases },
    hetzner: { network: [state.label, state.id] },
    alibaba: { routeTable: tables, instance: aliases },
  } satisfies Record<CloudId, Candidates>;
  return byCloud[state.cloud];
}

/** The last part of a path: resource ids of Azure, links of Google Cloud. */
function lastName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function resourceGroup(id: string): readonly string[] {
  const found = /\/resourceGroups\/([^/]+)\//i.exec(id)?.[1];
  return found === undefined ? [] : [found];
}

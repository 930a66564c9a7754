import type { AddressText } from '../../ip/address.ts';
import { tryParseAddress, formatAddress } from '../../ip/address.ts';
import type { PrefixText } from '../../ip/prefix.ts';
import { everything } from '../../ip/prefix.ts';
import type { PlatformId } from '../../platforms/catalogue.ts';
import type { LanStatement } from '../statement.ts';
import type { CloudId, CloudState, NetworkCard, Reading, Route, RouteTable } from './cloud-state.ts';
import { cloudIds } from './cloud-state.ts';

/** Known is what is known of a site in a cloud without its API. */
export type Known = {
  readonly platform: PlatformId;
  /** Names of the cloud's parts: stated by the operator, or detected (core/platforms/detect-platform.ts). */
  readonly parameters: Readonly<Record<string, string>>;
  /** The section `platform` of the connector's agent, if there is one. */
  readonly section: string | null;
  /** The connector's LAN address. */
  readonly connector: AddressText;
  /** The network's own prefixes. */
  readonly prefixes: readonly PrefixText[];
  readonly statement: LanStatement;
  /** When the agent or the operator said it, ISO 8601. */
  readonly at: string;
};

/**
 * leastCloud is the state of a cloud that nobody has asked: the connector's card with the names that its machine gave, and the routes that the
 * operator stated. Everything else is not read, so a trace says what it could not decide. Undefined where the site is in no cloud.
 */
export function leastCloud(known: Known): CloudState | undefined {
  const cloud = cloudIds.find((id) => id === known.platform);
  if (cloud === undefined) return undefined;
  const facts = metadataOf(known.section);
  const card = connectorCard(cloud, known, facts);
  const reading: Reading = {
    from: (known.statement.router?.routes ?? null) === null && facts.size > 0 ? 'metadata' : 'statement',
    at: known.at,
  };
  const id = networkOf(cloud, known.parameters, facts, card.id) ?? cloud;
  return {
    cloud,
    id,
    label: id,
    reading,
    ranges: known.prefixes,
    cards: [card],
    subnets: [],
    tables: statedTables(known.parameters, known.statement),
    filters: null,
  };
}

/** The operator has one list of routes, for all subnets. */
function statedTables(parameters: Known['parameters'], { router }: LanStatement): readonly RouteTable[] | null {
  const stated = router?.routes ?? null;
  if (stated === null) return null;
  const id = parameters['routeTables']?.split(',')[0] ?? parameters['routeTable'] ?? 'stated routes';
  const routes = stated.map(({ destination, nextHop }) => user(destination, { kind: 'address', address: nextHop }));
  // Routes to the internet are not what is asked for, and there is one: the connector's tunnel goes over it.
  const isStated = stated.some(({ destination }) => destination === everything);
  const internet = user(everything, { kind: 'internet', name: 'internet' });
  return [{ id, label: id, main: true, routes: isStated ? routes : [...routes, internet] }];
}

function user(destination: PrefixText, target: Route['target']): Route {
  return { destination, target, state: 'active', origin: 'user', priority: null, tags: null };
}

/** Lines KEY=VALUE of agent/platform.sh. They come from the connector's machine: they name things, and decide nothing. */
function metadataOf(section: string | null): ReadonlyMap<string, string> {
  const lines = (section ?? '').split('\n').flatMap((line): [string, string][] => {
    const equals = line.indexOf('=');
    return equals < 1 ? [] : [[line.slice(0, equals), line.slice(equals + 1).trim()]];
  });
  return new Map(lines.filter(([key, value]) => /^(?:aws|azure|google)\./.test(key) && /^[\x21-\x7e ]{1,400}$/.test(value)));
}

function connectorCard(cloud: CloudId, { parameters, connector }: Known, facts: ReadonlyMap<string, string>): NetworkCard {
  const mac = macWith(facts, connector);
  const ofMac = (key: string) => (mac === undefined ? undefined : facts.get(`aws.${mac}/${key}`));
  const id = ofMac('interface-id') ?? parameters['networkInterface'] ?? parameters['vnic'] ?? connector;
  const aliases = [
    ...['aws.instance-id', 'google.name', 'azure.name'].map((key) => facts.get(key)),
    ...['instance', 'privateIp', 'droplet'].map((name) => parameters[name]),
  ].filter((name) => name !== undefined);
  const others = (ofMac('local-ipv4s') ?? '').split(' ').flatMap((text) => {
    const address = tryParseAddress(text);
    return address === undefined || formatAddress(address) === connector ? [] : [formatAddress(address)];
  });
  return {
    id,
    label: id,
    aliases: [...new Set(aliases)],
    addresses: [connector, ...others],
    subnet: null,
    // No metadata service says it.
    forwards: null,
    refusal: null,
    filters: null,
    tags: cloud === 'gcp' ? null : [],
  };
}

function macWith(facts: ReadonlyMap<string, string>, address: AddressText): string | undefined {
  for (const [key, value] of facts) {
    if (key.endsWith('/local-ipv4s') && value.split(' ').includes(address))
      return key.slice('aws.'.length, -'/local-ipv4s'.length);
  }
  return undefined;
}

function networkOf(
  cloud: CloudId,
  parameters: Known['parameters'],
  facts: ReadonlyMap<string, string>,
  card: string,
): string | undefined {
  switch (cloud) {
    case 'aws': {
      const key = [...facts].find(([name, value]) => name.endsWith('/interface-id') && value === card)?.[0];
      return key === undefined ? undefined : facts.get(key.replace(/interface-id$/, 'vpc-id'));
    }
    case 'gcp':
      return parameters['vpcNetwork'] ?? facts.get('google.network-interfaces/0/network');
    case 'digitalocean':
      return parameters['vpc'];
    case 'hetzner':
      return parameters['network'];
    case 'azure':
    case 'oci':
    case 'alibaba':
      return undefined;
  }
}

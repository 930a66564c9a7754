import type { GatewayConfiguration } from '../core/gateway-configuration.ts';
import { formatAddress, tryParseAddress } from '../core/ip/address.ts';
import { formatPrefix, tryParsePrefix } from '../core/ip/prefix.ts';
import type { JsonObject } from './kernel/json.ts';
import { isObject } from './kernel/json.ts';

/** ConfigurationError says what in a configuration is not as its type promises, with the path to it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const patterns = {
  lane: /^[utch](0|[1-9]\d{0,2})$/,
  endpoint: new RegExp(`^(connector|device):${uuid}$`),
  uuid: new RegExp(`^${uuid}$`),
  serial: /^[0-9a-f]{32}$/,
  egressClass: /^e[1-9]\d{0,3}$/,
};

/**
 * checkConfiguration checks what came from the stream or from disk before anything of it reaches `ip`, `nft` or openvpn. It is written by
 * hand because it runs on each revision of a gateway with 5,000 endpoints. Throws ConfigurationError.
 */
export function checkConfiguration(value: unknown): GatewayConfiguration {
  const root = object(value, 'configuration');
  if (!Number.isSafeInteger(root['revision'])) wrong('revision', root['revision'], 'a whole number');
  const gateway = object(root['gateway'], 'gateway');
  matches(gateway['id'], patterns.uuid, 'gateway.id');
  address(gateway['address'], 'gateway.address');
  const ranges = array(gateway['tunnelRanges'], 'gateway.tunnelRanges');
  ranges.forEach((range, index) => prefix(range, `gateway.tunnelRanges[${String(index)}]`));
  for (const list of ['publicAddresses', 'dnsServers'] as const) {
    array(gateway[list], `gateway.${list}`).forEach((text, index) => anyAddress(text, `gateway.${list}[${String(index)}]`));
  }
  entries(root, 'lanes', patterns.lane, checkLane);
  entries(root, 'endpoints', patterns.endpoint, checkEndpoint);
  entries(root, 'certificates', patterns.serial, (endpoint, path) => matches(endpoint, patterns.endpoint, path));
  for (const [name, site] of Object.entries(object(root['prefixes'], 'prefixes'))) {
    const path = `prefixes["${name.slice(0, 60)}"]`;
    prefix(name, path);
    const { network } = object(site, path);
    matches(network, patterns.uuid, `${path}.network`);
  }
  entries(root, 'networks', patterns.uuid, checkNetwork);
  entries(root, 'egress', patterns.egressClass, checkEgressClass);
  // Every field was looked at above; the compiler cannot follow that.
  return value as GatewayConfiguration;
}

function checkLane(value: unknown, path: string): void {
  const { kind, protocol, port, owner } = object(value, path);
  oneOf(kind, ['user', 'shared', 'connector', 'handover'], `${path}.kind`);
  oneOf(protocol, ['udp', 'tcp'], `${path}.protocol`);
  if (!Number.isInteger(port) || Number(port) < 1 || Number(port) > 65_535) wrong(`${path}.port`, port, 'a port from 1 to 65535');
  if (kind === 'connector') matches(owner, patterns.uuid, `${path}.owner`);
}

function checkEndpoint(value: unknown, path: string): void {
  const endpoint = object(value, path);
  oneOf(endpoint['kind'], ['connector', 'device'], `${path}.kind`);
  oneOf(endpoint['admission'], ['admitted', 'suspended'], `${path}.admission`);
  address(endpoint['address'], `${path}.address`);
  if (typeof endpoint['name'] !== 'string') wrong(`${path}.name`, endpoint['name'], 'text');
  if (endpoint['lane'] !== null) matches(endpoint['lane'], patterns.lane, `${path}.lane`);
  checkInternet(endpoint['internet'], `${path}.internet`);
  if (endpoint['kind'] !== 'connector') {
    checkAuthentication(endpoint['authentication'], `${path}.authentication`);
    checkMachine(endpoint['machine'], `${path}.machine`);
    return;
  }
  if (endpoint['network'] !== null) matches(endpoint['network'], patterns.uuid, `${path}.network`);
  boolean(endpoint['draining'], `${path}.draining`);
  array(endpoint['probeTargets'], `${path}.probeTargets`).forEach((target, index) =>
    address(target, `${path}.probeTargets[${String(index)}]`),
  );
}

function checkInternet(value: unknown, path: string): void {
  const internet = object(value, path);
  oneOf(internet['kind'], ['local', 'tunnel'], `${path}.kind`);
  if (internet['kind'] === 'local') return;
  matches(internet['class'], patterns.egressClass, `${path}.class`);
  array(internet['bypass'], `${path}.bypass`).forEach((text, index) => prefix(text, `${path}.bypass[${String(index)}]`));
}

function checkAuthentication(value: unknown, path: string): void {
  const authentication = object(value, path);
  oneOf(authentication['kind'], ['none', 'prior', 'every-time'], `${path}.kind`);
  if (authentication['kind'] !== 'prior') return;
  const { until } = authentication;
  if (until !== null && !Number.isSafeInteger(until)) wrong(`${path}.until`, until, 'milliseconds since 1970, or null');
}

function checkMachine(value: unknown, path: string): void {
  const { kind, machine } = object(value, path);
  oneOf(kind, ['none', 'learn', 'bound'], `${path}.kind`);
  if (kind === 'bound' && machine !== null && typeof machine !== 'string') wrong(`${path}.machine`, machine, 'text, or null');
}

function checkNetwork(value: unknown, path: string): void {
  const network = object(value, path);
  if (typeof network['name'] !== 'string') wrong(`${path}.name`, network['name'], 'text');
  array(network['connectors'], `${path}.connectors`).forEach((connector, index) =>
    matches(connector, patterns.endpoint, `${path}.connectors[${String(index)}]`),
  );
  boolean(network['sharing'], `${path}.sharing`);
  boolean(network['egress'], `${path}.egress`);
  checkInternet(network['internet'], `${path}.internet`);
}

function checkEgressClass(value: unknown, path: string): void {
  const egressClass = object(value, path);
  array(egressClass['destinations'], `${path}.destinations`).forEach((text, index) =>
    prefix(text, `${path}.destinations[${String(index)}]`),
  );
  array(egressClass['candidates'], `${path}.candidates`).forEach((endpoint, index) =>
    matches(endpoint, patterns.endpoint, `${path}.candidates[${String(index)}]`),
  );
}

function entries(root: JsonObject, name: string, key: RegExp, check: (value: unknown, path: string) => void): void {
  for (const [entry, value] of Object.entries(object(root[name], name))) {
    matches(entry, key, `key of ${name}`);
    check(value, `${name}["${entry}"]`);
  }
}

function address(value: unknown, path: string): void {
  const parsed = typeof value === 'string' ? tryParseAddress(value) : undefined;
  if (parsed?.family !== 4 || formatAddress(parsed) !== value) wrong(path, value, 'an IPv4 address in canonical form');
}

/** Also IPv6: what is not for lanes is left out where it is used. */
function anyAddress(value: unknown, path: string): void {
  const parsed = typeof value === 'string' ? tryParseAddress(value) : undefined;
  if (parsed === undefined || formatAddress(parsed) !== value) wrong(path, value, 'an address in canonical form');
}

function boolean(value: unknown, path: string): void {
  if (typeof value !== 'boolean') wrong(path, value, 'true or false');
}

function prefix(value: unknown, path: string): void {
  const parsed = typeof value === 'string' ? tryParsePrefix(value) : undefined;
  if (parsed === undefined || formatPrefix(parsed) !== value) wrong(path, value, 'a prefix in canonical form');
}

function matches(value: unknown, pattern: RegExp, path: string): void {
  if (typeof value !== 'string' || !pattern.test(value)) wrong(path, value, `text that matches ${String(pattern)}`);
}

function oneOf(value: unknown, allowed: readonly string[], path: string): void {
  if (typeof value !== 'string' || !allowed.includes(value)) wrong(path, value, `one of ${allowed.join(', ')}`);
}

function object(value: unknown, path: string): JsonObject {
  if (!isObject(value)) wrong(path, value, 'an object');
  return value;
}

function array(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) wrong(path, value, 'a list');
  return value;
}

function wrong(path: string, value: unknown, allowed: string): never {
  const shown = (JSON.stringify(value) ?? 'nothing').slice(0, 80);
  throw new ConfigurationError(`${path} is ${shown}, and ${allowed} is expected`);
}

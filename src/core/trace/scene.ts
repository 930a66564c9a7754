import type { Endpoint } from '../gateway-configuration.ts';
import type { ConnectorId, DeviceId, EndpointId, NetworkId, UserId } from '../ids.ts';
import type { Address, AddressText } from '../ip/address.ts';
import { formatAddress } from '../ip/address.ts';
import type { Prefix } from '../ip/prefix.ts';
import { containsAddress, strictPrefix } from '../ip/prefix.ts';
import { PrefixTrie } from '../ip/trie.ts';
import type { Connector, Device, Network, User } from '../model.ts';
import type { LanAddress } from '../site-routes/lan-address.ts';
import { lanAddressOf } from '../site-routes/lan-address.ts';
import type { TraceInput } from './input.ts';
import type { LinuxMachine } from './linux-machine.ts';
import { linuxMachine } from './linux-machine.ts';
import type { ProbeKind, ProbeResult } from './probe.ts';
import type { LanStatement } from './statement.ts';

/** Scene is a TraceInput with what a walk looks up in it. */
export type Scene = {
  readonly input: TraceInput;
  readonly ranges: readonly Prefix[];
  readonly networkOf: (address: Address) => Network | undefined;
  readonly endpointAt: (address: Address) => EndpointId | undefined;
  readonly endpoint: (id: EndpointId) => Endpoint | undefined;
  readonly network: (id: NetworkId) => Network | undefined;
  readonly connector: (id: ConnectorId) => Connector | undefined;
  /** In the model's order. */
  readonly connectorsOf: (site: NetworkId) => readonly Connector[];
  readonly device: (id: DeviceId) => { readonly device: Device; readonly user: User | undefined } | undefined;
  /** Undefined where its agent has reported nothing. Read from its sections once. */
  readonly machine: (id: ConnectorId) => LinuxMachine | undefined;
  readonly lan: (id: ConnectorId) => LanAddress | null;
  readonly statement: (id: NetworkId) => LanStatement;
  /** The answer to the small question. */
  readonly probe: (id: ConnectorId, kind: ProbeKind, target: AddressText, port: number | null) => ProbeResult | undefined;
  /** Answers to pings of a size that may not be cut, from a connector's LAN address. */
  readonly sizeProbes: (id: ConnectorId, target: AddressText) => readonly ProbeResult[];
};

const nothingStated: LanStatement = { router: null, servers: [] };

const remembered = new WeakMap<TraceInput, Scene>();

/** sceneOf indexes an input. It remembers the answer as long as the input lives: one input serves a million questions (compare.ts). */
export function sceneOf(input: TraceInput): Scene {
  const known = remembered.get(input);
  if (known !== undefined) return known;
  const scene = index(input);
  remembered.set(input, scene);
  return scene;
}

function index(input: TraceInput): Scene {
  const { model, configuration, observed } = input;
  const networks = new Map(model.networks.map((network) => [network.id, network]));
  const connectors = new Map(model.connectors.map((connector) => [connector.id, connector]));
  const bySite = Map.groupBy(model.connectors, ({ site }) => site.id as string);
  const users = new Map<UserId, User>(model.users.map((user) => [user.id, user]));
  const devices = new Map(model.devices.map((device) => [device.id, { device, user: users.get(device.user) }]));
  const prefixes = new PrefixTrie<NetworkId>(
    Object.entries(configuration.prefixes).map(([text, { network }]) => [strictPrefix(text), network] as const),
  );
  const endpoints = new Map(Object.entries(configuration.endpoints).map(([id, { address }]) => [address, id as EndpointId]));
  const sized = observed.probes.filter(({ question }) => question.bytes !== null);
  const sizes = Map.groupBy(sized, ({ connector, question }) => `${connector} ${question.target}`);
  const probes = new Map(
    observed.probes.filter(({ question }) => question.bytes === null).map((probe) => [probeKey(probe), probe]),
  );
  const machines = new Map<ConnectorId, LinuxMachine | undefined>();
  const lans = new Map<ConnectorId, LanAddress | null>();
  return {
    input,
    ranges: model.tunnelRanges.map((text) => strictPrefix(text)),
    networkOf: (address) => {
      const found = prefixes.lookup(address);
      return found === undefined ? undefined : networks.get(found.value);
    },
    endpointAt: (address) => endpoints.get(formatAddress(address)),
    endpoint: (id) => configuration.endpoints[id],
    network: (id) => networks.get(id),
    connector: (id) => connectors.get(id),
    connectorsOf: (site) => bySite.get(site) ?? [],
    device: (id) => devices.get(id),
    machine: (id) => {
      if (!machines.has(id)) {
        const machine = observed.machines.get(id);
        machines.set(id, machine === undefined ? undefined : linuxMachine(machine));
      }
      return machines.get(id);
    },
    lan: (id) => {
      const known = lans.get(id);
      if (known !== undefined) return known;
      const sections = observed.machines.get(id)?.sections;
      const site = connectors.get(id)?.site;
      const own = site?.kind === 'network' ? (networks.get(site.id)?.prefixes ?? []) : [];
      const found = lanAddressOf({ addr: sections?.get('addr')?.body, route: sections?.get('route')?.body }, own);
      lans.set(id, found);
      return found;
    },
    statement: (id) => observed.statements.get(id) ?? nothingStated,
    probe: (id, kind, target, port) => probes.get(`${id} ${kind} ${target} ${String(port)}`),
    sizeProbes: (id, target) => sizes.get(`${id} ${target}`) ?? [],
  };
}

/** The last of several counts: they are in the order in which they were asked. */
function probeKey({ connector, question: { kind, target, port } }: ProbeResult): string {
  return `${connector} ${kind} ${target} ${String(port)}`;
}

export function inRanges(scene: Scene, address: Address): boolean {
  return scene.ranges.some((range) => containsAddress(range, address));
}

export function isAttached(scene: Scene, id: EndpointId): boolean {
  return scene.input.observed.attached.has(id);
}

import type { Address } from '../ip/address.ts';
import { formatAddress, parseAddress } from '../ip/address.ts';
import { containsAddress, hostPrefix, strictPrefix } from '../ip/prefix.ts';
import { quoteInput } from '../ip/quote-input.ts';
import { objectionTo } from '../ip/reserved.ts';
import type { Connector, Device, Host, Network, User } from '../model.ts';
import type { TraceEnd } from './flow-packet.ts';
import { nearestNames } from './edit-distance.ts';
import type { Named } from './end-names.ts';
import { deviceNames, named } from './end-names.ts';
import { exampleAddress } from './example-address.ts';
import type { TraceInput } from './input.ts';

/** EndCandidate is one thing that a text may mean: `text` means it alone, `what` is for people. */
export type EndCandidate = { readonly text: string; readonly what: string };

/**
 * FoundEnd is what a text of SRC or DST means. `found` may carry a remark: which address or device was chosen where there were several, and
 * why. `reason` is one line, lower case, without full stop.
 */
export type FoundEnd =
  | { readonly kind: 'found'; readonly end: TraceEnd; readonly remark: string | null }
  | { readonly kind: 'ambiguous'; readonly reason: string; readonly candidates: readonly EndCandidate[] }
  /** Nothing has this name or address; `nearest` are texts that are probably meant. */
  | { readonly kind: 'unknown'; readonly reason: string; readonly nearest: readonly string[] }
  /** Nothing can be sent from or to there; `reason` says what would be needed. */
  | { readonly kind: 'outside'; readonly reason: string };

export type EndSide = 'source' | 'destination';

/** What is read of a TraceInput. */
export type EndInput = Pick<TraceInput, 'model' | 'configuration'> & {
  readonly observed: Pick<TraceInput['observed'], 'attached' | 'statements' | 'machines'>;
};

const mostCandidates = 20;
const mostNearest = 5;

/**
 * findEnd reads SRC or DST of a trace: an address, `user`, `user/device`, `network:NAME`, `host:NAME`, `connector:NAME`, and `user:NAME` or
 * `device:NAME` for names that look like something else; an id may stand for each NAME. Total: any text has one of the four answers.
 */
export function findEnd(input: EndInput, text: string, side: EndSide): FoundEnd {
  const parsed = parseAddress(text);
  if (parsed.ok) return endAtAddress(input, parsed.value, side);
  const [, kind, name = ''] = /^(user|device|network|host|connector):(.*)$/s.exec(text) ?? [];
  const found = kind === undefined ? byBareName(input, text) : byKind(input, kind as NamedKind, name);
  if (found !== undefined) return found;
  if (/^[0-9.]+$/.test(text)) return { kind: 'unknown', reason: parsed.reason, nearest: [] };
  if (/^[0-9a-fA-F.:]+\/\d+$/.test(text)) {
    return { kind: 'unknown', reason: `${quoteInput(text)} is a prefix; give one address of it, or network:NAME`, nearest: [] };
  }
  return unknownName(input, text, kind as NamedKind | undefined, name);
}

type NamedKind = 'user' | 'device' | 'network' | 'host' | 'connector';

function byKind(input: EndInput, kind: NamedKind, name: string): FoundEnd | undefined {
  const { model } = input;
  switch (kind) {
    case 'network':
      return one('network', named(model.networks, name), (network) => networkEnd(input, network));
    case 'host':
      return one('host', named(model.hosts, name), (host) => hostEnd(input, host));
    case 'connector':
      return one('connector', named(model.connectors, name), (connector) => found(connectorEnd(connector)));
    case 'user':
      return one('user', named(model.users, name), (user) => userEnd(input, user));
    case 'device':
      return one('device', named(model.devices, name), (device) => found(deviceEnd(input, device)));
  }
}

/** Without a kind it is a user, or a device of one. User names may hold a slash too, so the whole text is compared. */
function byBareName(input: EndInput, text: string): FoundEnd | undefined {
  const users = named(input.model.users, text);
  if (users.length > 0) return one('user', users, (user) => userEnd(input, user));
  const owners = new Map(input.model.users.filter(({ name }) => text.startsWith(`${name}/`)).map((user) => [user.id, user]));
  const devices = input.model.devices.filter(({ user, name }) => {
    const owner = owners.get(user);
    return owner !== undefined && text === `${owner.name}/${name}`;
  });
  return one('device', devices, (device) => found(deviceEnd(input, device)));
}

function one<Thing extends Named>(
  kind: NamedKind,
  things: readonly Thing[],
  meant: (thing: Thing) => FoundEnd,
): FoundEnd | undefined {
  const [only] = things;
  if (only === undefined) return undefined;
  if (things.length === 1) return meant(only);
  const candidates = things.slice(0, mostCandidates).map(({ id, name }) => ({ text: `${kind}:${id}`, what: `${kind} ${name}` }));
  return { kind: 'ambiguous', reason: `${String(things.length)} ${kind}s have this name`, candidates };
}

function found(end: TraceEnd, remark: string | null = null): FoundEnd {
  return { kind: 'found', end, remark };
}

function userEnd(input: EndInput, user: User): FoundEnd {
  const devices = input.model.devices.filter((device) => device.user === user.id);
  const [first] = devices;
  if (first === undefined) {
    return { kind: 'unknown', reason: `the user ${quoteInput(user.name)} has no device that could send or receive`, nearest: [] };
  }
  if (devices.length === 1) return found(deviceEnd(input, first));
  const connected = devices.filter(({ id }) => input.observed.attached.has(`device:${id}`));
  const [only] = connected;
  if (only !== undefined && connected.length === 1) {
    const end = deviceEnd(input, only);
    return found(end, `${quoteInput(end.object.label)} is meant: it is the only device of this user that is connected`);
  }
  const state = connected.length === 0 ? 'none is' : `${String(connected.length)} are`;
  return {
    kind: 'ambiguous',
    reason: `the user ${quoteInput(user.name)} has ${String(devices.length)} devices, and ${state} connected`,
    candidates: devices.slice(0, mostCandidates).map((device) => ({
      text: textOf(input, device, devices),
      what: `device ${device.address}${connected.includes(device) ? ', connected' : ''}`,
    })),
  };
}

/** Devices of one user may share a name; then only the id tells them apart. */
function textOf({ model }: EndInput, device: Device, siblings: readonly Device[]): string {
  const alone = siblings.filter(({ name }) => name === device.name).length === 1;
  return alone ? deviceNames(model)(device) : `device:${device.id}`;
}

/** A host has the tunnel address of its connector; of several, one that is connected. */
function hostEnd({ model, observed }: EndInput, host: Host): FoundEnd {
  const connectors = model.connectors.filter(({ site }) => site.id === host.id);
  const chosen = connectors.find(({ id }) => observed.attached.has(`connector:${id}`)) ?? connectors[0];
  if (chosen === undefined) {
    return { kind: 'outside', reason: `the host ${quoteInput(host.name)} has no connector, and so no address; add one` };
  }
  const remark =
    connectors.length === 1 ? null : `${chosen.address} is meant, the address of its connector ${quoteInput(chosen.name)}`;
  return found({ object: { kind: 'host', id: host.id, label: host.name }, address: chosen.address }, remark);
}

function networkEnd(input: EndInput, network: Network): FoundEnd {
  const example = exampleAddress(input, network);
  if (example === undefined) {
    const needed = `add the prefix of its LAN, or name an address`;
    return { kind: 'outside', reason: `the network ${quoteInput(network.name)} has no prefix; ${needed}` };
  }
  return found({ object: { kind: 'network', id: network.id, label: network.name }, address: example.address }, example.why);
}

function connectorEnd({ id, name, address }: Connector): TraceEnd {
  return { object: { kind: 'connector', id, label: name }, address };
}

function deviceEnd({ model }: EndInput, device: Device): TraceEnd {
  return { object: { kind: 'device', id: device.id, label: deviceNames(model)(device) }, address: device.address };
}

function endAtAddress(input: EndInput, address: Address, side: EndSide): FoundEnd {
  const { model, configuration } = input;
  const text = formatAddress(address);
  if (address.family === 6) {
    return {
      kind: 'outside',
      reason: `${text} is IPv6, which this version does not carry; give the IPv4 address of the same machine`,
    };
  }
  const objection = objectionTo(hostPrefix(address), 'network-prefix');
  if (objection !== undefined) return { kind: 'outside', reason: `${objection.reason}: no machine can be reached there` };
  if (text === configuration.gateway.address) {
    return found({ object: { kind: 'gateway', id: configuration.gateway.id, label: 'gateway' }, address: text });
  }
  const device = model.devices.find((each) => each.address === text);
  if (device !== undefined) return found(deviceEnd(input, device));
  const connector = model.connectors.find((each) => each.address === text);
  if (connector !== undefined) return found(connectorEnd(connector));
  const range = model.tunnelRanges.find((each) => containsAddress(strictPrefix(each), address));
  if (range !== undefined) {
    return {
      kind: 'unknown',
      reason: `${text} lies in the WPC's own range ${range}, and no device or connector has it`,
      nearest: [],
    };
  }
  const inside = model.networks.some(({ prefixes }) => prefixes.some((each) => containsAddress(strictPrefix(each), address)));
  // What is outside as a destination may be the internet, or a prefix that is missing: the trace itself says which, and what to do.
  if (inside || side === 'destination') return found({ object: { kind: 'server', id: text, label: text }, address: text });
  const needed = 'add a prefix that contains it to the network where it stands, or name the device by its tunnel address or user';
  return {
    kind: 'outside',
    reason: `${text} belongs to no network, device or connector, so it cannot send into the WPC; ${needed}`,
  };
}

function unknownName({ model }: EndInput, text: string, kind: NamedKind | undefined, name: string): FoundEnd {
  const names = (things: readonly Named[]) => things.map((each) => each.name);
  const all: Readonly<Record<NamedKind, readonly string[]>> = {
    user: names(model.users),
    device: names(model.devices),
    network: names(model.networks),
    host: names(model.hosts),
    connector: names(model.connectors),
  };
  if (kind !== undefined) {
    const nearest = nearestNames(name, all[kind], mostNearest).map((each) => `${kind}:${each}`);
    return { kind: 'unknown', reason: `no ${kind} has the name or id ${quoteInput(name)}`, nearest };
  }
  // The bare name of something else than a user: its kind was left out.
  const lower = text.toLowerCase();
  const kindLeftOut = (['network', 'host', 'connector'] as const).flatMap((of) =>
    all[of].filter((each) => each.toLowerCase() === lower).map((each) => `${of}:${each}`),
  );
  const people = [...all.user, ...model.devices.map(deviceNames(model))];
  const nearest = [...new Set([...kindLeftOut, ...nearestNames(text, people, mostNearest)])].slice(0, mostNearest);
  return { kind: 'unknown', reason: `no user and no device has the name ${quoteInput(text)}`, nearest };
}

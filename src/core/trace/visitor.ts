import type { DeviceEndpoint } from '../gateway-configuration.ts';
import type { DeviceId, UserGroupId, UserId } from '../ids.ts';
import { nilId } from '../ids.ts';
import { addressPlus, formatAddress } from '../ip/address.ts';
import type { AddressText } from '../ip/address.ts';
import { firstAddress, prefixSize, strictPrefix } from '../ip/prefix.ts';
import type { Device } from '../model.ts';
import { withConnected } from './hypothesis.ts';
import type { TraceInput } from './input.ts';

export type Visited = { readonly input: TraceInput; readonly visitor: Device };

/**
 * withVisitor is the WPC as if somebody were connected to it: a person who is there, or one who is not suspended, or, before anybody was
 * invited, one who does not exist. Undefined where all tunnel addresses are taken. For questions about a network, not about a person.
 */
export function withVisitor(input: TraceInput): Visited | undefined {
  const suspended = new Set(input.model.users.filter((user) => user.suspended).map(({ id }) => id));
  const people = input.model.devices.filter(({ user }) => !suspended.has(user));
  const known = people.find(({ id }) => input.observed.attached.has(`device:${id}`)) ?? people[0];
  if (known !== undefined) return { input: withConnected(input, [known]), visitor: known };
  const address = freeAddress(input);
  if (address === undefined) return undefined;
  const visitor: Device = {
    id: nilId as DeviceId,
    name: 'a device',
    user: nilId as UserId,
    address,
    userLane: 0,
    authenticatedAt: null,
    clientUuid: '',
  };
  const endpoint: DeviceEndpoint = {
    kind: 'device',
    name: visitor.name,
    address,
    admission: 'admitted',
    lane: 'u0',
    internet: { kind: 'local' },
    authentication: { kind: 'none' },
    machine: { kind: 'none' },
  };
  const group = nilId as UserGroupId;
  const model = {
    ...input.model,
    userGroups: [
      ...input.model.userGroups,
      { id: group, name: '', internet: { mode: 'SPLIT_TUNNEL_ON' }, connectAuth: 'NO_AUTH' } as const,
    ],
    users: [...input.model.users, { id: visitor.user, name: 'somebody', group, suspended: false }],
    devices: [...input.model.devices, visitor],
  };
  const configuration = {
    ...input.configuration,
    endpoints: { ...input.configuration.endpoints, [`device:${visitor.id}` as const]: endpoint },
  };
  return { input: withConnected({ ...input, model, configuration }, [visitor]), visitor };
}

/** The first tunnel address that is neither the gateway's nor anybody's. */
function freeAddress({ model }: TraceInput): AddressText | undefined {
  const [text] = model.tunnelRanges;
  if (text === undefined) return undefined;
  const range = strictPrefix(text);
  const taken = new Set<string>([...model.connectors, ...model.devices].map(({ address }) => address));
  for (let offset = 2; BigInt(offset) + 1n < BigInt(prefixSize(range)); offset += 1) {
    const address = addressPlus(firstAddress(range), offset);
    if (address !== undefined && !taken.has(formatAddress(address))) return formatAddress(address);
  }
  return undefined;
}

import { containsAddress, tryParsePrefix } from '../../core/ip/prefix.ts';
import { tryParseAddress } from '../../core/ip/address.ts';
import type { Host } from '../../contract/api/host.ts';
import type { Network } from '../../contract/api/network.ts';
import type { User } from '../../contract/api/user.ts';

/** FoundObject is a line of the search: what it is, and why it was found. */
export type FoundObject = {
  readonly key: string;
  readonly kind: 'network' | 'connector' | 'host' | 'user' | 'device';
  readonly name: string;
  /** Its address or prefixes; empty where it has none. */
  readonly address: string;
  /** What it belongs to: the network of a connector, the user of a device. */
  readonly of: string;
  /** The page that shows it, and what there: a connector is shown with its network or host. */
  readonly shownBy: { readonly page: 'networks' | 'hosts' | 'users' | 'devices'; readonly id: string };
};

/** Searched is everything that has a name or an address. */
export type Searched = {
  readonly networks: readonly Network[];
  readonly hosts: readonly Host[];
  readonly users: readonly User[];
};

/** As many as a list that is read at a glance has. */
const mostFound = 12;

/**
 * findObjects gives what a text means: objects whose name or address contains it, and, for a whole address, the network that it lies in. What
 * begins with the text comes first.
 */
export function findObjects(searched: Searched, typed: string): readonly FoundObject[] {
  const text = typed.trim().toLocaleLowerCase();
  if (text === '') return [];
  const address = tryParseAddress(text);
  const ranked = allObjects(searched).flatMap(({ prefixes, ...object }) => {
    const within = address !== undefined && prefixes.some((prefix) => contains(prefix, address));
    const rank = within ? 0 : rankOf(text, object);
    return rank === undefined ? [] : [{ object, rank }];
  });
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, mostFound)
    .map(({ object }) => object);
}

function rankOf(text: string, { name, address }: FoundObject): number | undefined {
  const places = [name, address].map((field) => field.toLocaleLowerCase().indexOf(text)).filter((place) => place >= 0);
  if (places.length === 0) return undefined;
  return Math.min(...places) === 0 ? 1 : 2;
}

function contains(prefix: string, address: NonNullable<ReturnType<typeof tryParseAddress>>): boolean {
  const parsed = tryParsePrefix(prefix);
  return parsed !== undefined && containsAddress(parsed, address);
}

type WithPrefixes = FoundObject & { readonly prefixes: readonly string[] };

function allObjects({ networks, hosts, users }: Searched): readonly WithPrefixes[] {
  return [
    ...networks.flatMap((network): WithPrefixes[] => {
      const prefixes = network.routes.map(({ subnet }) => subnet);
      return [
        {
          key: network.id,
          kind: 'network',
          name: network.name,
          address: prefixes.join(', '),
          of: '',
          shownBy: { page: 'networks', id: network.id },
          prefixes,
        },
        ...network.connectors.map(
          ({ id, name, ipV4Address }): WithPrefixes => ({
            key: id,
            kind: 'connector',
            name,
            address: ipV4Address,
            of: network.name,
            shownBy: { page: 'networks', id: network.id },
            prefixes: [],
          }),
        ),
      ];
    }),
    ...hosts.map(
      ({ id, name, connectors }): WithPrefixes => ({
        key: id,
        kind: 'host',
        name,
        address: connectors.map(({ ipV4Address }) => ipV4Address).join(', '),
        of: '',
        shownBy: { page: 'hosts', id },
        prefixes: [],
      }),
    ),
    ...users.flatMap((user): WithPrefixes[] => [
      {
        key: user.id,
        kind: 'user',
        name: user.username,
        address: '',
        of: '',
        shownBy: { page: 'users', id: user.id },
        prefixes: [],
      },
      ...user.devices.map(
        ({ id, name, ipV4Address }): WithPrefixes => ({
          key: id,
          kind: 'device',
          name,
          address: ipV4Address,
          of: user.username,
          shownBy: { page: 'devices', id },
          prefixes: [],
        }),
      ),
    ]),
  ];
}

/** What a writer does next: one call of the API, and what it has then. Pure, drawn from a seed; nothing grows without an end. */
import { z } from 'zod';
import { labRegion } from '../../src/lab/actions/add-network.ts';
import type { Random } from '../chaos/random.ts';
import { between, oneOf } from '../chaos/random.ts';
import type { Holding, Holdings } from './holding.ts';
import { unknownId } from './holding.ts';

/** Change is one call; `after` gives what the writer has when it was done, with the ids of the answer or, without one, unknown ones. */
export type Change = {
  readonly what: string;
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  readonly after: (answer: unknown) => Holdings;
};

/** Writer says whose names and prefixes these are. */
export type Writer = { readonly number: number; readonly group: string };

const most = { networks: 2, prefixes: 3, users: 2, devices: 3 } as const;

const identified = z.object({ id: z.string() });
const madeNetwork = identified.extend({ routes: z.array(identified), connectors: z.array(identified) });

/** drawChange draws one; `count` is how many this writer has made, so that no name and no prefix comes twice at a time. */
export function drawChange(random: Random, writer: Writer, holdings: Holdings, count: number): Change {
  const all = [...holdings.values()];
  const networks = all.filter(({ kind }) => kind === 'network');
  const users = all.filter(({ kind }) => kind === 'user');
  const possible: (() => Change)[] = [];
  if (networks.length < most.networks) possible.push(() => addNetwork(writer, holdings, count));
  else possible.push(() => remove(holdings, oneOf(random, networks), '/api/v1/networks'));
  if (users.length < most.users) possible.push(() => addUser(writer, holdings, count));
  else possible.push(() => remove(holdings, oneOf(random, users), '/api/v1/users'));
  const changed = all.length === 0 ? undefined : oneOf(random, all);
  if (changed !== undefined) {
    possible.push(() => describe(holdings, changed, count));
    possible.push(() => changeParts(random, writer, holdings, changed, count));
    possible.push(() => changeParts(random, writer, holdings, changed, count));
  }
  return oneOf(random, possible)();
}

function addNetwork(writer: Writer, holdings: Holdings, count: number): Change {
  const name = `w${writer.number}-net-${count}`;
  const [prefix, connector] = [prefixOf(writer, count), `${name}-c`];
  return {
    what: `add network ${name}`,
    method: 'POST',
    path: '/api/v1/networks',
    body: { name, routes: [{ value: prefix }], connectors: [{ name: connector, vpnRegionId: labRegion }] },
    after: (answer) => {
      const made = answer === undefined ? undefined : madeNetwork.parse(answer);
      const parts = new Map([
        [prefix, made?.routes[0]?.id ?? unknownId],
        [connector, made?.connectors[0]?.id ?? unknownId],
      ]);
      return withHolding(holdings, { kind: 'network', id: made?.id ?? unknownId, name, text: '', parts });
    },
  };
}

function addUser(writer: Writer, holdings: Holdings, count: number): Change {
  const name = `w${writer.number}-user-${count}`;
  return {
    what: `add user ${name}`,
    method: 'POST',
    path: '/api/v1/users',
    body: {
      username: name,
      email: `${name}@example.com`,
      firstName: name,
      lastName: 'Jones',
      groupId: writer.group,
      role: 'MEMBER',
    },
    after: (answer) => withHolding(holdings, { kind: 'user', id: idOf(answer), name, text: name, parts: new Map() }),
  };
}

function describe(holdings: Holdings, holding: Holding, count: number): Change {
  const text = `text ${count}`;
  const network = holding.kind === 'network';
  return {
    what: `change ${holding.name}`,
    method: 'PUT',
    path: `/api/v1/${network ? 'networks' : 'users'}/${holding.id}`,
    body: network ? { description: text } : { firstName: text },
    after: () => withHolding(holdings, { ...holding, text }),
  };
}

function changeParts(random: Random, writer: Writer, holdings: Holdings, holding: Holding, count: number): Change {
  const network = holding.kind === 'network';
  const own = [...holding.parts].filter(([name]) => !network || name.includes('/'));
  const [part, id] = own.length === 0 ? [undefined, ''] : oneOf(random, own);
  const full = own.length >= (network ? most.prefixes : most.devices);
  if (part !== undefined && (full || between(random, 0, 3) === 0)) {
    const parts = new Map(holding.parts);
    parts.delete(part);
    return {
      what: `remove ${part} of ${holding.name}`,
      method: 'DELETE',
      path: network ? `/api/v1/networks/routes/${id}` : `/api/v1/devices/${id}?userId=${holding.id}`,
      after: () => withHolding(holdings, { ...holding, parts }),
    };
  }
  const name = network ? prefixOf(writer, count) : `device-${count}`;
  return {
    what: `add ${name} to ${holding.name}`,
    method: 'POST',
    path: network ? `/api/v1/networks/routes?networkId=${holding.id}` : `/api/v1/devices?userId=${holding.id}`,
    body: network ? { value: name } : { name },
    after: (answer) => withHolding(holdings, { ...holding, parts: new Map([...holding.parts, [name, idOf(answer)]]) }),
  };
}

function remove(holdings: Holdings, { name, id }: Holding, path: string): Change {
  const rest = new Map(holdings);
  rest.delete(name);
  return { what: `remove ${name}`, method: 'DELETE', path: `${path}/${id}`, after: () => rest };
}

function withHolding(holdings: Holdings, holding: Holding): Holdings {
  return new Map([...holdings, [holding.name, holding]]);
}

function idOf(answer: unknown): string {
  return answer === undefined ? unknownId : identified.parse(answer).id;
}

/** A writer has 256 prefixes of its own, and never more than a handful in use. */
function prefixOf({ number }: Writer, count: number): string {
  return `10.${100 + number}.${count % 256}.0/24`;
}

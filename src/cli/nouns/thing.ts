import { z } from 'zod';
import { apiCredentialRoutes } from '../../contract/api/api-credential.ts';
import { hostConnectorRoutes, networkConnectorRoutes } from '../../contract/api/connector.ts';
import { hostRoutes } from '../../contract/api/host.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { userRoutes } from '../../contract/api/user.ts';
import type { Named } from '../find-named.ts';
import { findNamed } from '../find-named.ts';
import { callApi } from '../server/call-api.ts';
import { listAll } from '../server/list-all.ts';
import type { ServerChoice } from '../server/server.ts';

/** What has a name and is found by it. */
export const thingKinds = ['network', 'host', 'connector', 'user', 'user group', 'device', 'API credential'] as const;
export type ThingKind = (typeof thingKinds)[number];

/** Thing is what a name stands for. `site` says of a connector at what it stands; `ofId` is the id of what `of` names. */
export type Thing = Named & { readonly ofId?: string; readonly site?: 'network' | 'host' };

// Only what finding needs, so that a field more or less in the API's answer is no trouble.
const named = z.object({ id: z.string(), name: z.string() });
const namedConnector = named.extend({ networkItemId: z.string() });
const namedUser = z.object({ id: z.string(), username: z.string(), devices: z.array(named) });

/** listThings gives all of one kind, in the API's order. */
export async function listThings(choice: ServerChoice, kind: ThingKind): Promise<Thing[]> {
  switch (kind) {
    case 'network':
      return await listAll(choice, networkRoutes.list.path, named);
    case 'host':
      return await listAll(choice, hostRoutes.list.path, named);
    case 'user group':
      return await listAll(choice, userGroupRoutes.list.path, named);
    case 'user':
      return (await listUsers(choice)).map(({ id, username }) => ({ id, name: username }));
    case 'device':
      return (await listUsers(choice)).flatMap(({ id: ofId, username: of, devices }) =>
        devices.map(({ id, name }) => ({ id, name, of, ofId })),
      );
    case 'connector':
      return [
        ...(await listConnectors(choice, 'network', networkConnectorRoutes.list.path)),
        ...(await listConnectors(choice, 'host', hostConnectorRoutes.list.path)),
      ];
    case 'API credential': {
      const { method, path } = apiCredentialRoutes.list;
      return await callApi(choice, { method, path }, z.array(named));
    }
  }
}

/** findThing gives the one of this name or id. Throws CliFailure (usage) with the candidates or the nearest names. */
export async function findThing(choice: ServerChoice, kind: ThingKind, wanted: string): Promise<Thing> {
  return findNamed(kind, await listThings(choice, kind), wanted);
}

/** NameOf gives the name of what has this id; the id itself where nothing has it, as it may just have been deleted. */
export type NameOf = (kind: ThingKind, id: string) => string;

/** namesOf reads the names of these kinds. */
export async function namesOf(choice: ServerChoice, kinds: readonly ThingKind[]): Promise<NameOf> {
  const lists = await Promise.all(kinds.map(async (kind) => [kind, await listThings(choice, kind)] as const));
  const names = new Map(lists.map(([kind, things]) => [kind, new Map(things.map(({ id, name }) => [id, name]))]));
  return (kind, id) => names.get(kind)?.get(id) ?? id;
}

async function listUsers(choice: ServerChoice): Promise<z.output<typeof namedUser>[]> {
  return await listAll(choice, userRoutes.list.path, namedUser);
}

async function listConnectors(choice: ServerChoice, site: 'network' | 'host', path: string): Promise<Thing[]> {
  const connectors = await listAll(choice, path, namedConnector);
  // Without connectors their sites need not be read.
  const sites = connectors.length === 0 ? [] : await listThings(choice, site);
  const names = new Map(sites.map(({ id, name }) => [id, name]));
  return connectors.map(({ id, name, networkItemId }) => ({
    id,
    name,
    site,
    ofId: networkItemId,
    of: names.get(networkItemId) ?? networkItemId,
  }));
}

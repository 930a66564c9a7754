import { z } from 'zod';
import { connectorRoles, shownHealths } from './connector-state.ts';
import { event } from './event.ts';
import { internetRefusal, internetUse } from './internet-gateway.ts';
import { defineRoute } from './route.ts';
import { traffic } from './traffic.ts';
import { internetAccessModes } from './words.ts';

const group = z.object({
  id: z.string(),
  name: z.string(),
  internetAccess: z.enum(internetAccessModes),
  /** Suspended people do not count. Online is who has a device that packets can reach. */
  people: z.int(),
  peopleOnline: z.int(),
  devicesOnline: z.int(),
  /** By the region of the gateway that they are connected to; only where somebody is. */
  regions: z.array(z.object({ regionId: z.string(), people: z.int(), devices: z.int(), traffic })),
});

const region = z.object({
  id: z.string(),
  name: z.string(),
  country: z.string(),
  /** Its place in the catalogue, which it keeps: what the map is ordered by. */
  order: z.int(),
  /** The region whose gateway serves it; null: there is no gateway at all. */
  servedBy: z.string().nullable(),
  /** Its own; null: another region's serves it. */
  gateway: z
    .object({
      id: z.string(),
      name: z.string(),
      reports: z.boolean(),
      reportedAt: z.iso.datetime().nullable(),
      lanes: z.int(),
      lanesUp: z.int(),
    })
    .nullable(),
});

const connector = z.object({
  id: z.string(),
  name: z.string(),
  regionId: z.string(),
  /** The region of the gateway that it is connected to, or would be; null: there is no gateway at all. */
  gatewayRegionId: z.string().nullable(),
  ipV4Address: z.string(),
  connectionStatus: z.enum(['ONLINE', 'OFFLINE']),
  suspended: z.boolean(),
  draining: z.boolean(),
  role: z.enum(connectorRoles),
  health: z.enum(shownHealths),
  healthReason: z.string(),
  traffic,
});

const site = {
  id: z.string(),
  name: z.string(),
  internetAccess: z.enum(internetAccessModes),
  connectors: z.array(connector),
};

export const overview = z.object({
  name: z.string(),
  /** Of the model that this shows, and the last event before it: follow the stream from there. */
  revision: z.int(),
  lastSeq: z.int(),
  at: z.iso.datetime(),
  /** A part is null where the credential may not read it. */
  counts: z.object({
    networks: z.int(),
    hosts: z.int(),
    connectors: z.int(),
    connectorsOnline: z.int(),
    users: z.int().nullable(),
    devices: z.int().nullable(),
    devicesOnline: z.int().nullable(),
  }),
  groups: z.array(group).nullable(),
  /** Those with a gateway, and those where a connector is. */
  regions: z.array(region),
  networks: z.array(z.object({ ...site, prefixes: z.array(z.string()), nat: z.string(), egress: z.boolean() })).nullable(),
  hosts: z.array(z.object({ ...site })).nullable(),
  /** Who leaves by which connector now, and whose internet traffic is refused. */
  internet: z.object({ uses: z.array(internetUse), refused: z.array(internetRefusal) }).nullable(),
  /** Newest first. */
  events: z.array(event).nullable(),
});
export type Overview = z.infer<typeof overview>;

export const overviewRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/overview',
    summary: 'Read what the map of the overview shows, in one answer',
    answer: overview,
  }),
};

import { z } from 'zod';
import { defaultInternetAccess, settingRoutes, tunnelRanges } from '../../contract/api/setting.ts';
import { retentionWith } from '../../core/retention.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { setTunnelRanges } from './tunnel-ranges.ts';
import {
  readWpcSettings,
  refuseOtherTopology,
  setDefaultInternetAccess,
  setDefaultRegion,
  setRetention,
  setWpcName,
} from './wpc-settings.ts';

const read = { auth: { kind: 'api', permission: 'settings:read' } } as const;
const modify = { auth: { kind: 'api', permission: 'settings:modify' } } as const;

/** A text setting: raw text/plain, or a JSON string. */
const text = z.string().trim().max(200);

const subnet = z.object({
  ipV4Address: z.array(z.string().max(100)).max(100).nullish(),
  ipV6Address: z.array(z.string().max(100)).max(100).nullish(),
});

/** registerWpcSettings: the settings that can be changed, in the vendor's paths and formats (api.md 5). */
export const registerWpcSettings: RegisterRoutes = (app, deps) => {
  const { store } = deps;
  const settings = async () => await readWpcSettings(store.database);

  app.get('/settings/wpc/subnet', { config: read, schema: { response: { 200: tunnelRanges } } }, async () => ({
    ipV4Address: (await settings()).tunnel_ranges,
    ipV6Address: [],
  }));
  app.put(
    '/settings/wpc/subnet',
    { config: modify, schema: { body: subnet, response: { 200: tunnelRanges } } },
    async (request) => {
      await setTunnelRanges(store, request.actor, {
        ipV4Address: request.body.ipV4Address ?? [],
        ipV6Address: request.body.ipV6Address ?? [],
      });
      return { ipV4Address: (await settings()).tunnel_ranges, ipV6Address: [] };
    },
  );

  app.get(
    '/settings/wpc/topology',
    { config: read },
    async (_request, reply) => await reply.type('text/plain').send((await settings()).topology),
  );
  app.put('/settings/wpc/topology', { config: modify, schema: { body: text } }, async (request, reply) => {
    refuseOtherTopology(request.body);
    return await reply.type('text/plain').send((await settings()).topology);
  });

  app.get(
    '/settings/wpc/default-region',
    { config: read },
    async (_request, reply) => await reply.type('text/plain').send((await settings()).default_region),
  );
  app.put('/settings/wpc/default-region', { config: modify, schema: { body: text } }, async (request, reply) => {
    await setDefaultRegion(store, request.actor, request.body);
    return await reply.type('text/plain').send((await settings()).default_region);
  });
};

/** registerOwnSettings: what the vendor's API has no path for. */
export const registerOwnSettings: RegisterRoutes = (app, deps) => {
  const { read: readName, write: writeName } = settingRoutes['wpc/name'];
  serve(app, readName, allowed('settings:read'), async () => ({ name: (await readWpcSettings(deps.store.database)).name }));
  serve(app, writeName, allowed('settings:modify'), async ({ actor, body }) => {
    await setWpcName(deps.store, actor, body.name);
    return body;
  });

  serve(app, settingRoutes.retention.read, allowed('settings:read'), async () =>
    retentionWith((await readWpcSettings(deps.store.database)).retention),
  );
  serve(app, settingRoutes.retention.write, allowed('settings:modify'), async ({ actor, body }) =>
    setRetention(deps.store, actor, body),
  );

  app.get('/settings/internet-access', { config: read, schema: { response: { 200: defaultInternetAccess } } }, async () => ({
    internetAccess: (await readWpcSettings(deps.store.database)).default_internet_access,
  }));
  app.put(
    '/settings/internet-access',
    { config: modify, schema: { body: defaultInternetAccess, response: { 200: defaultInternetAccess } } },
    async (request) => {
      await setDefaultInternetAccess(deps.store, request.actor, request.body.internetAccess);
      return request.body;
    },
  );
};

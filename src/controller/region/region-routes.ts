import { z } from 'zod';
import type { RegisterRoutes } from '../deps.ts';
import { listRegions } from './regions.ts';

const regionResponse = z
  .object({ id: z.string(), continent: z.string(), country: z.string(), countryIso: z.string(), regionName: z.string() })
  .meta({ id: 'Region' });

/** registerRegions: the catalogue, as a bare array (api.md 4). */
export const registerRegions: RegisterRoutes = (app, deps) => {
  app.get(
    '/regions',
    { config: { auth: { kind: 'api', permission: 'region:read' } }, schema: { response: { 200: z.array(regionResponse) } } },
    async () => {
      const regions = await listRegions(deps.store.database);
      return regions.map((region) => ({
        id: region.id,
        continent: region.continent,
        country: region.country,
        countryIso: region.country_iso,
        regionName: region.name,
      }));
    },
  );
};

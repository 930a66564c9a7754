import { regionRoutes } from '../../contract/api/region.ts';
import type { RegisterRoutes } from '../deps.ts';
import { allowed, serve } from '../routes/serve.ts';
import { listRegions } from './regions.ts';

/** registerRegions: the catalogue. */
export const registerRegions: RegisterRoutes = (app, deps) => {
  serve(app, regionRoutes.list, allowed('region:read'), async () => {
    const regions = await listRegions(deps.store.database);
    return regions.map((region) => ({
      id: region.id,
      continent: region.continent,
      country: region.country,
      countryIso: region.country_iso,
      regionName: region.name,
    }));
  });
};

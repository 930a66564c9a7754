import { z } from 'zod';
import { defineRoute } from './route.ts';

export const region = z
  .object({ id: z.string(), continent: z.string(), country: z.string(), countryIso: z.string(), regionName: z.string() })
  .meta({ id: 'Region' });
export type Region = z.infer<typeof region>;

export const regionRoutes = {
  /** The catalogue, as a bare array (api.md 4). */
  list: defineRoute({ method: 'GET', path: '/api/v1/regions', summary: 'List the regions', answer: z.array(region) }),
};

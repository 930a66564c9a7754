/**
 * src/controller/region is the catalogue of regions, which is filled by the first migration. Tests: `node --test src/controller/app.test.ts`.
 */
import type { RegionId } from '../../core/ids.ts';
import { invalidInput } from '../../contract/errors.ts';
import type { Reader } from '../store/database.ts';
import type { Row } from '../store/schema.ts';

/** listRegions gives the catalogue in the order of ids. A region without a gateway of its own is served by the default region's. */
export async function listRegions(reader: Reader): Promise<Row<'region'>[]> {
  return await reader.selectFrom('region').selectAll().orderBy('id').execute();
}

/** requireRegion turns text into the id of a region of the catalogue; `field` is named in the refusal. */
export async function requireRegion(reader: Reader, field: string, text: string): Promise<RegionId> {
  return (await regionRequirer(reader))(field, text);
}

/** regionRequirer is requireRegion for many texts: the catalogue is read once. */
export async function regionRequirer(reader: Reader): Promise<(field: string, text: string) => RegionId> {
  const regions = await listRegions(reader);
  return (field, text) => {
    const region = regions.find(({ id }) => id === text);
    if (region !== undefined) return region.id;
    throw invalidInput(field, text, 'is not a region', regions.map(({ id }) => id).join(', '));
  };
}

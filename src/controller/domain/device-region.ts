import { invalidInput } from '../../contract/errors.ts';
import type { RegionId, UserId } from '../../core/ids.ts';
import { requireRegion } from '../region/regions.ts';
import type { Reader } from '../store/database.ts';

/** requireDeviceRegion refuses a region for a user's profile that does not exist or that the user's group may not use. */
export async function requireDeviceRegion(reader: Reader, user: UserId, text: string): Promise<RegionId> {
  const region = await requireRegion(reader, 'regionId', text);
  const group = await reader
    .selectFrom('app_user')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .select(['user_group.regions', 'user_group.all_regions_included'])
    .where('app_user.id', '=', user)
    .executeTakeFirstOrThrow();
  if (group.all_regions_included || group.regions.includes(region)) return region;
  throw invalidInput('regionId', text, "is not open to the user's group", group.regions.join(', '));
}

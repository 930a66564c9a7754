import { invalidInput } from '../../contract/errors.ts';
import type { RegionId, UserId } from '../../core/ids.ts';
import { requireRegion } from '../region/regions.ts';
import type { Reader } from '../store/database.ts';

/**
 * deviceRegion is the region that a user's profile leads to: the one that was asked for, which must exist and be open to the user's group;
 * otherwise the group's first one, or undefined (the default region's gateway) where the group may use all.
 */
export async function deviceRegion(reader: Reader, user: UserId, text: string | undefined): Promise<RegionId | undefined> {
  const group = await reader
    .selectFrom('app_user')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .select(['user_group.regions', 'user_group.all_regions_included'])
    .where('app_user.id', '=', user)
    .executeTakeFirstOrThrow();
  if (text === undefined) return group.all_regions_included ? undefined : group.regions[0];
  const region = await requireRegion(reader, 'regionId', text);
  if (group.all_regions_included || group.regions.includes(region)) return region;
  throw invalidInput('regionId', text, "is not open to the user's group", group.regions.join(', '));
}

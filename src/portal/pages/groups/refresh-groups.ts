import type { QueryClient } from '@tanstack/react-query';
import { userGroupDetailsRoutes } from '../../../contract/api/user-group-details.ts';
import { userGroupRoutes } from '../../../contract/api/user-group.ts';

/** refreshGroups reads again what is shown of user groups, here and where people are put into one. */
export async function refreshGroups(client: QueryClient): Promise<void> {
  await Promise.all(
    [userGroupRoutes.list.path, userGroupDetailsRoutes.list.path].map(
      async (path) => await client.invalidateQueries({ queryKey: [path] }),
    ),
  );
}

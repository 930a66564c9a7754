import type { UserGroup } from '../../contract/api/user-group.ts';
import { userGroupRoutes } from '../../contract/api/user-group.ts';
import { userGroupDetailsRoutes } from '../../contract/api/user-group-details.ts';
import { toPage } from '../../contract/page.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { listUserGroupDetails } from '../domain/user-group-details.ts';
import type { UserGroupView } from '../domain/user-groups.ts';
import { createUserGroup, listUserGroups, readUserGroup, removeUserGroup, updateUserGroup } from '../domain/user-groups.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { allowed, serve } from './serve.ts';

const reading = allowed('user-group:read');
const modifying = allowed('user-group:modify');

/** registerUserGroups: /user-groups. */
export const registerUserGroups: RegisterRoutes = (app, { store }) => {
  serve(app, userGroupRoutes.list, reading, async ({ query }) => {
    const { items, total } = await listUserGroups(store.database, query);
    return toPage(items.map(userGroupAnswer), total, query);
  });
  serve(app, userGroupRoutes.create, modifying, async ({ actor, body }) =>
    userGroupAnswer(await inModelTransaction(store, actor, async (change) => createUserGroup(change, body))),
  );
  serve(app, userGroupRoutes.read, reading, async ({ id }) =>
    userGroupAnswer(await readUserGroup(store.database, objectId('user-group', id))),
  );
  serve(app, userGroupRoutes.update, modifying, async ({ actor, id, body }) =>
    userGroupAnswer(
      await inModelTransaction(store, actor, async (change) => updateUserGroup(change, objectId('user-group', id), body)),
    ),
  );
  serve(app, userGroupRoutes.remove, modifying, async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => removeUserGroup(change, objectId('user-group', id))),
  );
};

/** registerUserGroupDetails: what is ours of user groups. */
export const registerUserGroupDetails: RegisterRoutes = (app, { store }) => {
  serve(app, userGroupDetailsRoutes.list, reading, async ({ query }) => {
    const { items, total } = await listUserGroupDetails(store.database, query);
    const content = items.map((group) => ({ ...userGroupAnswer(group), members: group.members, isDefault: group.isDefault }));
    return toPage(content, total, query);
  });
};

function userGroupAnswer(group: UserGroupView): UserGroup {
  return {
    id: group.id,
    name: group.name,
    vpnRegionIds: [...group.regions],
    allRegionsIncluded: group.allRegions,
    internetAccess: group.internet.mode,
    maxDevice: group.maxDevice,
    connectAuth: group.connectAuth,
    secondFactor: group.secondFactor,
    systemSubnets: [],
    gatewaysIds: [...group.internet.gateways],
    tunnelBypass: { ipv4Subnets: [...group.internet.bypass] },
  };
}

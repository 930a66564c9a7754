import type { User } from '../../contract/api/user.ts';
import { userRoutes } from '../../contract/api/user.ts';
import { toPage } from '../../contract/page.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import type { UserView } from '../domain/user-view.ts';
import { listUsers, readUser } from '../domain/user-view.ts';
import { createUser, removeUser, setUserStatus, updateUser } from '../domain/users.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { deviceAnswer } from './device-answer.ts';
import { allowed, serve } from './serve.ts';

const reading = allowed('user:read');
const modifying = allowed('user:modify');

/** registerUsers: /users. */
export const registerUsers: RegisterRoutes = (app, { store }) => {
  serve(app, userRoutes.list, reading, async ({ query }) => {
    const { items, total } = await listUsers(store.database, query);
    return toPage(items.map(userAnswer), total, query);
  });
  serve(app, userRoutes.create, modifying, async ({ actor, body }) =>
    userAnswer(await inModelTransaction(store, actor, async (change) => createUser(change, body))),
  );
  serve(app, userRoutes.read, reading, async ({ id }) => userAnswer(await readUser(store.database, objectId('user', id))));
  serve(app, userRoutes.update, modifying, async ({ actor, id, body }) =>
    userAnswer(await inModelTransaction(store, actor, async (change) => updateUser(change, objectId('user', id), body))),
  );
  serve(app, userRoutes.remove, modifying, async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => removeUser(change, objectId('user', id))),
  );
  serve(app, userRoutes.activate, modifying, async ({ actor, id }) =>
    userAnswer(await inModelTransaction(store, actor, async (change) => setUserStatus(change, objectId('user', id), 'ACTIVE'))),
  );
  serve(app, userRoutes.suspend, modifying, async ({ actor, id }) =>
    userAnswer(
      await inModelTransaction(store, actor, async (change) => setUserStatus(change, objectId('user', id), 'SUSPENDED')),
    ),
  );
};

/** userAnswer is a person in the vendor's shape. */
export function userAnswer(user: UserView): User {
  return {
    id: user.id,
    firstName: user.firstName,
    lastName: user.lastName,
    username: user.username,
    email: user.email,
    groupId: user.group,
    secondaryGroupIds: [...user.secondaryGroups],
    status: user.status,
    authType: 'INTERNAL',
    role: user.role,
    devices: user.devices.map(deviceAnswer),
    connectionStatus: user.devices.some(({ online }) => online) ? 'ONLINE' : 'OFFLINE',
    licensed: true,
  };
}

import type { User } from '../../contract/api/user.ts';
import { userRequest, userRoutes, userUpdate } from '../../contract/api/user.ts';
import { callRoute } from '../server/call-api.ts';
import { actionVerb, createVerb, deleteVerb, setVerb } from './change-verbs.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import type { Noun } from './noun.ts';
import type { Shown } from './read-verbs.ts';
import { listVerb, pagesOf, showVerb } from './read-verbs.ts';
import { listText, nameIsArgument } from './words.ts';

const common = {
  firstName: { option: 'first-name', description: 'first name' },
  lastName: { option: 'last-name', description: 'last name' },
  email: { option: 'email', form: 'ADDRESS', description: 'mail address' },
  groupId: { option: 'group', description: 'the user group; Default where it is not given', refers: 'user group' },
  secondaryGroupIds: { without: 'access groups, which would use them, do not exist yet' },
  role: { option: 'role', description: 'what the person may do here' },
} as const;

const createFields: FieldTable<typeof userRequest> = {
  ...common,
  username: nameIsArgument,
  status: { without: 'activate and suspend change it' },
  devices: {
    option: 'device',
    form: 'NAME',
    description: 'a device to make with the user',
    put: (names) => names.map((name) => ({ name })),
  },
};

const setFields: FieldTable<typeof userUpdate> = {
  ...common,
  groupId: { ...common.groupId, description: 'the user group' },
  username: { without: 'a user name is for ever' },
  status: { without: 'activate and suspend change it' },
};

const shown: Shown<User> = {
  kind: 'user',
  mentions: ['user group'],
  read: async (choice, { id }) => await callRoute(choice, userRoutes.read, { parameters: { id } }),
  rows: (user, nameOf) => [
    ['name', user.username],
    ['id', user.id],
    ['person', personOf(user)],
    ['email', user.email],
    ['group', nameOf('user group', user.groupId)],
    ['role', user.role],
    ['status', user.status],
    ['connection', user.connectionStatus],
    ['devices', user.devices.map(({ name, connectionStatus, ipV4Address }) => `${name}  ${connectionStatus}  ${ipV4Address}`)],
  ],
};

export const userNoun: Noun = {
  word: 'user',
  description: 'people',
  verbs: [
    listVerb({
      description: 'list users',
      fetch: async (choice, query) => await pagesOf(userRoutes.list, choice, query),
      mentions: ['user group'],
      columns: [
        ['NAME', ({ username }) => username],
        ['PERSON', personOf],
        ['EMAIL', ({ email }) => email],
        ['GROUP', ({ groupId }, nameOf) => nameOf('user group', groupId)],
        ['ROLE', ({ role }) => role],
        ['STATUS', ({ status }) => status],
        ['CONNECTION', ({ connectionStatus }) => connectionStatus],
        ['DEVICES', ({ devices }) => listText(devices.map(({ name }) => name))],
      ],
      empty: 'There is no user yet; causeway user create NAME makes one.',
    }),
    showVerb(shown),
    createVerb({
      kind: 'user',
      description: 'make a user',
      to: userRoutes.create,
      field: 'username',
      fields: fieldOptions(userRequest, createFields),
      idOf: ({ id }) => id,
      next: (name) => `Next: causeway device create DEVICE --user ${name}`,
    }),
    setVerb({ dryRun: true, kind: 'user', route: () => userRoutes.update, fields: fieldOptions(userUpdate, setFields) }),
    actionVerb({
      dryRun: true,
      word: 'activate',
      kind: 'user',
      description: 'let the devices of a suspended user connect again',
      route: () => userRoutes.activate,
      says: ({ name }) => `${name} may connect`,
    }),
    actionVerb({
      dryRun: true,
      word: 'suspend',
      kind: 'user',
      description: 'cut the devices of a user off, until the user is activated',
      route: () => userRoutes.suspend,
      cuts: ({ name }) => `This cuts all devices of ${name} at once and refuses them.`,
      says: ({ name }) => `${name} is suspended`,
    }),
    deleteVerb({
      dryRun: true,
      shown,
      route: () => userRoutes.remove,
      description: 'delete a user with all devices',
      cuts: ({ devices }) =>
        devices.length === 0
          ? []
          : [
              `All devices are cut, and their profiles never work again: ${devices.map(({ name, connectionStatus }) => `${name} ${connectionStatus}`).join(', ')}.`,
            ],
    }),
  ],
};

function personOf({ firstName, lastName }: User): string {
  return `${firstName} ${lastName}`.trim();
}

import type { UserGroup } from '../../contract/api/user-group.ts';
import { userGroupRequest, userGroupRoutes, userGroupUpdate } from '../../contract/api/user-group.ts';
import { callRoute } from '../server/call-api.ts';
import { createVerb, deleteVerb, setVerb } from './change-verbs.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import type { Noun } from './noun.ts';
import type { Shown } from './read-verbs.ts';
import { listVerb, pagesOf, showVerb } from './read-verbs.ts';
import { gatewaysField, internetAccessField, nameIsArgument, renameField } from './words.ts';

const common = {
  vpnRegionIds: { option: 'region', form: 'REGION', description: 'id of a region that its users may connect to' },
  allRegionsIncluded: { option: 'all-regions', description: 'its users may connect to every region' },
  internetAccess: internetAccessField,
  gatewaysIds: gatewaysField,
  maxDevice: { option: 'max-devices', description: 'how many devices each of its users may have' },
  connectAuth: { option: 'connect-auth', form: 'WHEN', description: 'when its users have to prove who they are' },
  secondFactor: {
    option: 'second-factor',
    form: 'DEMAND',
    description: 'whether its users have to have a second factor',
  },
  tunnelBypass: {
    option: 'bypass',
    form: 'PREFIX',
    description: 'a prefix that stays outside the tunnel',
    put: (ipv4Subnets: readonly string[]) => ({ ipv4Subnets }),
  },
};

const createFields: FieldTable<typeof userGroupRequest> = { ...common, name: nameIsArgument };
const setFields: FieldTable<typeof userGroupUpdate> = { ...common, name: renameField };

const shown: Shown<UserGroup> = {
  kind: 'user group',
  mentions: ['network'],
  read: async (choice, { id }) => await callRoute(choice, userGroupRoutes.read, { parameters: { id } }),
  rows: (group, nameOf) => [
    ['name', group.name],
    ['id', group.id],
    ['regions', regionsOf(group)],
    ['internet access', group.internetAccess],
    ['by internet gateways', group.gatewaysIds.map((id) => nameOf('network', id))],
    ['devices', `at most ${String(group.maxDevice)} of each user`],
    ['connect auth', group.connectAuth],
    ['second factor', group.secondFactor],
    ['outside the tunnel', group.tunnelBypass.ipv4Subnets],
  ],
};

export const groupNoun: Noun = {
  word: 'group',
  description: 'user groups: what people have in common',
  verbs: [
    listVerb({
      description: 'list user groups',
      fetch: async (choice, query) => await pagesOf(userGroupRoutes.list, choice, query),
      columns: [
        ['NAME', ({ name }) => name],
        ['INTERNET ACCESS', ({ internetAccess }) => internetAccess],
        ['MAX DEVICES', ({ maxDevice }) => String(maxDevice)],
        ['CONNECT AUTH', ({ connectAuth }) => connectAuth],
        ['REGIONS', (group) => regionsOf(group).join(', ')],
      ],
      empty: 'There is no user group.',
    }),
    showVerb(shown),
    createVerb({
      kind: 'user group',
      description: 'make a user group',
      to: userGroupRoutes.create,
      field: 'name',
      fields: fieldOptions(userGroupRequest, createFields),
      idOf: ({ id }) => id,
    }),
    setVerb({
      dryRun: true,
      kind: 'user group',
      route: () => userGroupRoutes.update,
      fields: fieldOptions(userGroupUpdate, setFields, { canEmpty: true }),
    }),
    deleteVerb({
      dryRun: true,
      shown,
      route: () => userGroupRoutes.remove,
      description: 'delete a user group that has no users',
      cuts: () => [],
    }),
  ],
};

function regionsOf({ allRegionsIncluded, vpnRegionIds }: UserGroup): readonly string[] {
  return allRegionsIncluded ? ['all'] : vpnRegionIds;
}

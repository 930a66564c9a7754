import { Option } from 'commander';
import type { Device } from '../../contract/api/device.ts';
import { deviceRequest, deviceRoutes, deviceUpdate } from '../../contract/api/device.ts';
import { deviceDetailsRoutes } from '../../contract/api/device-details.ts';
import { callRoute } from '../server/call-api.ts';
import { actionVerb, createVerb, deleteVerb, setVerb } from './change-verbs.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import { fullName } from '../find-named.ts';
import type { Noun } from './noun.ts';
import { profileVerb } from './profile-verb.ts';
import type { Shown } from './read-verbs.ts';
import { listVerb, pagesOf, showVerb } from './read-verbs.ts';
import { descriptionField, nameIsArgument, renameField } from './words.ts';

const clientUUID = {
  option: 'machine',
  form: 'NAME',
  description: "the machine that it belongs to: its network card's address or its client's UUID",
};

const createFields: FieldTable<typeof deviceRequest> = {
  name: nameIsArgument,
  description: descriptionField,
  clientUUID,
  ipV4Address: { option: 'address', form: 'ADDRESS', description: 'its tunnel address, where a certain one is wanted' },
};

const setFields: FieldTable<typeof deviceUpdate> = { name: renameField, description: descriptionField, clientUUID };

const filters: FieldTable<typeof deviceRoutes.list.query> = {
  page: { without: 'all pages are read' },
  size: { without: 'all pages are read' },
  userId: { option: 'user', description: 'only those of this user', refers: 'user' },
};

const shown: Shown<Device> = {
  kind: 'device',
  mentions: ['user'],
  read: async (choice, { id }) => await callRoute(choice, deviceRoutes.read, { parameters: { id } }),
  rows: (device, nameOf) => [
    ['name', device.name],
    ['id', device.id],
    ['user', nameOf('user', device.userId)],
    ['description', device.description],
    ['address', device.ipV4Address],
    ['connection', device.connectionStatus],
    ['machine', device.clientUUID],
  ],
};

export const deviceNoun: Noun = {
  word: 'device',
  description: "people's computers and phones",
  verbs: [
    listVerb({
      description: 'list devices',
      fetch: async (choice, query) => await pagesOf(deviceRoutes.list, choice, query),
      filters: fieldOptions(deviceRoutes.list.query, filters),
      mentions: ['user'],
      columns: [
        ['USER', ({ userId }, nameOf) => nameOf('user', userId)],
        ['NAME', ({ name }) => name],
        ['ADDRESS', ({ ipV4Address }) => ipV4Address],
        ['CONNECTION', ({ connectionStatus }) => connectionStatus],
        ['DESCRIPTION', ({ description }) => description],
      ],
      empty: 'There is no device yet; causeway device create NAME --user USER makes one.',
    }),
    showVerb(shown),
    createVerb({
      kind: 'device',
      description: 'add a device to a user',
      to: [{ kind: 'user', query: 'userId', route: deviceRoutes.create }],
      field: 'name',
      fields: fieldOptions(deviceRequest, createFields),
      idOf: ({ id }) => id,
      says: ({ ipV4Address }) => [ipV4Address],
      next: (name) => `Next: causeway device profile ${name} FILE`,
    }),
    setVerb({ kind: 'device', route: () => deviceRoutes.update, fields: fieldOptions(deviceUpdate, setFields) }),
    profileVerb({
      kind: 'device',
      route: () => deviceRoutes.profile,
      options: [new Option('--region <REGION>', 'id of the region to connect to; that of the user group where it is not given')],
      queryOf: ({ region }) => (typeof region === 'string' ? { regionId: region } : {}),
    }),
    actionVerb({
      word: 'forget-machine',
      kind: 'device',
      description: 'take a device from the machine that it belongs to; where machines are learnt, the next one has it',
      route: () => deviceDetailsRoutes.forgetMachine,
      says: (device) => `${fullName(device)} belongs to no machine`,
    }),
    actionVerb({
      dryRun: true,
      word: 'revoke',
      kind: 'device',
      description: 'revoke every profile of a device and cut its tunnel; the device stays',
      route: () => deviceRoutes.revokeProfile,
      cuts: (device) => `This cuts ${fullName(device)} at once; none of its profiles works again.`,
      says: (device) => `every profile of ${fullName(device)} is revoked`,
    }),
    deleteVerb({
      dryRun: true,
      shown,
      route: () => deviceRoutes.remove,
      description: 'delete a device; its profiles never work again',
      cuts: ({ connectionStatus }) => [`Its tunnel is cut (${connectionStatus}), and its profiles never work again.`],
    }),
  ],
};

import type { Host } from '../../contract/api/host.ts';
import { hostRequest, hostRoutes, hostUpdate } from '../../contract/api/host.ts';
import { callRoute } from '../server/call-api.ts';
import { createVerb, deleteVerb, setVerb } from './change-verbs.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import type { Noun } from './noun.ts';
import type { Shown } from './read-verbs.ts';
import { listVerb, pagesOf, showVerb } from './read-verbs.ts';
import {
  connectorsText,
  descriptionField,
  gatewaysField,
  internetAccessField,
  listText,
  nameIsArgument,
  renameField,
} from './words.ts';

const common = {
  description: descriptionField,
  domain: { option: 'domain', description: 'its name in DNS' },
  internetAccess: internetAccessField,
  gatewaysIds: gatewaysField,
};

const createFields: FieldTable<typeof hostRequest> = {
  ...common,
  name: nameIsArgument,
  connectors: {
    option: 'connector',
    form: 'NAME',
    description: 'a connector to make with it',
    put: (names) => names.map((name) => ({ name })),
  },
};

const setFields: FieldTable<typeof hostUpdate> = {
  ...common,
  name: renameField,
  connectors: { without: 'a connector is a noun of its own' },
};

const shown: Shown<Host> = {
  kind: 'host',
  mentions: ['network'],
  read: async (choice, { id }) => await callRoute(choice, hostRoutes.read, { parameters: { id } }),
  rows: (host, nameOf) => [
    ['name', host.name],
    ['id', host.id],
    ['description', host.description],
    [
      'connectors',
      host.connectors.map(({ name, connectionStatus, ipV4Address }) => `${name}  ${connectionStatus}  ${ipV4Address}`),
    ],
    ['internet access', host.internetAccess],
    ['by internet gateways', host.gatewaysIds.map((id) => nameOf('network', id))],
  ],
};

export const hostNoun: Noun = {
  word: 'host',
  description: 'single machines that join through connectors of their own',
  verbs: [
    listVerb({
      description: 'list hosts with their connectors',
      fetch: async (choice, query) => await pagesOf(hostRoutes.list, choice, query),
      columns: [
        ['NAME', ({ name }) => name],
        ['ADDRESSES', ({ connectors }) => listText(connectors.map(({ ipV4Address }) => ipV4Address))],
        ['CONNECTORS', ({ connectors }) => connectorsText(connectors)],
        ['INTERNET ACCESS', ({ internetAccess }) => internetAccess],
      ],
      empty: 'There is no host yet; causeway host create NAME --connector NAME makes one.',
    }),
    showVerb(shown),
    createVerb({
      kind: 'host',
      description: 'make a host',
      to: hostRoutes.create,
      field: 'name',
      fields: fieldOptions(hostRequest, createFields),
      idOf: ({ id }) => id,
      next: (name) => `Next: causeway connector create CONNECTOR --host ${name}`,
    }),
    setVerb({
      dryRun: true,
      kind: 'host',
      route: () => hostRoutes.update,
      fields: fieldOptions(hostUpdate, setFields, { canEmpty: true }),
    }),
    deleteVerb({
      dryRun: true,
      shown,
      route: () => hostRoutes.remove,
      description: 'delete a host with its connectors',
      cuts: ({ connectors }) =>
        connectors.length === 0 ? [] : [`Its connectors are cut and can never connect again: ${connectorsText(connectors)}.`],
    }),
  ],
};

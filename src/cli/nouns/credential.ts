import type { z } from 'zod';
import type { listedApiCredential } from '../../contract/api/api-credential.ts';
import { newApiCredential, apiCredentialRoutes } from '../../contract/api/api-credential.ts';
import { notFound } from '../../contract/errors.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { callRoute } from '../server/call-api.ts';
import { createVerb, deleteVerb } from './change-verbs.ts';
import type { FieldTable } from './fields.ts';
import { fieldOptions } from './fields.ts';
import type { Noun } from './noun.ts';
import type { Shown } from './read-verbs.ts';
import { listVerb, showVerb } from './read-verbs.ts';
import { listText, nameIsArgument } from './words.ts';

type Credential = z.output<typeof listedApiCredential>;

const createFields: FieldTable<typeof newApiCredential> = {
  name: nameIsArgument,
  permissions: { option: 'permission', form: 'PERMISSION', description: 'what it may; everything where none is given' },
  expiresAt: { option: 'expires-at', form: 'INSTANT', description: 'when it ends, such as 2027-01-31T00:00:00Z' },
  allowedPrefixes: { option: 'from', form: 'PREFIX', description: 'from where it may be used; anywhere where none is given' },
};

const shown: Shown<Credential> = {
  kind: 'API credential',
  read: async (choice, { id }) => {
    const found = (await callRoute(choice, apiCredentialRoutes.list)).find((credential) => credential.id === id);
    if (found === undefined) throw new CliFailure(exitCodes.problem, notFound('API credential', id).message);
    return found;
  },
  rows: (credential) => [
    ['name', credential.name],
    ['id', credential.id],
    ['client id', credential.clientId],
    ['permissions', credential.permissions],
    ['from', credential.allowedPrefixes],
    ['created', credential.createdAt],
    ['created by', credential.createdBy],
    ['expires', credential.expiresAt ?? 'never'],
    ['last used', credential.lastUsedAt ?? 'never'],
  ],
};

export const credentialNoun: Noun = {
  word: 'credential',
  description: 'API credentials, with which programs use the API',
  verbs: [
    listVerb({
      description: 'list API credentials, without their secrets',
      fetch: async (choice) => await callRoute(choice, apiCredentialRoutes.list),
      columns: [
        ['NAME', ({ name }) => name],
        ['CLIENT ID', ({ clientId }) => clientId],
        ['PERMISSIONS', ({ permissions }) => listText(permissions)],
        ['EXPIRES', ({ expiresAt }) => expiresAt ?? 'never'],
        ['LAST USED', ({ lastUsedAt }) => lastUsedAt ?? 'never'],
      ],
      empty: 'There is no API credential; causeway credential create NAME makes one.',
    }),
    showVerb(shown),
    createVerb({
      kind: 'API credential',
      description: 'make an API credential and print it; the secret is shown this once',
      to: apiCredentialRoutes.create,
      field: 'name',
      fields: fieldOptions(newApiCredential, createFields),
      idOf: ({ client_id }) => client_id,
      says: ({ client_id, client_secret }) => [`client id ${client_id}`, `client secret ${client_secret}`],
      next: () => 'The secret is not kept and cannot be shown again.',
    }),
    deleteVerb({
      shown,
      route: () => apiCredentialRoutes.remove,
      description: 'withdraw an API credential with every access token that it got',
      cuts: ({ lastUsedAt }) => [`Programs that use it are refused at once (last used: ${lastUsedAt ?? 'never'}).`],
    }),
  ],
};

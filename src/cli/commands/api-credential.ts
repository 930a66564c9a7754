import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { apiCredential, apiCredentialRequest } from '../../contract/cli/api-credential.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { jsonText } from '../json-text.ts';
import { callLocalApi } from '../server/call-api.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import type { Surroundings } from '../surroundings.ts';

interface Parsed {
  readonly name: string;
  readonly data: string;
  readonly json?: boolean;
}

/** registerApiCredential adds `causeway api-credential create`: the way to the first credential, before any person exists. */
export function registerApiCredential(program: Command, surroundings: Surroundings): void {
  const noun = program
    .command('api-credential')
    .usage('create --name NAME')
    .description('credentials with which programs use the API');
  noun
    .command('create')
    .usage('--name NAME [OPTIONS]')
    .description('make a credential and print it; the secret is shown this once')
    .requiredOption('--name <NAME>', 'what the credential is for', parseName)
    .addOption(dataDirectoryOption())
    .option('--json', 'print {"client_id","client_secret"}')
    .action(async ({ name, data, json }: Parsed) => {
      const made = await callLocalApi(
        data,
        { method: 'POST', path: '/api/causeway/v1/api-credentials', body: { name } },
        apiCredential,
      );
      surroundings.writeOut(
        json === true
          ? jsonText({ client_id: made.client_id, client_secret: made.client_secret })
          : `client id      ${made.client_id}\nclient secret  ${made.client_secret}\n`,
      );
      if (json !== true) surroundings.writeErr('The secret is not kept and cannot be shown again.\n');
    });
}

function parseName(text: string): string {
  const parsed = apiCredentialRequest.shape.name.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`${quoteInput(text)} cannot be the name of a credential: give 1 to 120 characters.`);
}

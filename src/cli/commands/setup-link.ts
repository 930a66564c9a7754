import type { Command } from 'commander';
import { linkRoutes, oneTimeLink } from '../../contract/api/password-link.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import { callLocalApi } from '../server/call-api.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';

/** registerSetupLink adds `causeway setup-link`: for whoever missed the one that `up` has printed, or let it run out. */
export function registerSetupLink(program: Command, surroundings: Surroundings): void {
  program
    .command('setup-link')
    .description('print a new link with which the owner of this installation is made, within an hour; the one before is void')
    .addOption(dataDirectoryOption())
    .option('--json', 'print {"url","expiresAt"}')
    .action(async ({ data, json }: { readonly data: string; readonly json?: boolean }) => {
      const { method, path } = linkRoutes.setUp;
      const link = await callLocalApi(data, { method, path }, oneTimeLink);
      surroundings.writeOut(json === true ? `${JSON.stringify(link)}\n` : `${printable(link.url)}\n`);
      if (json !== true) surroundings.writeErr('It works once, within an hour. Whoever opens it first owns this installation.\n');
    });
}

import type { Command } from 'commander';
import { status } from '../../contract/cli/status.ts';
import { exitCodes } from '../failure.ts';
import { callLocalApi } from '../local-api.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import { statusText } from '../status-text.ts';
import type { Surroundings } from '../surroundings.ts';

/** registerStatus adds `causeway status`: 0 when all is well, 1 when something is named as a problem, 3 when nothing answers. */
export function registerStatus(program: Command, surroundings: Surroundings): void {
  program
    .command('status')
    .description('show whether the installation on this machine works: tunnels, networks, problems')
    .addOption(dataDirectoryOption())
    .option('--json', 'print it for programs')
    .action(async ({ data, json }: { readonly data: string; readonly json?: boolean }) => {
      const found = await callLocalApi(data, { method: 'GET', path: '/api/causeway/v1/status' }, status);
      surroundings.writeOut(json === true ? `${JSON.stringify(found)}\n` : statusText(found));
      surroundings.setExitCode(found.ready && found.problems.length === 0 ? exitCodes.works : exitCodes.problem);
    });
}

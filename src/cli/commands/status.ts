import type { Command } from 'commander';
import { status } from '../../contract/cli/status.ts';
import { exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import { statusText } from '../status-text.ts';
import type { Surroundings } from '../surroundings.ts';

/** registerStatus adds `causeway status`: 0 when all is well, 1 when something is named as a problem, 3 when nothing answers. */
export function registerStatus(program: Command, surroundings: Surroundings): void {
  program
    .command('status')
    .description('show whether the installation works: tunnels, networks, problems')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async ({ json, ...choice }: ServerChoice & { readonly json?: boolean }) => {
      const found = await callApi(choice, { method: 'GET', path: '/api/causeway/v1/status' }, status);
      surroundings.writeOut(json === true ? jsonText(found) : statusText(found));
      surroundings.setExitCode(found.ready && found.problems.length === 0 ? exitCodes.works : exitCodes.problem);
    });
}

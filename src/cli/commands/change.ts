import type { Command } from 'commander';
import { Option } from 'commander';
import { changeRoutes } from '../../contract/api/change.ts';
import { changeListText, changeText } from '../change-text.ts';
import { exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { parseCount } from '../options/count.ts';
import { dataOption, serverOption } from '../options/server.ts';
import { callRoute } from '../server/call-api.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';

interface Parsed extends ServerChoice {
  readonly json?: boolean;
}

/**
 * registerChange adds `causeway change list|show`: follows a change from the request to the kernels. `show` ends with 1 while a gateway does not
 * have it.
 */
export function registerChange(program: Command, surroundings: Surroundings): void {
  const noun = program.command('change').usage('list|show').description('changes of the model, and how far each has come');
  noun
    .command('list')
    .usage('[OPTIONS]')
    .description('list changes, the newest first')
    .addOption(new Option('--limit <N>', 'how many at most').argParser((text) => parseCount(text, 1, 500)).default(50))
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async ({ limit, json, ...choice }: Parsed & { readonly limit: number }) => {
      const list = await callRoute(choice, changeRoutes.list, { query: { limit: String(limit) } });
      surroundings.writeOut(json === true ? jsonText(list) : changeListText(list));
    });
  noun
    .command('show')
    .argument('<CHANGE>', 'its number (X-Change-Id), or the id of the request that made it (X-Request-Id)')
    .usage('CHANGE|REQUEST [OPTIONS]')
    .description('follow one change: who asked for it, what it did, when each kernel had it')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async (id: string, { json, ...choice }: Parsed) => {
      const change = await callRoute(choice, changeRoutes.read, { parameters: { id } });
      surroundings.writeOut(json === true ? jsonText(change) : changeText(change));
      const isWaiting = change.gateways.some(({ state }) => state === 'waiting');
      surroundings.setExitCode(isWaiting ? exitCodes.problem : exitCodes.works);
    });
}

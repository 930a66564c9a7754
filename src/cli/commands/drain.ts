import type { Command } from 'commander';
import { z } from 'zod';
import type { Drained } from '../../contract/api/connector-state.ts';
import { drained, drainRoutes } from '../../contract/api/connector-state.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { pathTo } from '../../contract/api/route.ts';
import type { Named } from '../find-named.ts';
import { findNamed } from '../find-named.ts';
import { listAll } from '../server/list-all.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';

interface Parsed extends ServerChoice {
  readonly resume?: boolean;
  readonly json?: boolean;
}

/** Only what finding needs, so that a field more or less in the API's answer is no trouble. */
const networkWithConnectors = z.object({ name: z.string(), connectors: z.array(z.object({ id: z.string(), name: z.string() })) });

/** registerDrain adds `causeway drain`: takes a connector out of the way before its machine is restarted, and puts it back. */
export function registerDrain(program: Command, surroundings: Surroundings): void {
  program
    .command('drain')
    .argument('<CONNECTOR>', 'name or id of a connector of a network')
    .usage('NAME|ID [--resume] [OPTIONS]')
    .description('send new traffic to the other connectors of a network, before this one is switched off')
    .option('--resume', 'let it take traffic again')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async (wanted: string, { resume, json, ...choice }: Parsed) => {
      const connector = findNamed('connector of a network', await listConnectors(choice), wanted);
      const { method, path } = resume === true ? drainRoutes.resume : drainRoutes.drain;
      const done = await callApi(choice, { method, path: pathTo(path, { id: connector.id }) }, drained);
      if (json === true) {
        surroundings.writeOut(jsonText(done));
        return;
      }
      const name = `${printable(done.name)} of ${printable(connector.of)}`;
      surroundings.writeOut(done.draining ? `${name} is draining${whatFollows(done)}\n` : `${name} takes traffic again\n`);
      if (done.warning !== null) surroundings.writeErr(`${printable(done.warning)}\n`);
    });
}

/** Nothing is promised where the warning says that the traffic stays. */
function whatFollows({ warning }: Drained): string {
  return warning === null ? ': new traffic goes to the other connectors of its network, what it has stays' : '';
}

async function listConnectors(choice: ServerChoice): Promise<Required<Named>[]> {
  const networks = await listAll(choice, networkRoutes.list.path, networkWithConnectors);
  return networks.flatMap(({ name: of, connectors }) => connectors.map(({ id, name }) => ({ id, name, of })));
}

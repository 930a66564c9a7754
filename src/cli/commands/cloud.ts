import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { cloudCommands, cloudStateRoutes, networkCloud } from '../../contract/api/cloud-state.ts';
import { networkRoutes } from '../../contract/api/network.ts';
import { pathTo } from '../../contract/api/route.ts';
import type { CloudForgotten } from '../../contract/cli/cloud.ts';
import type { CloudId } from '../../core/trace/cloud/cloud-state.ts';
import { cloudIds } from '../../core/trace/cloud/cloud-state.ts';
import { readCloudAnswers } from '../cloud-answers.ts';
import { cloudCommandsRemarks, cloudText } from '../cloud-text.ts';
import { exitCodes } from '../failure.ts';
import { findNamed } from '../find-named.ts';
import { listAll } from '../server/list-all.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';

const namedNetwork = z.object({ id: z.string(), name: z.string() });

/** The controller gives the cloud a minute. */
const readSilence_ms = 90_000;

interface Parsed extends ServerChoice {
  readonly cloud?: CloudId;
  readonly json?: boolean;
}

/**
 * registerCloud adds `causeway cloud read|commands|load|show|forget NETWORK`: routes and filters of the cloud in which a network stands, read by the
 * controller itself (AWS) or by the operator with the vendor's own command line, so that traces know them. `read`, `load` and `show` end with 1 where something makes it doubtful that
 * it is this network's cloud; `commands` where words in the script have to be replaced.
 */
export function registerCloud(program: Command, surroundings: Surroundings): void {
  const noun = program
    .command('cloud')
    .usage('read|commands|load|show|forget NETWORK')
    .description('what traces know of the routes and filters of the cloud in which a network stands');
  registerRead(noun, surroundings);
  registerCommands(noun, surroundings);
  registerLoad(noun, surroundings);
  registerShow(noun, surroundings);
  registerForget(noun, surroundings);
}

function registerRead(noun: Command, surroundings: Surroundings): void {
  verb(noun, 'read', "let the controller ask the cloud's API, with its own credentials (AWS)").action(
    async (wanted: string, options: Parsed) => {
      const { id } = await findNetwork(options, wanted);
      const path = pathTo(cloudStateRoutes.ask.path, { id });
      const call = { method: 'POST', path, refused: exitCodes.usage, silence_ms: readSilence_ms } as const;
      show(surroundings, options, await callApi(options, call, networkCloud));
    },
  );
}

function registerCommands(noun: Command, surroundings: Surroundings): void {
  verb(noun, 'commands', "print commands of the cloud's own command line that read it, to be pasted where that is signed in")
    .addOption(cloudOption())
    .action(async (wanted: string, options: Parsed) => {
      const { id } = await findNetwork(options, wanted);
      const path = pathTo(cloudStateRoutes.commands.path, { id });
      const query = options.cloud === undefined ? '' : `?cloud=${options.cloud}`;
      const call = { method: 'GET', path: `${path}${query}`, refused: exitCodes.usage } as const;
      const found = await callApi(options, call, cloudCommands);
      if (options.json !== true) surroundings.writeErr(cloudCommandsRemarks(found));
      surroundings.writeOut(options.json === true ? jsonText(found) : found.script);
      surroundings.setExitCode(found.missing.length === 0 ? exitCodes.works : exitCodes.problem);
    });
}

function registerLoad(noun: Command, surroundings: Surroundings): void {
  verb(noun, 'load', 'keep what those commands have written, for traces to use', ' FILE...')
    .argument('<FILE...>', 'what the commands wrote; - is standard input')
    .addOption(cloudOption())
    .action(async (wanted: string, files: readonly string[], options: Parsed) => {
      const { cloud, readAt, answers } = await readCloudAnswers(files, options.cloud, async () => await surroundings.readInput());
      const { id } = await findNetwork(options, wanted);
      const body = { cloud, answers, ...(readAt === null ? {} : { readAt }) };
      const path = pathTo(cloudStateRoutes.write.path, { id });
      show(surroundings, options, await callApi(options, { method: 'PUT', path, body, refused: exitCodes.usage }, networkCloud));
    });
}

function registerShow(noun: Command, surroundings: Surroundings): void {
  verb(noun, 'show', 'say what is known, since when and from whom').action(async (wanted: string, options: Parsed) => {
    const { id } = await findNetwork(options, wanted);
    const path = pathTo(cloudStateRoutes.read.path, { id });
    show(surroundings, options, await callApi(options, { method: 'GET', path }, networkCloud));
  });
}

function registerForget(noun: Command, surroundings: Surroundings): void {
  verb(noun, 'forget', 'forget it').action(async (wanted: string, options: Parsed) => {
    const { id, name } = await findNetwork(options, wanted);
    await callApi(options, { method: 'DELETE', path: pathTo(cloudStateRoutes.forget.path, { id }) }, z.undefined());
    const answer: CloudForgotten = { networkId: id, networkName: name };
    surroundings.writeOut(
      options.json === true ? jsonText(answer) : `Nothing is known of the cloud of ${printable(name)} any more.\n`,
    );
  });
}

function verb(noun: Command, name: string, description: string, more = ''): Command {
  return noun
    .command(name)
    .usage(`NETWORK${more} [OPTIONS]`)
    .description(description)
    .argument('<NETWORK>', 'name or id of a network')
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs');
}

function cloudOption(): Option {
  return new Option('--cloud <CLOUD>', 'which cloud it is, where the network is not known to stand in one').choices(cloudIds);
}

async function findNetwork(choice: ServerChoice, wanted: string): Promise<z.output<typeof namedNetwork>> {
  return findNamed('network', await listAll(choice, networkRoutes.list.path, namedNetwork), wanted);
}

function show(surroundings: Surroundings, { json }: Parsed, found: z.output<typeof networkCloud>): void {
  surroundings.writeOut(json === true ? jsonText(found) : cloudText(found));
  surroundings.setExitCode(found.warnings.length === 0 ? exitCodes.works : exitCodes.problem);
}

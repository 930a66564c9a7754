import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { networkRoutes } from '../../contract/api/network.ts';
import { pathTo } from '../../contract/api/route.ts';
import type { RouterCommandsAnswer, StaticRoutes } from '../../contract/api/site-routes.ts';
import { routerCommandsAnswer, siteRouteRoutes, staticRoutes } from '../../contract/api/site-routes.ts';
import type { StaticRoutesAnswer } from '../../contract/cli/static-routes.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import type { PlatformId } from '../../core/platforms/catalogue.ts';
import { isPlatformId, platformIds } from '../../core/platforms/catalogue.ts';
import type { ParameterValues } from '../../core/platforms/router-commands.ts';
import { checkParameters } from '../../core/platforms/router-commands.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { findNamed } from '../find-named.ts';
import { listAll } from '../server/list-all.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import { dataOption, serverOption } from '../options/server.ts';
import type { ServerChoice } from '../server/server.ts';
import { commandsRemarks, staticRoutesText } from '../static-routes-text.ts';
import type { Surroundings } from '../surroundings.ts';

/** Only what finding needs, so that a field more or less in the API's answer is no trouble. */
const namedNetwork = z.object({ id: z.string(), name: z.string() });

/** Each has a route for every other site, so 1,000 would be a long answer. */
const networksAPage = 100;

interface Parsed extends ServerChoice {
  readonly platform?: PlatformId;
  readonly parameter?: ParameterValues;
  readonly all?: boolean;
  readonly undo?: boolean;
  readonly verify?: boolean;
  readonly terraform?: boolean;
  readonly json?: boolean;
}

/**
 * registerStaticRoutes adds `causeway static-routes`: what the LANs need (docs/site-to-site.md). With a platform, named or known, stdout is
 * what can be pasted at the router and nothing else; 1 when words in it still have to be replaced.
 */
export function registerStaticRoutes(program: Command, surroundings: Surroundings): void {
  program
    .command('static-routes')
    .usage('[NETWORK] [OPTIONS]')
    .description('show the static routes that the LANs need, as commands for their routers and clouds')
    .argument('[NETWORK]', 'name or id of a network; without it, all are listed')
    .addOption(new Option('--platform <ID>', 'whose commands to write; docs/platforms.md lists them').argParser(parsePlatform))
    .addOption(
      new Option('--parameter <NAME=VALUE>', "how the router's parts are called; may be given several times").argParser(
        parseParameter,
      ),
    )
    .option('--all', 'also routes that are useful but not required')
    .addOption(new Option('--undo', 'the commands that take the routes back').conflicts(['verify', 'terraform']))
    .addOption(new Option('--verify', 'the commands that show whether the routes are there').conflicts(['undo', 'terraform']))
    .addOption(new Option('--terraform', 'as Terraform (AWS, Azure, Google Cloud, Oracle)').conflicts(['undo', 'verify']))
    .addOption(dataOption())
    .addOption(serverOption())
    .option('--json', 'print it for programs')
    .action(async (wanted: string | undefined, options: Parsed) => {
      requireNetwork(wanted, options);
      const only = wanted === undefined ? undefined : await readRoutes(options, wanted);
      const found = only === undefined ? await listRoutes(options) : [only];
      const commands = only === undefined ? null : await readCommands(only, options);
      if (options.json === true) {
        const answer: StaticRoutesAnswer = { networks: found, commands };
        surroundings.writeOut(jsonText(answer));
      } else if (commands === null) {
        surroundings.writeOut(staticRoutesText(found));
      } else {
        surroundings.writeErr(commandsRemarks(commands));
        surroundings.writeOut(textOf(commands, options));
      }
      surroundings.setExitCode((commands?.missing.length ?? 0) === 0 ? exitCodes.works : exitCodes.problem);
    });
}

function requireNetwork(wanted: string | undefined, { platform, parameter, undo, verify, terraform, all }: Parsed): void {
  const given = Object.entries({ platform, parameter, undo, verify, terraform, all }).find(([, value]) => value !== undefined);
  if (wanted !== undefined || given === undefined) return;
  throw new CliFailure(
    exitCodes.usage,
    `--${given[0]} is for one network: name it, as in causeway static-routes "HQ Network" --platform linux`,
  );
}

async function listRoutes(choice: ServerChoice): Promise<StaticRoutes[]> {
  return await listAll(choice, siteRouteRoutes.allStaticRoutes.path, staticRoutes, { size: networksAPage });
}

async function readRoutes(choice: ServerChoice, wanted: string): Promise<StaticRoutes> {
  const { id } = findNamed('network', await listAll(choice, networkRoutes.list.path, namedNetwork), wanted);
  return await callApi(choice, { method: 'GET', path: pathTo(siteRouteRoutes.staticRoutes.path, { id }) }, staticRoutes);
}

/** Null where nothing is asked for and nothing is known of the router. */
async function readCommands(routes: StaticRoutes, options: Parsed): Promise<RouterCommandsAnswer | null> {
  const platform = options.platform ?? routes.platform?.platform;
  if (platform === undefined) {
    const asked = Object.entries({
      parameter: options.parameter,
      undo: options.undo,
      verify: options.verify,
      terraform: options.terraform,
    });
    const given = asked.find(([, value]) => value !== undefined)?.[0];
    if (given === undefined) return null;
    throw new CliFailure(
      exitCodes.usage,
      `--${given} needs --platform: nothing is known of the router of this network; ${allowedPlatforms}`,
    );
  }
  const checked = checkParameters(platform, options.parameter ?? {});
  if (!checked.ok) throw new CliFailure(exitCodes.usage, `--parameter: ${checked.reason}`);
  const query = new URLSearchParams({ ...options.parameter, platform, ...(options.all === true ? { routes: 'all' } : {}) });
  const path = `${pathTo(siteRouteRoutes.routerCommands.path, { id: routes.networkId })}?${query.toString()}`;
  return await callApi(options, { method: 'GET', path }, routerCommandsAnswer);
}

function textOf(commands: RouterCommandsAnswer, { undo, verify, terraform }: Parsed): string {
  if (terraform !== true) return undo === true ? commands.remove : verify === true ? commands.verify : commands.add;
  if (commands.terraform !== null) return commands.terraform;
  throw new CliFailure(exitCodes.usage, `--terraform: there is none for ${commands.platform}; allowed: aws, azure, gcp, oci`);
}

const allowedPlatforms = `allowed: ${platformIds.join(', ')}`;

function parsePlatform(text: string): PlatformId {
  if (isPlatformId(text)) return text;
  throw new InvalidArgumentError(`${quoteInput(text)} is no platform; ${allowedPlatforms}.`);
}

function parseParameter(text: string, before: ParameterValues | undefined): ParameterValues {
  const equals = text.indexOf('=');
  if (equals > 0) return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
  throw new InvalidArgumentError(`${quoteInput(text)} is not NAME=VALUE, such as interface=eth0.`);
}

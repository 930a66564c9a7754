import type { Command } from 'commander';
import { z } from 'zod';
import type { Drained } from '../../contract/api/connector-state.ts';
import { drained, drainRoutes } from '../../contract/api/connector-state.ts';
import { pathTo } from '../../contract/api/route.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { listNetworks, namedNetwork } from '../find-network.ts';
import { callLocalApi } from '../local-api.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable, table } from '../table.ts';

interface Parsed {
  readonly data: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

type Candidate = { readonly id: string; readonly name: string; readonly network: string };

const withConnectors = namedNetwork.extend({ connectors: z.array(z.object({ id: z.string(), name: z.string() })) });

/** So many are listed where none or several fit. */
const shownCandidates = 20;

/** registerDrain adds `causeway drain`: takes a connector out of the way before its machine is restarted, and puts it back. */
export function registerDrain(program: Command, surroundings: Surroundings): void {
  program
    .command('drain')
    .argument('<CONNECTOR>', 'name or id of a connector of a network')
    .usage('NAME|ID [--resume] [OPTIONS]')
    .description('send new traffic to the other connectors of a network, before this one is switched off')
    .option('--resume', 'let it take traffic again')
    .addOption(dataDirectoryOption())
    .option('--json', 'print it for programs')
    .action(async (wanted: string, { data, resume, json }: Parsed) => {
      const connector = findConnector(wanted, await listConnectors(data));
      const { method, path } = resume === true ? drainRoutes.resume : drainRoutes.drain;
      const done = await callLocalApi(data, { method, path: pathTo(path, { id: connector.id }) }, drained);
      if (json === true) {
        surroundings.writeOut(`${JSON.stringify(done)}\n`);
        return;
      }
      const name = `${printable(done.name)} of ${printable(connector.network)}`;
      surroundings.writeOut(done.draining ? `${name} is draining${whatFollows(done)}\n` : `${name} takes traffic again\n`);
      if (done.warning !== null) surroundings.writeErr(`${printable(done.warning)}\n`);
    });
}

/** Nothing is promised where the warning says that the traffic stays. */
function whatFollows({ warning }: Drained): string {
  return warning === null ? ': new traffic goes to the other connectors of its network, what it has stays' : '';
}

async function listConnectors(data: string): Promise<Candidate[]> {
  const networks = await listNetworks(data, withConnectors);
  return networks.flatMap(({ name: network, connectors }) => connectors.map(({ id, name }) => ({ id, name, network })));
}

/** findConnector fails with what there is, unless exactly one has this id or name. */
export function findConnector(wanted: string, candidates: readonly Candidate[]): Candidate {
  const byId = candidates.find(({ id }) => id === wanted.toLowerCase());
  const matching = byId === undefined ? candidates.filter(({ name }) => name === wanted) : [byId];
  const [found] = matching;
  if (found !== undefined && matching.length === 1) return found;
  if (found !== undefined) {
    throw new CliFailure(
      exitCodes.usage,
      `${String(matching.length)} connectors are called ${quoteInput(wanted)}; give the id of the one that is meant:\n${listOf(matching)}`,
    );
  }
  const there = candidates.length === 0 ? 'there is none yet' : `there are:\n${listOf(candidates)}`;
  throw new CliFailure(exitCodes.usage, `no connector of a network has the name or id ${quoteInput(wanted)}; ${there}`);
}

function listOf(candidates: readonly Candidate[]): string {
  const rows = candidates.slice(0, shownCandidates).map(({ id, name, network }) => [id, printable(name), printable(network)]);
  const rest = candidates.length - rows.length;
  return `${table(rows)}${rest > 0 ? `  and ${String(rest)} more\n` : ''}`.trimEnd();
}

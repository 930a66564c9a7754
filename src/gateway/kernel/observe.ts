import { readNftTable } from './observe-nft.ts';
import type { JsonObject } from './json.ts';
import { isObject, parseJson } from './json.ts';
import { readDevices, readRoutes, readRules } from './observe-ip.ts';
import type { ObservedKernel } from './observed-kernel.ts';
import type { KernelOwnership } from './ownership.ts';
import { routeProtocol } from './ownership.ts';
import type { CommandResult, CommandRunner } from './run-command.ts';

/** ObserveError says that the kernel could not be read. Nothing may be planned then: what is not seen would look as if it were missing. */
export class ObserveError extends Error {
  override readonly name = 'ObserveError';
}

/** observeKernel reads what the kernel holds of ours. Rejects with ObserveError if a part of it cannot be read. */
export async function observeKernel(own: KernelOwnership, run: CommandRunner): Promise<ObservedKernel> {
  const [devices, rules, routes, table] = await Promise.all([
    run('ip', ['-j', '-d', 'addr', 'show', 'type', 'tun']),
    run('ip', ['-j', 'rule', 'show']),
    run('ip', ['-j', 'route', 'show', 'table', 'all', 'proto', String(routeProtocol)]),
    run('nft', ['-j', 'list', 'table', 'inet', own.nftTable]),
  ]);
  return {
    devices: readDevices(own, list('tuns', devices)),
    rules: readRules(own, list('rules', rules)),
    ...readRoutes(own, list('routes', routes)),
    table: table.stderr.includes('No such file or directory') ? null : nftTable(table),
  };
}

/** With no tun at all, ip prints an empty list or nothing. An answer that was cut off is no JSON. */
function list(what: string, { code, stdout, stderr }: CommandResult): readonly JsonObject[] {
  const printed: unknown = stdout.trim() === '' ? [] : parseJson(stdout);
  if (code === 0 && Array.isArray(printed) && printed.every(isObject)) return printed;
  throw new ObserveError(`cannot read the ${what} from the kernel: ip ended with ${String(code)}: ${stderr.trim()}`);
}

function nftTable({ code, stdout, stderr }: CommandResult): ObservedKernel['table'] {
  const table = code === 0 ? readNftTable(stdout) : null;
  if (table === null)
    throw new ObserveError(`cannot read the firewall table from the kernel: nft ended with ${String(code)}: ${stderr.trim()}`);
  return table;
}

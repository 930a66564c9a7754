import { Option } from 'commander';
import { dryRunOf, impactAnswer } from '../../contract/api/impact.ts';
import type { RouteShape } from '../../contract/api/route.ts';
import { pathTo } from '../../contract/api/route.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { callApi } from '../server/call-api.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';
import type { Parsed } from './noun.ts';

/** dryRunOption is --dry-run of verbs whose routes can be tried out (contract/api/impact.ts). */
export function dryRunOption(isThere: true | undefined): readonly Option[] {
  return isThere === undefined ? [] : [new Option('--dry-run', 'only say what it would do to what is connected')];
}

type Tried = { readonly route: RouteShape; readonly body?: unknown };

/** tellImpact prints what these requests would do, each taken by itself, in place of sending them. A controller that cannot tell refuses. */
export async function tellImpact(surroundings: Surroundings, parsed: Parsed, all: readonly Tried[], id: string): Promise<void> {
  if (parsed.json === true && all.length > 1) {
    throw new CliFailure(exitCodes.usage, 'these are two requests, and --json prints one answer: try one half of them at a time');
  }
  for (const { route, body } of all) {
    const { method, path } = dryRunOf(route);
    const impact = await callApi(
      parsed,
      { method, path: pathTo(path, { id }), refused: exitCodes.usage, ...(body === undefined ? {} : { body }) },
      impactAnswer,
    );
    const sentences = impact.changes ? impact.sentences : ['Nothing would change: it is so already.'];
    surroundings.writeOut(parsed.json === true ? jsonText(impact) : sentences.map((line) => `${printable(line)}\n`).join(''));
  }
}

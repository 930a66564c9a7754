import { z } from 'zod';
import { pageResponse } from '../contract/page.ts';
import { quoteInput } from '../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from './failure.ts';
import { callLocalApi } from './local-api.ts';
import { printable } from './table.ts';

/** Only what finding needs, so that a field more or less in the API's answer is no trouble. */
export const namedNetwork = z.object({ id: z.string(), name: z.string() });

export type NamedNetwork = z.infer<typeof namedNetwork>;

/** listNetworks gives every network, in the order in which they were made; `shape` is what of them is wanted. */
export async function listNetworks<Shape extends z.ZodType>(dataDirectory: string, shape: Shape): Promise<z.output<Shape>[]> {
  const page = pageResponse(shape);
  const found: z.output<Shape>[] = [];
  for (let number = 0; ; number += 1) {
    const answer = await callLocalApi(
      dataDirectory,
      { method: 'GET', path: `/api/v1/networks?page=${String(number)}&size=1000` },
      page,
    );
    found.push(...answer.content);
    if (number + 1 >= answer.totalPages) return found;
  }
}

/** findNetwork takes a name or an id. Throws CliFailure (usage) naming what there is, and the candidates where a name is shared. */
export function findNetwork(networks: readonly NamedNetwork[], wanted: string): NamedNetwork {
  const byId = networks.find(({ id }) => id === wanted.toLowerCase());
  if (byId !== undefined) return byId;
  const candidates = networks.filter(({ name }) => name === wanted);
  const [first] = candidates;
  if (first === undefined) {
    const names = networks.slice(0, 20).map(({ name }) => printable(name));
    const more = networks.length > names.length ? ` and ${String(networks.length - names.length)} more` : '';
    const known = names.length === 0 ? 'there is no network yet' : `there are: ${names.join(', ')}${more}`;
    throw new CliFailure(exitCodes.usage, `${quoteInput(wanted)} is neither the name nor the id of a network; ${known}`);
  }
  if (candidates.length > 1) {
    const ids = candidates.map(({ id }) => id).join(', ');
    throw new CliFailure(exitCodes.usage, `several networks are called ${quoteInput(wanted)}; name one by its id: ${ids}`);
  }
  return first;
}

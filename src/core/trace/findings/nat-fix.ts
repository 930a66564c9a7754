import type { Cause } from '../cause.ts';
import type { FixContext } from './entry.ts';
import { apiFix } from './api-fix.ts';
import { addressWord, uuidWord } from './command-words.ts';
import { rangeOf } from './ranges.ts';
import type { Fix } from './finding.ts';
import { network } from './sentences.ts';

const consequences =
  "Servers then see the connector's address instead of the person's, in logs and filters, and cannot open connections to people's devices. Connections under way may have to start again.";

/** masquerade turns NAT on for a network; its agent does it within seconds, and forgets flows that began without it. */
export function masquerade(cause: Cause, context: FixContext, betterWhen: string): Fix {
  const { source, destination } = cause.facts;
  const device = [source, destination].find((each) => each !== undefined && rangeOf(each, context) !== undefined);
  const change = (nat: 'masquerade' | 'routed') => ({
    method: 'PATCH' as const,
    path: `/api/causeway/v1/networks/${uuidWord(cause.facts.networkId, 'NETWORK_ID')}`,
    body: { nat },
  });
  return apiFix(`NAT: let the connectors of ${network(cause.facts)} masquerade`, [change('masquerade')], {
    undone: [change('routed')],
    risk: consequences,
    betterWhen,
    verify: [
      `On the connector: conntrack -L -s ${addressWord(device, 'DEVICE_ADDRESS')} shows the connector's own address in the second half.`,
    ],
  });
}

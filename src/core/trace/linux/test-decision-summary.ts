/** One line of what was decided, for the tables of tests. */
import { formatAddress } from '../../ip/address.ts';
import type { Ways } from './decision.ts';
import type { Decision } from './test-kernel-comparison.ts';

export function summaryOf(decision: Decision): string {
  switch (decision.kind) {
    case 'unknown':
      return 'unknown';
    case 'local':
      return `local ${decision.cast}`;
    case 'drop': {
      const { reason, sysctl } = decision;
      return sysctl === null ? `drop ${reason}` : `drop ${reason} ${sysctl.path}=${String(sysctl.value)}`;
    }
    case 'send':
      return `send ${waysText(decision.ways)}`;
    case 'forward': {
      const redirect = { sent: ' redirect', 'not-sent': '', unknown: ' redirect?' }[decision.redirect];
      return `forward ${waysText(decision.ways)}${redirect}${decision.source.leavesElsewhere ? ' elsewhere' : ''}`;
    }
  }
}

function waysText(ways: Ways): string {
  return ways
    .map((way) => (way.gateway === null ? way.interface : `${way.interface} via ${formatAddress(way.gateway)}`))
    .join(', ');
}

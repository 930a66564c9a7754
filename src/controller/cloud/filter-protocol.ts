import type { FilterRule } from '../../core/trace/cloud/cloud-state.ts';

/**
 * filterProtocol reads how clouds name the protocol of a rule: words in either case, IANA's numbers, and `*`, `all` or `-1` for any. ICMP is one
 * for both families: a rule's peers are of one.
 */
export function filterProtocol(word: string): FilterRule['protocol'] {
  switch (word.toLowerCase()) {
    case '*':
    case 'all':
    case '-1':
      return 'any';
    case 'tcp':
    case '6':
      return 'tcp';
    case 'udp':
    case '17':
      return 'udp';
    case 'icmp':
    case '1':
    case 'icmpv6':
    case '58':
      return 'icmp';
    default:
      return 'other';
  }
}

import type { Nat, NatKind, Statement } from './rules.ts';

const unknownExpression = { kind: 'unknown', what: 'an argument that nft does not print' } as const;

/** statementOfTarget is what an iptables target does of which only the name is known: nft prints the rules of iptables-nft so. */
export function statementOfTarget(name: string): readonly Statement[] {
  switch (name) {
    case 'REJECT':
      return [{ kind: 'verdict', verdict: { kind: 'reject', with: '', requires: null } }];
    case 'MASQUERADE':
      return [nat('masquerade', false)];
    case 'SNAT':
      return [nat('snat', true)];
    case 'DNAT':
      return [nat('dnat', true)];
    case 'REDIRECT':
      return [{ ...nat('redirect', false), port: unknownExpression }];
    case 'NETMAP':
      return [{ kind: 'undecidable', what: 'NETMAP' }];
    case 'MARK':
    case 'HMARK':
      return [{ kind: 'set-mark', of: 'packet', value: unknownExpression }];
    case 'CONNMARK':
      // It may save to the flow or restore from it.
      return [
        { kind: 'set-mark', of: 'packet', value: unknownExpression },
        { kind: 'set-mark', of: 'flow', value: unknownExpression },
      ];
    case 'TCPMSS':
      return [{ kind: 'clamp-mss', size: 'route' }];
    case 'LOG':
    case 'NFLOG':
    case 'TRACE':
    case 'AUDIT':
    case 'CLASSIFY':
    case 'CHECKSUM':
    case 'DSCP':
    case 'TOS':
    case 'TTL':
    case 'HL':
    case 'TCPOPTSTRIP':
    case 'IDLETIMER':
    case 'LED':
    case 'RATEEST':
    case 'SECMARK':
    case 'CONNSECMARK':
    case 'SET':
    case 'TEE':
      return [];
    default:
      return [{ kind: 'undecidable', what: `target ${name}` }];
  }
}

function nat(kind: NatKind, toUnknown: boolean): Nat {
  const address = toUnknown ? unknownExpression : null;
  const port = toUnknown ? unknownExpression : null;
  return { kind: 'nat', nat: kind, family: null, address, port, netmap: false, randomPort: false };
}

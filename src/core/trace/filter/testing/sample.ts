import { tryParseAddress } from '../../../ip/address.ts';
import type { Address } from '../../../ip/address.ts';
import type { Packet } from '../../packet.ts';
import type { HookContext } from '../hook-context.ts';

export function address(text: string): Address {
  const parsed = tryParseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

/** A SYN from an overlay client to a server of the LAN. */
export const syn: Packet = {
  source: address('100.96.0.13'),
  destination: address('10.20.0.20'),
  protocol: 'tcp',
  sourcePort: 40_000,
  destinationPort: 443,
  kind: 'syn',
  bytes: 60,
  dontFragment: true,
  ttl: 63,
};

/** The first packet of a flow at the forward hook, on its way from the tunnel to the LAN. */
export const forwarded: HookContext = {
  hook: 'forward',
  packet: syn,
  iifname: 'tun0',
  oifname: 'eth0',
  mark: 0,
  ct: { state: 'new', direction: 'original', mark: 0, status: [], original: syn },
  nat: { kind: 'none' },
  ownAddress: null,
  fib: null,
};

export const atPostrouting: HookContext = {
  ...forwarded,
  hook: 'postrouting',
  nat: { kind: 'first' },
  ownAddress: address('10.20.0.5'),
};
export const atPrerouting: HookContext = { ...forwarded, hook: 'prerouting', oifname: null, nat: { kind: 'first' } };

/** An `nft -j` listing of these objects. */
export function listing(...objects: readonly object[]): string {
  return JSON.stringify({ nftables: [{ metainfo: { version: '1.0.6' } }, ...objects] });
}

/** A table with one base chain and these rules; `more` are its other chains and sets. */
export function oneChain(
  base: {
    readonly hook: string;
    readonly prio?: number;
    readonly policy?: string;
    readonly type?: string;
    readonly family?: string;
  },
  rules: readonly (readonly object[])[],
  more: readonly object[] = [],
): object[] {
  const family = base.family ?? 'inet';
  const table = 't';
  return [
    { table: { family, name: table, handle: 1 } },
    ...more,
    { chain: { prio: 0, policy: 'accept', type: 'filter', ...base, family, table, name: 'base' } },
    ...rules.map((expr, index) => ({ rule: { family, table, chain: 'base', handle: index + 10, expr } })),
  ];
}

export function field(protocol: string, name: string): object {
  return { payload: { protocol, field: name } };
}

export function match(left: object, right: unknown, op = '=='): object {
  return { match: { op, left, right } };
}

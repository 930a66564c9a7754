import type { AddressText } from '../ip/address.ts';
import type { PrefixText } from '../ip/prefix.ts';
import type { FindingCode } from './finding-code.ts';

/** ObjectRef is what a finding blames: an object of the WPC by its id, or something of the operator's by the name that it goes by. */
export type ObjectRef = {
  readonly kind: 'device' | 'user' | 'user-group' | 'connector' | 'network' | 'host' | 'gateway' | 'router' | 'cloud' | 'server';
  /** UUID of ours; an address or a cloud's id for what is the operator's. */
  readonly id: string;
  /** The operator's words: never trusted, escaped where it is shown. */
  readonly label: string;
};

/**
 * Facts are what was found, in words that fixes are written from: typed values or texts of the machine, which whoever writes a command from
 * them has to check or quote. All optional; which of them a code needs, its entry in findings/ says.
 */
export type Facts = {
  readonly source?: AddressText;
  readonly destination?: AddressText;
  readonly protocol?: string;
  readonly port?: number;
  /** Prefix that has no route, is not allowed, overlaps. */
  readonly prefix?: PrefixText;
  /** Everything that the LAN should send to the connector, for fixes by static route. */
  readonly prefixes?: readonly PrefixText[];
  /** Next hop that is wrong, or that should be. */
  readonly nextHop?: AddressText;
  readonly interface?: string;
  readonly tunnelInterface?: string;
  /** The connector's address on its LAN. */
  readonly lanAddress?: AddressText;
  readonly routerAddress?: AddressText;
  readonly networkName?: string;
  readonly networkId?: string;
  readonly connectorId?: string;
  readonly connectorName?: string;
  readonly userGroupId?: string;
  /** Platform of core/platforms/catalogue.ts that routes the LAN, with its parameters. */
  readonly platform?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Path form, `net/ipv4/ip_forward`. */
  readonly sysctl?: string;
  readonly value?: string;
  readonly wanted?: string;
  /** Of a rule that decided: family, table and chain of nft, or of iptables. `owner` is the software whose table it is, where known. */
  readonly family?: string;
  readonly table?: string;
  readonly chain?: string;
  readonly rule?: string;
  readonly handle?: number;
  readonly owner?: string;
  readonly mtu?: number;
  readonly bytes?: number;
  /** A cloud's id of route table, network card, security group and so on. */
  readonly resource?: string;
  /** In one clause, what a machine said or a count showed. */
  readonly observation?: string;
};

/** Cause is what a step gives to the findings: the code, whose fault it is, and what was found. */
export type Cause = { readonly code: FindingCode; readonly object: ObjectRef; readonly facts: Facts };

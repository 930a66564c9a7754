import { z } from 'zod';
import type { CloudState, FilterRule, Peer, PortRange, Route, Target } from '../../core/trace/cloud/cloud-state.ts';
import { filterRule } from '../../core/trace/cloud/vendors.ts';
import { filterProtocol } from './filter-protocol.ts';
import { flag, many, maybe, text } from './vendor-schema.ts';
import { addressTexts, portsText, prefixText, prefixTexts } from './vendor-values.ts';

const range = maybe(z.object({ min: z.number(), max: z.number() }));
const ports = maybe(z.object({ destinationPortRange: range, sourcePortRange: range }));
const common = {
  protocol: z.string(),
  isStateless: flag,
  tcpOptions: ports,
  udpOptions: ports,
  icmpOptions: maybe(z.object({ type: z.number() })),
};
const ingress = z.object({ ...common, source: z.string(), sourceType: text });
const egress = z.object({ ...common, destination: z.string(), destinationType: text });
const groupRule = z.object({
  ...common,
  direction: z.enum(['INGRESS', 'EGRESS']),
  source: text,
  sourceType: text,
  destination: text,
  destinationType: text,
});

/** oracleAnswers are lists of the Core Services API for one VCN; null where they may not be read. */
export const oracleAnswers = z.object({
  vcn: z.object({ id: z.string(), displayName: text, cidrBlocks: many(z.string()), ipv6CidrBlocks: many(z.string()) }),
  vnics: z.array(
    z.object({
      id: z.string(),
      displayName: text,
      subnetId: text,
      privateIp: text,
      skipSourceDestCheck: flag,
      nsgIds: many(z.string()),
    }),
  ),
  privateIps: z.array(z.object({ id: z.string(), vnicId: text, ipAddress: text, isPrimary: flag })),
  subnets: z.array(
    z.object({
      id: z.string(),
      displayName: text,
      cidrBlock: text,
      ipv6CidrBlock: text,
      routeTableId: text,
      securityListIds: many(z.string()),
    }),
  ),
  routeTables: z
    .array(
      z.object({
        id: z.string(),
        displayName: text,
        routeRules: many(z.object({ destination: text, destinationType: text, networkEntityId: z.string() })),
      }),
    )
    .nullable(),
  securityLists: z
    .array(
      z.object({
        id: z.string(),
        displayName: text,
        ingressSecurityRules: many(ingress),
        egressSecurityRules: many(egress),
      }),
    )
    .nullable(),
  networkSecurityGroups: z.array(z.object({ id: z.string(), displayName: text, rules: many(groupRule) })).nullable(),
});
type OracleAnswers = z.infer<typeof oracleAnswers>;

/** fromOracle makes a state of them. */
export function fromOracle(answers: OracleAnswers, at: string): CloudState {
  const { vcn, vnics, privateIps, subnets, routeTables, securityLists, networkSecurityGroups } = answers;
  const lists = securityLists?.map(({ id, displayName, ingressSecurityRules, egressSecurityRules }) => ({
    id,
    label: displayName ?? id,
    rules: [
      ...ingressSecurityRules.map((rule) => ruleOf(rule, 'in', rule.source, rule.sourceType)),
      ...egressSecurityRules.map((rule) => ruleOf(rule, 'out', rule.destination, rule.destinationType)),
    ],
  }));
  const groups = networkSecurityGroups?.map(({ id, displayName, rules }) => ({
    id,
    label: displayName ?? id,
    rules: rules.map((rule) =>
      rule.direction === 'INGRESS'
        ? ruleOf(rule, 'in', rule.source ?? '', rule.sourceType)
        : ruleOf(rule, 'out', rule.destination ?? '', rule.destinationType),
    ),
  }));
  return {
    cloud: 'oci',
    id: vcn.id,
    label: vcn.displayName ?? vcn.id,
    reading: { from: 'api', at },
    ranges: prefixTexts([...vcn.cidrBlocks, ...vcn.ipv6CidrBlocks]),
    cards: vnics.map((vnic) => {
      const own = privateIps.filter(({ vnicId }) => vnicId === vnic.id);
      return {
        id: vnic.id,
        label: vnic.displayName ?? vnic.id,
        aliases: own.map(({ id }) => id),
        addresses: [...new Set(addressTexts([vnic.privateIp, ...own.map(({ ipAddress }) => ipAddress)]))],
        subnet: vnic.subnetId,
        forwards: vnic.skipSourceDestCheck,
        refusal: null,
        filters: vnic.nsgIds,
        tags: [],
      };
    }),
    subnets: subnets.map(({ id, displayName, cidrBlock, ipv6CidrBlock, routeTableId, securityListIds }) => ({
      id,
      label: displayName ?? id,
      prefixes: prefixTexts([cidrBlock, ipv6CidrBlock]),
      table: routeTableId === null ? null : { kind: 'own', id: routeTableId },
      filters: securityListIds,
    })),
    tables:
      routeTables?.map(({ id, displayName, routeRules }) => ({
        id,
        label: displayName ?? id,
        main: false,
        routes: routeRules.map(routeOf),
      })) ?? null,
    filters: lists === undefined && groups === undefined ? null : [...(lists ?? []), ...(groups ?? [])],
  };
}

function routeOf(rule: { destination: string | null; destinationType: string | null; networkEntityId: string }): Route {
  const isPrefix = rule.destinationType !== 'SERVICE_CIDR_BLOCK' && rule.destination !== null;
  return {
    destination: isPrefix ? (prefixText(rule.destination ?? '') ?? null) : null,
    target: targetOf(rule.networkEntityId),
    state: 'active',
    origin: 'user',
    priority: null,
    tags: null,
  };
}

/** An OCID says of what kind its object is. */
function targetOf(ocid: string): Target {
  switch (ocid.split('.')[1]) {
    case 'privateip':
      return { kind: 'card', name: ocid };
    case 'internetgateway':
    case 'natgateway':
      return { kind: 'internet', name: ocid };
    case 'servicegateway':
      return { kind: 'service', name: ocid };
    default:
      return { kind: 'elsewhere', name: ocid };
  }
}

type Rule = { [key in keyof typeof common]: z.infer<(typeof common)[key]> };

function ruleOf(rule: Rule, direction: FilterRule['direction'], other: string, type: string | null): FilterRule {
  const protocol = filterProtocol(rule.protocol);
  const options = rule.tcpOptions ?? rule.udpOptions;
  const list = rangesOf(options?.destinationPortRange ?? null);
  const way = direction === 'in' ? 'from' : 'to';
  const isStateless = rule.isStateless === true;
  return filterRule({
    text: `${protocol === 'any' ? 'all' : protocol}${portsText(list)} ${way} ${other}${isStateless ? ', stateless' : ''}`,
    direction,
    protocol,
    peers: [peerOf(other, type)],
    ports: list,
    sourcePorts: rangesOf(options?.sourcePortRange ?? null),
    icmpType: rule.icmpOptions?.type ?? null,
    stateless: isStateless,
  });
}

function peerOf(other: string, type: string | null): Peer {
  if (type === 'NETWORK_SECURITY_GROUP') return { kind: 'group', id: other };
  const prefix = type === 'SERVICE_CIDR_BLOCK' ? undefined : prefixText(other);
  return prefix === undefined ? { kind: 'named', name: other } : { kind: 'prefix', prefix };
}

function rangesOf(found: { readonly min: number; readonly max: number } | null): readonly PortRange[] | null {
  return found === null ? null : [{ from: found.min, to: found.max }];
}

import type { Address } from '../../ip/address.ts';
import { tryParseAddress } from '../../ip/address.ts';
import { addressBits } from '../../ip/prefix.ts';
import type { ObservedMachine } from '../input.ts';
import type { JsonRecord } from './json-section.ts';
import { countField, field, isRecord, readRecords, recordsField, textField, textsField } from './json-section.ts';
import type { Known } from './known.ts';

export type InterfaceAddress = {
  readonly address: Address;
  /** Length of the subnet that the interface is directly connected to. */
  readonly length: number;
  /** Other end of a point-to-point address; the subnet is counted from it. */
  readonly peer: Address | null;
  readonly scope: string;
  readonly secondary: boolean;
};

export type LinuxInterface = {
  readonly name: string;
  readonly up: boolean;
  readonly loopback: boolean;
  /** Machines on the segment are asked for their link address (ARP, neighbour discovery) before anything is sent. */
  readonly resolves: boolean;
  readonly mtu: number;
  readonly group: string;
  /** Bridge, bond or VRF that it belongs to. */
  readonly master: string | null;
  /** `vrf`, `tun`, `veth`; null for a plain card, and where `ip -d link` was not reported. */
  readonly kind: string | null;
  readonly addresses: readonly InterfaceAddress[];
};

/** Interfaces by name. */
export type Interfaces = ReadonlyMap<string, LinuxInterface>;

/** readInterfaces reads the section `addr`, with the kinds of the section `link` where that was reported. */
export function readInterfaces(machine: ObservedMachine): Known<Interfaces> {
  const links = readRecords(machine, 'link', readKind);
  const kinds = new Map(links.known ? links.value : []);
  const read = readRecords(machine, 'addr', (record) => readInterface(record, kinds));
  return read.known ? { ...read, value: new Map(read.value.map((one) => [one.name, one])) } : read;
}

function readKind(record: JsonRecord): readonly [string, string | null] | undefined {
  const name = textField(record, 'ifname');
  const info = field(record, 'linkinfo');
  return name === undefined ? undefined : [name, isRecord(info) ? (textField(info, 'info_kind') ?? null) : null];
}

function readInterface(record: JsonRecord, kinds: ReadonlyMap<string, string | null>): LinuxInterface | undefined {
  const name = textField(record, 'ifname');
  const mtu = countField(record, 'mtu');
  if (name === undefined || mtu === undefined) return undefined;
  const addresses = recordsField(record, 'addr_info').map((info) => readAddress(info));
  if (addresses.includes(undefined)) return undefined;
  const flags = new Set(textsField(record, 'flags'));
  return {
    name,
    up: flags.has('UP'),
    loopback: flags.has('LOOPBACK'),
    resolves: !flags.has('LOOPBACK') && !flags.has('NOARP') && !flags.has('POINTOPOINT'),
    mtu,
    group: textField(record, 'group') ?? 'default',
    master: textField(record, 'master') ?? null,
    kind: kinds.get(name) ?? null,
    addresses: addresses.filter((one) => one !== undefined),
  };
}

function readAddress(info: JsonRecord): InterfaceAddress | undefined {
  const address = tryParseAddress(textField(info, 'local') ?? '');
  const length = countField(info, 'prefixlen');
  if (address === undefined || length === undefined || length > addressBits(address.family)) return undefined;
  const peer = tryParseAddress(textField(info, 'address') ?? '');
  return {
    address,
    length,
    peer: peer !== undefined && peer.family === address.family ? peer : null,
    scope: textField(info, 'scope') ?? 'global',
    secondary: field(info, 'secondary') === true,
  };
}

import { formatPrefix, tryParsePrefix } from '../../ip/prefix.ts';
import { formatAddress, tryParseAddress } from '../../ip/address.ts';
import type { Facts } from '../cause.ts';

/**
 * Words of commands. Facts are texts of machines and of operators: each becomes a word only if it is what it claims to be, written in characters
 * that neither a shell nor nft gives a meaning; else a word in capitals stands in its place, which no command takes for something else.
 */

/** The kernel takes nearly every byte in a name; a hyphen in front would be an option. */
const interfaceName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$/;
const nftName = /^[A-Za-z_][A-Za-z0-9_.-]{0,126}$/;
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const cloudId = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9_])?$/;
const networkName = /^[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,60}[A-Za-z0-9._-])?$/;
const sysctlPath = /^net\/(?:ipv4|ipv6|netfilter)\/(?:conf\/([A-Za-z0-9][A-Za-z0-9._-]{0,14})\/)?[a-z_]{1,40}$/;

export function interfaceWord(name: string | undefined, otherwise = 'INTERFACE'): string {
  return name !== undefined && interfaceName.test(name) ? name : otherwise;
}

export function addressWord(text: string | undefined, otherwise: string): string {
  const address = text === undefined ? undefined : tryParseAddress(text);
  return address === undefined ? otherwise : formatAddress(address);
}

export function prefixWord(text: string | undefined, otherwise: string): string {
  const prefix = text === undefined ? undefined : tryParsePrefix(text);
  return prefix === undefined ? otherwise : formatPrefix(prefix);
}

export function uuidWord(id: string | undefined, otherwise: string): string {
  return id !== undefined && uuid.test(id) ? id : otherwise;
}

/** A cloud's id or name of a resource. */
export function resourceWord(id: string | undefined, otherwise: string): string {
  return id !== undefined && cloudId.test(id) ? id : otherwise;
}

export function numberWord(value: number | undefined, otherwise: string): string {
  return value !== undefined && Number.isInteger(value) && value >= 0 ? String(value) : otherwise;
}

/** A network as an argument of `causeway`: its name where it stands plainly in double quotes, else its id. */
export function networkArgument({ networkName: name, networkId }: Facts): string {
  return name !== undefined && networkName.test(name) ? `"${name}"` : uuidWord(networkId, 'NETWORK');
}

/** SysctlWord is a checked name; `written` has dots where no interface's name has one, since with slashes both are right. */
export type SysctlWord = { readonly path: string; readonly written: string };

export function sysctlWord(path: string): SysctlWord | undefined {
  const match = sysctlPath.exec(path);
  if (match === null) return undefined;
  return { path, written: match[1]?.includes('.') === true ? path : path.replaceAll('/', '.') };
}

/** NftChain is a chain whose names nft reads as names. */
export type NftChain = { readonly family: 'ip' | 'ip6' | 'inet'; readonly table: string; readonly chain: string };

/** nftChain is where a rule stands; undefined where it is not known, or its names cannot stand in a command: nft has no quotes for them. */
export function nftChain({ family, table, chain }: Facts): NftChain | undefined {
  if (family !== 'ip' && family !== 'ip6' && family !== 'inet') return undefined;
  if (table === undefined || chain === undefined || !nftName.test(table) || !nftName.test(chain)) return undefined;
  return { family, table, chain };
}

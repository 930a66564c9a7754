import type { Address, AddressText } from '../../core/ip/address.ts';
import { formatAddress, tryParseAddress } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { formatPrefix, hostPrefix, parsePrefix } from '../../core/ip/prefix.ts';
import type { Peer, PortRange } from '../../core/trace/cloud/cloud-state.ts';

/** prefixText reads a prefix as vendors write it: host bits count for nothing, a lone address is a host. Undefined for what is none. */
export function prefixText(text: string): PrefixText | undefined {
  const parsed = parsePrefix(text);
  if (parsed.ok) return formatPrefix(parsed.value);
  const address = tryParseAddress(text);
  if (address !== undefined) return formatPrefix(hostPrefix(address));
  return parsed.suggestion === undefined ? undefined : (parsed.suggestion as PrefixText);
}

export function prefixTexts(texts: readonly (string | null)[]): readonly PrefixText[] {
  return texts.flatMap((text) => (text === null ? [] : (prefixText(text) ?? [])));
}

export function addressTexts(texts: readonly (string | null)[]): readonly AddressText[] {
  return texts.flatMap((text) => {
    const address: Address | undefined = text === null ? undefined : tryParseAddress(text);
    return address === undefined ? [] : [formatAddress(address)];
  });
}

/** peerOf is a prefix, or what the vendor means by the name. */
export function peerOf(text: string): Peer {
  const prefix = prefixText(text);
  return prefix === undefined ? { kind: 'named', name: text } : { kind: 'prefix', prefix };
}

/** portRange reads `443` and `8000-8099`; undefined for what is neither. */
export function portRange(text: string): PortRange | undefined {
  const found = /^([0-9]{1,5})(?:[-/]([0-9]{1,5}))?$/.exec(text.trim());
  if (found === null) return undefined;
  const from = Number(found[1]);
  return { from, to: Number(found[2] ?? found[1]) };
}

export function portsText(ports: readonly PortRange[] | null): string {
  if (ports === null) return '';
  return ` ${ports.map(({ from, to }) => (from === to ? String(from) : `${String(from)}-${String(to)}`)).join(',')}`;
}

import type { Address4, AddressText } from '../ip/address.ts';
import { addressPlus, formatAddress, strictAddress } from '../ip/address.ts';
import type { Prefix4 } from '../ip/prefix.ts';
import { containsAddress, firstAddress, prefixSize, strictPrefix } from '../ip/prefix.ts';
import type { Network } from '../model.ts';
import { lanAddressOf } from '../site-routes/lan-address.ts';
import type { EndInput } from './find-end.ts';

/**
 * exampleAddress chooses the address that stands for a network, and says why in one clause: a server that the operator has described, else
 * one that was named for health probes, else the first address that can be a machine's and is neither router nor connector. Undefined
 * where the network has no prefix of IPv4, or no address is left.
 */
export function exampleAddress(
  input: EndInput,
  network: Network,
): { readonly address: AddressText; readonly why: string } | undefined {
  const prefixes = network.prefixes.map((text) => strictPrefix(text)).filter((prefix) => prefix.family === 4);
  const inside = (text: AddressText) => prefixes.some((prefix) => containsAddress(prefix, strictAddress(text)));
  const stated = input.observed.statements.get(network.id)?.servers.find(({ address }) => inside(address));
  if (stated !== undefined) return { address: stated.address, why: `${stated.address} stands for the network: it was stated` };
  const probed = network.probeTargets.find(inside);
  if (probed !== undefined) return { address: probed, why: `${probed} stands for the network: its health probes ask it` };
  const taken = takenAddresses(input, network);
  const free = prefixes.map((prefix) => firstFree(prefix, taken)).find((address) => address !== undefined);
  if (free === undefined) return undefined;
  return {
    address: free,
    why: `${free} stands for the network: no machine there is named, so it is the first address that may be one`,
  };
}

/** Routers and connectors as they were reported: they are asked about by other names. */
function takenAddresses({ model, observed }: EndInput, network: Network): ReadonlySet<AddressText> {
  const own = model.connectors.filter(({ site }) => site.id === network.id);
  const found = own.flatMap(({ id, lanRouter }) => {
    const sections = observed.machines.get(id)?.sections;
    const texts = { addr: sections?.get('addr')?.body, route: sections?.get('route')?.body };
    const lan = lanAddressOf(texts, network.prefixes);
    return [lanRouter, lan?.router ?? null, lan?.address ?? null];
  });
  return new Set(found.filter((address) => address !== null));
}

function firstFree(prefix: Prefix4, taken: ReadonlySet<AddressText>): AddressText | undefined {
  const size = prefixSize(prefix);
  // The first and the last address of a subnet are no machine's, but of a /31 and a /32 they are (RFC 3021).
  const edge = size > 2 ? 1 : 0;
  for (let offset = edge; offset < size - edge; offset += 1) {
    const address: Address4 | undefined = addressPlus(firstAddress(prefix), offset);
    if (address === undefined) return undefined;
    const text = formatAddress(address);
    if (!taken.has(text)) return text;
  }
  return undefined;
}

import { CausewayError } from '../../contract/errors.ts';
import { tryParseAddress } from '../../core/ip/address.ts';
import type { PrefixText } from '../../core/ip/prefix.ts';
import { containsAddress, tryParsePrefix } from '../../core/ip/prefix.ts';
import { plainAddress } from './source-network.ts';

/**
 * requireAllowedSource refuses, with 403, an API credential that may not be used from this address; no prefixes allow all. It does not say
 * what is allowed: whoever is refused here may have stolen the credential. Null is a socket of this machine, which only root reaches.
 */
export function requireAllowedSource(allowed: readonly PrefixText[], sourceAddress: string | null): void {
  if (allowed.length === 0 || sourceAddress === null) return;
  const address = tryParseAddress(plainAddress(sourceAddress));
  const prefixes = allowed.flatMap((text) => tryParsePrefix(text) ?? []);
  if (address !== undefined && prefixes.some((prefix) => containsAddress(prefix, address))) return;
  throw new CausewayError(
    'forbidden',
    `This API credential may not be used from ${plainAddress(sourceAddress)}; an administrator can make one that may.`,
  );
}

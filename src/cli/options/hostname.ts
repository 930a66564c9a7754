import { InvalidArgumentError } from 'commander';
import { formatAddress, tryParseAddress } from '../../core/ip/address.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** parseHostname reads what goes into the portal's certificate and the profiles: a DNS name (lower case) or an address. */
export function parseHostname(text: string): string {
  const address = tryParseAddress(text);
  if (address !== undefined) return formatAddress(address);
  const name = text.toLowerCase();
  const labels = name.split('.');
  // RFC 3696: a last label of digits only is an address to most programs, so 10.0.0.300 is a mistake and not a name.
  const numeric = /^\d+$/.test(labels.at(-1) ?? '');
  if (name.length > 253 || numeric || !labels.every((part) => label.test(part))) {
    throw new InvalidArgumentError(
      `${quoteInput(text)} is neither a host name nor an address: give the name people will type, such as vpn.example.com, or an address, such as 192.0.2.10.`,
    );
  }
  return name;
}

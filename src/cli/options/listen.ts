import { InvalidArgumentError } from 'commander';
import type { UpOptions } from '../../contract/cli/up-options.ts';
import { formatAddress, parseAddress } from '../../core/ip/address.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';

const allowed = 'Give ADDRESS:PORT, such as 0.0.0.0:443, or [::]:443 for IPv6; port 0 takes any free one.';

/** parseListen reads ADDRESS:PORT, an IPv6 address in brackets; names are refused, because they can mean several addresses. */
export function parseListen(text: string): UpOptions['listen'] {
  const parts = /^(?:\[(?<six>[^\]]*)\]|(?<four>[^:[\]]*)):(?<port>[^:]*)$/.exec(text)?.groups;
  if (parts === undefined) throw new InvalidArgumentError(`${quoteInput(text)} is not an address and a port. ${allowed}`);
  const { six, four, port } = parts;
  const address = parseAddress(six ?? four ?? '');
  if (!address.ok) throw new InvalidArgumentError(`${sentence(address.reason)} ${allowed}`);
  if ((address.value.family === 6) !== (six !== undefined)) {
    throw new InvalidArgumentError(`${quoteInput(text)}: brackets are for IPv6 addresses, and only for them. ${allowed}`);
  }
  return { address: formatAddress(address.value), port: parsePort(port ?? '', 0) };
}

/** parsePort reads a decimal port from `minimum` to `maximum`. */
export function parsePort(text: string, minimum: number, maximum = 65_535): number {
  const port = /^(0|[1-9]\d{0,4})$/.test(text) ? Number(text) : Number.NaN;
  if (port >= minimum && port <= maximum) return port;
  throw new InvalidArgumentError(
    `${quoteInput(text)} is not a port that can be used here: give a number from ${minimum} to ${maximum}.`,
  );
}

function sentence(reason: string): string {
  return `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}

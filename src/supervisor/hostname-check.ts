import { isIP } from 'node:net';
import { parseAddress } from '../core/ip/address.ts';
import { quoteInput } from '../core/ip/quote-input.ts';
import { readInstallation } from './installation.ts';
import { addressOnDefaultRoute } from './local-address.ts';
import type { Problem } from './start-failure.ts';

/** RFC 1123: labels of letters, digits and inner hyphens. A last label of digits would be read as an IPv4 address by some clients. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * checkHostname refuses what cannot stand in a certificate, an .ovpn file or a URL. The command line says the same earlier; this is
 * asked again because the value is written into files as root. Without --hostname the one of the last start, or else the address on the
 * default route, is taken: there has to be one.
 */
export async function checkHostname(hostname: string | null, dataDirectory: string): Promise<Problem[]> {
  if (hostname === null) return (await hasDefault(dataDirectory)) ? [] : [noHostname];
  if (isHostname(hostname)) return [];
  return [
    {
      exitCode: 2,
      sentence: `--hostname ${quoteInput(hostname)} is neither a DNS name nor an IP address: give what people reach this machine at, such as vpn.example.com or 192.0.2.10.`,
    },
  ];
}

const noHostname: Problem = {
  exitCode: 2,
  sentence:
    'this machine has no default route, so its name cannot be guessed: give the name or address that people reach it at with --hostname.',
};

async function hasDefault(dataDirectory: string): Promise<boolean> {
  // A damaged installation.json is told by the start itself, with its own sentence.
  const stored = await readInstallation(dataDirectory).catch(() => undefined);
  return stored !== undefined || (await addressOnDefaultRoute()) !== undefined;
}

export function isHostname(text: string): boolean {
  if (isIP(text) !== 0) return parseAddress(text).ok;
  const labels = text.split('.');
  return text.length <= 253 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

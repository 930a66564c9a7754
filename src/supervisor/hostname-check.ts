import { isIP } from 'node:net';
import { parseAddress } from '../core/ip/address.ts';
import { quoteInput } from '../core/ip/quote-input.ts';
import type { Problem } from './start-failure.ts';

/** RFC 1123: labels of letters, digits and inner hyphens. A last label of digits would be read as an IPv4 address by some clients. */
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/**
 * checkHostname refuses what cannot stand in a certificate, an .ovpn file or a URL. The command line says the same earlier; this is
 * asked again because the value is written into files as root.
 */
export async function checkHostname(hostname: string | null): Promise<Problem[]> {
  if (hostname === null || isHostname(hostname)) return [];
  return [
    {
      exitCode: 2,
      sentence: `--hostname ${quoteInput(hostname)} is neither a DNS name nor an IP address: give what people reach this machine at, such as vpn.example.com or 192.0.2.10.`,
    },
  ];
}

export function isHostname(text: string): boolean {
  if (isIP(text) !== 0) return parseAddress(text).ok;
  const labels = text.split('.');
  return text.length <= 253 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? '');
}

import { isIPv6 } from 'node:net';
import type { InstallationInfo } from './deps.ts';

/**
 * portalUrl is `https://HOST[:PORT]` as people and connectors reach this installation, without a slash at the end. From the configuration,
 * never from a Host header, which whoever asks could choose.
 */
export function portalUrl({ hostname, listenPort }: Pick<InstallationInfo, 'hostname' | 'listenPort'>): string {
  const host = isIPv6(hostname) ? `[${hostname}]` : hostname;
  return `https://${host}${listenPort === 443 ? '' : `:${String(listenPort)}`}`;
}

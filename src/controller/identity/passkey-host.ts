import { isIP } from 'node:net';
import type { InstallationInfo } from '../deps.ts';

/** allowsPasskeys: browsers take them for a host name only ("This is an invalid domain" on an address; WebAuthn Level 3, 5.1.3). */
export function allowsPasskeys({ hostname }: Pick<InstallationInfo, 'hostname'>): boolean {
  return isIP(hostname) === 0;
}

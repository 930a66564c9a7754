import type { UpOptions } from './up-options.ts';

/** upArguments are the words of the command line that say these options, so that they do not depend on variables or later defaults. */
export function upArguments(options: UpOptions): string[] {
  const { data, listen, hostname, vpnPort, region, gateway, tls } = options;
  const address = listen.address.includes(':') ? `[${listen.address}]` : listen.address;
  return [
    'up',
    '--data',
    data,
    '--listen',
    `${address}:${String(listen.port)}`,
    ...(hostname === null ? [] : ['--hostname', hostname]),
    '--vpn-port',
    String(vpnPort),
    ...(region === null ? [] : ['--region', region]),
    ...(gateway ? [] : ['--no-gateway']),
    ...(tls === null ? [] : ['--tls-cert', tls.certificate, '--tls-key', tls.key]),
  ];
}

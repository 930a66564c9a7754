import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { UpOptions } from '../../contract/cli/up-options.ts';
import { maximumVpnPort } from '../../contract/cli/up-options.ts';
import { dataDirectoryOption } from './data-directory.ts';
import { parseHostname } from './hostname.ts';
import { parseListen, parsePort } from './listen.ts';
import { parseRegion } from './region.ts';

/** ParsedUp is what commander makes of the options of addUpOptions. */
export interface ParsedUp {
  readonly data: string;
  readonly listen: UpOptions['listen'];
  readonly hostname?: string;
  readonly vpnPort: number;
  readonly region?: string;
  readonly gateway: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** addUpOptions gives a command the options of `up`: those who start it, and those who have it started. */
export function addUpOptions(command: Command): Command {
  return command
    .addOption(dataDirectoryOption())
    .addOption(
      new Option('--listen <ADDR:PORT>', 'where portal and API listen; port 0 takes a free one')
        .env('CAUSEWAY_LISTEN')
        .argParser(parseListen)
        .default({ address: '0.0.0.0', port: 443 }, '0.0.0.0:443'),
    )
    .addOption(
      new Option('--hostname <NAME|IP>', 'name in the certificate and in profiles (default: the address on the default route)')
        .env('CAUSEWAY_HOSTNAME')
        .argParser(parseHostname),
    )
    .addOption(
      new Option('--vpn-port <N>', 'first port of the tunnels, UDP and TCP; further UDP ports follow it')
        .env('CAUSEWAY_VPN_PORT')
        .argParser((text: string) => parsePort(text, 1, maximumVpnPort))
        .default(1194),
    )
    .addOption(new Option('--region <ID>', "region of this machine's gateway").env('CAUSEWAY_REGION').argParser(parseRegion))
    .option('--no-gateway', 'controller and database only; gateways run elsewhere')
    .option(
      '--tls-cert <FILE>',
      "certificate chain of portal and API, PEM, together with --tls-key (default: from the installation's own CA)",
    )
    .option('--tls-key <FILE>', 'private key of --tls-cert, PEM');
}

/** upOptionsOf gives the options; ends the command (usage) where one of --tls-cert and --tls-key is missing. */
export function upOptionsOf(parsed: ParsedUp, command: Command): UpOptions {
  if ((parsed.tlsCert === undefined) !== (parsed.tlsKey === undefined)) {
    const [given, absent] = parsed.tlsCert === undefined ? ['--tls-key', '--tls-cert'] : ['--tls-cert', '--tls-key'];
    command.error(
      `error: ${given} is given without ${absent}: give both, or neither for a certificate of the installation's own CA.`,
    );
  }
  return {
    data: parsed.data,
    listen: parsed.listen,
    hostname: parsed.hostname ?? null,
    vpnPort: parsed.vpnPort,
    region: parsed.region ?? null,
    gateway: parsed.gateway,
    tls:
      parsed.tlsCert === undefined || parsed.tlsKey === undefined
        ? null
        : { certificate: resolve(parsed.tlsCert), key: resolve(parsed.tlsKey) },
  };
}

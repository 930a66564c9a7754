import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { UpOptions } from '../../contract/cli/up-options.ts';
import { maximumVpnPort } from '../../contract/cli/up-options.ts';
import { commitOf } from '../commit.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import { parseHostname } from '../options/hostname.ts';
import { parseListen, parsePort } from '../options/listen.ts';
import { parseRegion } from '../options/region.ts';
import type { Surroundings } from '../surroundings.ts';

const supervisor = 'src/supervisor/main.ts';

/**
 * For processes that idle for months; the supervisor hands them on to those that it starts. Node lets its young generation grow to three
 * times 16 MB and keeps that. With 4 MB each the idle controller has 58 MB in place of 80, and a page of 100 devices costs 3 % more
 * processor time (1.58 against 1.53 ms).
 */
const nodeOptions = ['--max-semi-space-size=4'];

interface Parsed {
  readonly data: string;
  readonly listen: UpOptions['listen'];
  readonly hostname?: string;
  readonly vpnPort: number;
  readonly region?: string;
  readonly gateway: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly migrateWithoutBackup?: true;
}

/** registerUp adds `causeway up`: reads its options and becomes the supervisor, which does everything else. */
export function registerUp(program: Command, surroundings: Surroundings): void {
  program
    .command('up')
    .description('start database, controller and gateway, and stay in front until SIGTERM or Ctrl-C')
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
    .option('--tls-key <FILE>', 'private key of --tls-cert, PEM')
    .option('--migrate-without-backup', 'bring the database to a new version without the backup that is made before it')
    .addHelpText(
      'after',
      '\nThe line "ready https://HOST:PORT" says that it serves. DATABASE_URL names a PostgreSQL to use instead of the private one.',
    )
    .action((parsed: Parsed, command: Command) => {
      if ((parsed.tlsCert === undefined) !== (parsed.tlsKey === undefined)) {
        const [given, absent] = parsed.tlsCert === undefined ? ['--tls-key', '--tls-cert'] : ['--tls-cert', '--tls-key'];
        command.error(
          `error: ${given} is given without ${absent}: give both, or neither for a certificate of the installation's own CA.`,
        );
      }
      surroundings.become(supervisor, [JSON.stringify(upOptionsOf(parsed))], nodeOptions);
    });
}

function upOptionsOf(parsed: Parsed): UpOptions {
  const commit = commitOf();
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
    ...(commit === null ? {} : { commit }),
    ...(parsed.migrateWithoutBackup === true ? { migrateWithoutBackup: true } : {}),
  };
}

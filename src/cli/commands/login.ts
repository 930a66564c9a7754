import { X509Certificate, createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { LoginList } from '../../contract/cli/login.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import { jsonText } from '../json-text.ts';
import { dataDirectoryOption } from '../options/data-directory.ts';
import { isLoginName, loginNames, readLogin, removeLogin, saveLogin } from '../server/logins.ts';
import { requestToken } from '../server/remote-server.ts';
import { chooseTrust, keyPin, parseServerUrl, readCredential } from '../server/sign-in.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable, table } from '../table.ts';

interface Parsed {
  readonly name?: string;
  readonly ca?: string;
  readonly fingerprint?: string;
  readonly credential?: string;
  readonly json?: boolean;
}

/**
 * registerLogin adds `causeway login`, `logout` and `fingerprint`: the ways to ask a controller from another machine. The secret is asked for
 * without echo or read from a file, never given as an argument, and kept for its owner alone.
 */
export function registerLogin(program: Command, surroundings: Surroundings): void {
  program
    .command('login')
    .usage('[URL] [OPTIONS]')
    .description('let commands on this machine ask a controller elsewhere, with an API credential; without URL, list the logins')
    .argument('[URL]', 'what the ready line of causeway up says, such as https://vpn.example.com')
    .addOption(new Option('--name <NAME>', 'what --server calls it (default: the host of URL)').argParser(parseName))
    .addOption(
      new Option('--ca <FILE>', "certificate of the controller's CA: ca.crt of its data directory").conflicts('fingerprint'),
    )
    .addOption(
      new Option('--fingerprint <KEY>', "the controller's key, as causeway fingerprint prints it there").argParser(parsePin),
    )
    .addOption(new Option('--credential <FILE>', 'what causeway api-credential create --json has printed; - is standard input'))
    .option('--json', 'print it for programs')
    .action(async (text: string | undefined, options: Parsed) => {
      if (text === undefined) return list(surroundings, options);
      const url = parseServerUrl(text);
      const name = options.name ?? nameOf(url);
      const trust = await chooseTrust(
        url,
        {
          ...(options.ca === undefined ? {} : { caFile: options.ca }),
          ...(options.fingerprint === undefined ? {} : { fingerprint: options.fingerprint }),
        },
        surroundings,
      );
      const credential = await readCredential(options.credential, surroundings);
      const token = await requestToken(`the controller at ${url.origin}`, url, trust, credential);
      await saveLogin({ name, url: url.origin, trust, ...credential, token });
      surroundings.writeOut(
        options.json === true
          ? jsonText({ name, url: url.origin })
          : `signed in to ${url.origin} as ${name}; --server ${name} asks it\n`,
      );
    });
  program
    .command('logout')
    .usage('[NAME]')
    .description('forget a login of this machine, with its credential')
    .argument('[NAME]', 'which one, where there are several')
    .action(async (wanted: string | undefined) => {
      const name = wanted ?? (await onlyLogin());
      await removeLogin(name);
      surroundings.writeOut(`forgot the login ${name}\n`);
      surroundings.writeErr('Its credential is still good; causeway credential delete NAME withdraws it.\n');
    });
  program
    .command('fingerprint')
    .description("print the key of this installation's own certificate, for causeway login on another machine")
    .addOption(dataDirectoryOption())
    .action(async ({ data }: { readonly data: string }) => surroundings.writeOut(`${await fingerprintOf(data)}\n`));
}

async function list(surroundings: Surroundings, { json, ...others }: Parsed): Promise<void> {
  const [stray] = Object.keys(others);
  if (stray !== undefined) throw new CliFailure(exitCodes.usage, `--${stray} is for a new login: give its URL`);
  const logins: LoginList = [];
  for (const name of await loginNames()) logins.push({ name, url: (await readLogin(name)).url });
  if (json === true) return surroundings.writeOut(jsonText(logins));
  surroundings.writeOut(
    logins.length === 0
      ? 'There is no login; causeway login URL makes one.\n'
      : table(logins.map(({ name, url }) => [name, printable(url)])),
  );
}

async function onlyLogin(): Promise<string> {
  const [only, ...more] = await loginNames();
  if (only === undefined) throw new CliFailure(exitCodes.usage, 'there is no login to forget');
  if (more.length === 0) return only;
  throw new CliFailure(exitCodes.usage, `there are several logins; name one: ${[only, ...more].join(', ')}`);
}

/** The host; an IPv6 address has characters that no file name should have. */
function nameOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replaceAll(':', '-');
}

/** The file of the installation itself, which is there while no controller answers. */
async function fingerprintOf(data: string): Promise<string> {
  const path = join(data, 'controller', 'tls.crt');
  try {
    const { publicKey } = new X509Certificate(await readFile(path));
    return `sha256//${createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64')}`;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new CliFailure(
      exitCodes.problem,
      `there is no certificate of its own at ${path}: ${cause}; run this as root on the controller's machine. With --tls-cert the certificate is one that was given`,
      error,
    );
  }
}

function parseName(text: string): string {
  if (isLoginName(text)) return text;
  throw new InvalidArgumentError(`${quoteInput(text)} cannot be a name: give letters, digits, dots and hyphens, 100 at most.`);
}

function parsePin(text: string): string {
  if (keyPin.safeParse(text).success) return text;
  throw new InvalidArgumentError(`${quoteInput(text)} is no key: give what causeway fingerprint prints, sha256//… .`);
}

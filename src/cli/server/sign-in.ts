import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { apiCredential } from '../../contract/cli/api-credential.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from '../failure.ts';
import type { Surroundings } from '../surroundings.ts';
import { printable } from '../table.ts';
import type { Trust } from './logins.ts';
import { openTls, UntrustedServer } from './tls-connection.ts';

export interface Credential {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** parseServerUrl reads where a controller is: https, a host and perhaps a port, and nothing else. */
export function parseServerUrl(text: string): URL {
  const allowed = 'give what the ready line of causeway up says, such as https://vpn.example.com';
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (url === null) throw new CliFailure(exitCodes.usage, `${quoteInput(text)} is no URL; ${allowed}`);
  if (url.protocol !== 'https:') throw new CliFailure(exitCodes.usage, `${quoteInput(text)} is not https; ${allowed}`);
  if (url.username !== '' || url.password !== '') {
    throw new CliFailure(
      exitCodes.usage,
      `the URL holds a credential, which others can see in the list of processes; ${allowed}`,
    );
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    throw new CliFailure(exitCodes.usage, `${quoteInput(text)} has more than a host and a port; ${allowed}`);
  return url;
}

/**
 * chooseTrust finds out why a server's certificate is to be believed: `caFile`, the key `fingerprint`, the system's authorities, or the yes
 * of a person who has compared the key. Throws CliFailure: `usage` where nobody can be asked, `unreachable` where nothing answers.
 */
export async function chooseTrust(
  url: URL,
  { caFile, fingerprint }: { readonly caFile?: string; readonly fingerprint?: string },
  surroundings: Surroundings,
): Promise<Trust> {
  const given: Trust | undefined =
    caFile !== undefined
      ? { kind: 'authority', certificate: await readGiven(caFile) }
      : fingerprint !== undefined
        ? { kind: 'key', pin: fingerprint }
        : undefined;
  const trust = given ?? { kind: 'system' };
  try {
    (await openTls(url, trust)).destroy();
    return trust;
  } catch (error) {
    if (!(error instanceof UntrustedServer)) {
      throw new CliFailure(exitCodes.unreachable, `${url.origin} does not answer: ${messageOf(error)}`, error);
    }
    if (given !== undefined) {
      const option = caFile === undefined ? '--fingerprint' : '--ca';
      throw new CliFailure(
        exitCodes.problem,
        `${url.origin} is not the server that ${option} names: ${error.message}; nothing was sent`,
        error,
      );
    }
    return await askTrust(url, error, surroundings);
  }
}

async function askTrust(url: URL, { message, pin }: UntrustedServer, surroundings: Surroundings): Promise<Trust> {
  const found = [
    `This machine does not trust the certificate of ${url.origin} (${printable(message)}).`,
    `Its key: ${pin}`,
    "On the controller's machine, causeway fingerprint prints the key that it should be.",
  ].join('\n');
  if (!surroundings.hasTerminal()) {
    throw new CliFailure(
      exitCodes.usage,
      `${found}\nnothing was sent: there is no terminal to ask on; give --ca FILE (ca.crt of the data directory) or --fingerprint KEY`,
    );
  }
  const answer = await surroundings.ask(`${found}\nIs it the same? [y/N] `);
  if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new CliFailure(exitCodes.problem, 'nothing was sent, and nothing is kept');
  return { kind: 'key', pin };
}

/** readCredential takes it from a file as `api-credential create --json` writes it (`-`: standard input), else from the person at the terminal. */
export async function readCredential(file: string | undefined, surroundings: Surroundings): Promise<Credential> {
  if (file !== undefined) {
    const text = file === '-' ? await surroundings.readInput() : await readGiven(file);
    const read = apiCredential.safeParse(parseJson(text));
    if (read.success) return { clientId: read.data.client_id, clientSecret: read.data.client_secret };
    throw new CliFailure(
      exitCodes.usage,
      `${file === '-' ? 'standard input' : quoteInput(file)} holds no credential; it has to be what causeway api-credential create --json prints`,
    );
  }
  if (!surroundings.hasTerminal()) {
    throw new CliFailure(exitCodes.usage, 'there is no terminal to ask on; give --credential FILE, or - for standard input');
  }
  const clientId = (await surroundings.ask('Client id: '))?.trim() ?? '';
  const clientSecret = clientId === '' ? '' : ((await surroundings.askSecret('Client secret: '))?.trim() ?? '');
  if (clientId !== '' && clientSecret !== '') return { clientId, clientSecret };
  throw new CliFailure(
    exitCodes.usage,
    'no credential was given; causeway credential create NAME makes one, on the controller’s machine',
  );
}

async function readGiven(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CliFailure(exitCodes.usage, `${quoteInput(file)} cannot be read: ${messageOf(error)}`, error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it, with what it should be.
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** keyPin is how a key's fingerprint is written, here and by curl. */
export const keyPin = z.string().regex(/^sha256\/\/[A-Za-z0-9+/]{43}=$/);

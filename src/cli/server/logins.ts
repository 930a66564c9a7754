import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { nearestNames } from '../../core/trace/edit-distance.ts';
import { quoteInput } from '../../core/ip/quote-input.ts';
import { CliFailure, exitCodes } from '../failure.ts';

/** Trust is why a server's certificate is believed: the system's authorities, one of our own, or the key that was confirmed at the login. */
const trust = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system') }),
  z.object({ kind: z.literal('authority'), certificate: z.string() }),
  z.object({ kind: z.literal('key'), pin: z.string() }),
]);
export type Trust = z.infer<typeof trust>;

const stored = z.object({
  url: z.url(),
  trust,
  clientId: z.string(),
  clientSecret: z.string(),
  /** The access token in use: one is good for 12 hours, and the API gives no new one for each command. */
  token: z.object({ value: z.string(), expiresAt: z.iso.datetime() }).nullable(),
});

/** Login is how one controller elsewhere is asked. */
export type Login = z.infer<typeof stored> & { readonly name: string };

/** A login is a file of that name. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** isLoginName is true for what --name may be. */
export function isLoginName(text: string): boolean {
  return namePattern.test(text);
}

/** loginNames lists the logins of this person, in order. */
export async function loginNames(): Promise<string[]> {
  try {
    const files = await readdir(loginDirectory());
    return files.flatMap((file) => (file.endsWith('.json') && isLoginName(file.slice(0, -5)) ? [file.slice(0, -5)] : [])).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw unusable(loginDirectory(), error);
  }
}

/** readLogin throws CliFailure (usage) where there is none of that name, or others may read its secret. */
export async function readLogin(name: string): Promise<Login> {
  const path = await pathOf(name);
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      throw new CliFailure(
        exitCodes.usage,
        `${path} may be read by others (mode ${(mode & 0o777).toString(8)}): withdraw its credential, then causeway logout ${name}, and sign in anew`,
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw unusable(path, error);
  }
  const read = stored.safeParse(parseJson(text));
  if (read.success) return { ...read.data, name };
  throw new CliFailure(exitCodes.usage, `${path} is no login of this version: causeway logout ${name}, and sign in anew`);
}

/** saveLogin replaces the login of this name, as a whole; only its owner may read the file, from its first byte on. */
export async function saveLogin({ name, ...login }: Login): Promise<void> {
  const path = join(loginDirectory(), `${name}.json`);
  const temporary = join(loginDirectory(), `.${randomBytes(6).toString('hex')}.new`);
  try {
    await mkdir(loginDirectory(), { recursive: true, mode: 0o700 });
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(login)}\n`);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unusable(dirname(path), error);
  }
}

/** removeLogin forgets it, with its secret. */
export async function removeLogin(name: string): Promise<void> {
  await rm(await pathOf(name));
}

async function pathOf(name: string): Promise<string> {
  const names = await loginNames();
  if (names.includes(name)) return join(loginDirectory(), `${name}.json`);
  const [near] = nearestNames(name, names, 1);
  const there =
    names.length === 0 ? 'there is none' : near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  throw new CliFailure(exitCodes.usage, `no login is called ${quoteInput(name)}; ${there}; causeway login URL makes one`);
}

/** XDG Base Directory Specification: a path that is not absolute does not count. */
function loginDirectory(): string {
  const configured = process.env['XDG_CONFIG_HOME'];
  return join(configured?.startsWith('/') === true ? configured : join(homedir(), '.config'), 'causeway', 'logins');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it.
    return undefined;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function unusable(path: string, error: unknown): CliFailure {
  const cause = error instanceof Error ? error.message : String(error);
  return new CliFailure(exitCodes.problem, `logins are kept in ${path}, which cannot be used: ${cause}`, error);
}

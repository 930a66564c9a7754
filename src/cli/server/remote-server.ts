import { z } from 'zod';
import { CliFailure, exitCodes } from '../failure.ts';
import type { Answered, ApiRequest } from './exchange.ts';
import { exchange } from './exchange.ts';
import type { Login, Trust } from './logins.ts';
import { saveLogin } from './logins.ts';
import type { Server } from './server.ts';
import { openTls, UntrustedServer } from './tls-connection.ts';

const tokenAnswer = z.object({ access_token: z.string(), expires_in: z.number() });

/** So long before its end a token is taken for ended: what is asked with it may take a while. */
const tokenMargin_ms = 60_000;

/**
 * remoteServer is the controller of a login, over HTTPS. Its access token is kept with the login and renewed when it has ended, or is
 * refused for the first time.
 */
export function remoteServer(login: Login): Server {
  const { name, url, trust } = login;
  const label = `the controller ${name} at ${url}`;
  const { clientId, clientSecret } = login;
  let { token } = login;
  const renew = async (): Promise<string> => {
    token = await requestToken(label, new URL(url), trust, { clientId, clientSecret });
    // Best effort: where the directory cannot be written the token is good for this command, and the next one gets its own.
    await saveLogin({ ...login, token }).catch(() => undefined);
    return token.value;
  };
  const send = async (call: ApiRequest, bearer: string): Promise<Answered> =>
    await exchangeTls(label, new URL(url), trust, call, `Bearer ${bearer}`);
  return {
    label,
    send: async (call) => {
      const isGood = token !== null && Date.parse(token.expiresAt) - tokenMargin_ms > Date.now();
      const answered = await send(call, isGood && token !== null ? token.value : await renew());
      return answered.statusCode === 401 && isGood ? await send(call, await renew()) : answered;
    },
  };
}

/** requestToken proves the credential. Throws CliFailure: `problem` where it is refused. */
export async function requestToken(
  label: string,
  url: URL,
  trust: Trust,
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: string },
): Promise<NonNullable<Login['token']>> {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  const call = { method: 'POST', path: '/api/v1/oauth/token', body: { grant_type: 'client_credentials' } } as const;
  const { statusCode, text } = await exchangeTls(label, url, trust, call, `Basic ${basic}`);
  const answer = tokenAnswer.safeParse(parseJson(text));
  if (statusCode === 200 && answer.success) {
    const expiresAt = new Date(Date.now() + answer.data.expires_in * 1000).toISOString();
    return { value: answer.data.access_token, expiresAt };
  }
  const refusal = z.object({ errorMessage: z.string() }).safeParse(parseJson(text));
  throw new CliFailure(
    exitCodes.problem,
    refusal.success
      ? `${label} refuses the credential: ${refusal.data.errorMessage}`
      : `${label} gives no access token (${String(statusCode)}): it is probably no controller`,
  );
}

async function exchangeTls(label: string, url: URL, trust: Trust, call: ApiRequest, authorization: string): Promise<Answered> {
  try {
    const socket = await openTls(url, trust);
    try {
      return await exchange({ createConnection: () => socket, headers: { host: url.host, authorization } }, call);
    } finally {
      socket.destroy();
    }
  } catch (error) {
    throw unreachable(label, url, error);
  }
}

function unreachable(label: string, url: URL, error: unknown): CliFailure {
  const cause = error instanceof Error ? error.message : String(error);
  return new CliFailure(
    exitCodes.unreachable,
    error instanceof UntrustedServer
      ? `${label} does not prove that it is the one of the login: ${cause}; nothing was sent. If its key was replaced, sign in anew: causeway login ${url.origin}`
      : `${label} does not answer: ${cause}`,
    error,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Something else answers there; the caller says so.
    return undefined;
  }
}

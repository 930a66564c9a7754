/** A real SMTP server on the loopback, for tests: it takes mail as the world's servers do, and can be told to refuse. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import type { ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions, SMTPServerSession } from 'smtp-server';

export type ReceivedMail = {
  readonly parsed: ParsedMail;
  readonly raw: string;
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly user: string | undefined;
};

export type TestSmtpServer = AsyncDisposable & {
  readonly port: number;
  readonly received: readonly ReceivedMail[];
  readonly close: () => Promise<void>;
};

export type TestSmtpOptions = {
  /** A server that comes late listens where it was expected. */
  readonly port?: number;
  readonly tls?: { readonly key: string; readonly cert: string; readonly secure: boolean };
  /** Who may sign in; nobody has to where it is not given. */
  readonly login?: { readonly username: string; readonly password: string };
  /** Gives the refusal of a receiver, with its code, or undefined to take it. */
  readonly refuse?: (recipient: string) => { readonly code: number; readonly words: string } | undefined;
};

export async function startSmtpServer(options: TestSmtpOptions = {}): Promise<TestSmtpServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    logger: false,
    closeTimeout: 1_000,
    authOptional: options.login === undefined,
    ...(options.tls === undefined ? { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] } : options.tls),
    ...(options.login === undefined ? {} : { allowInsecureAuth: true }),
    onAuth(auth, _session, callback) {
      const isRight = auth.username === options.login?.username && auth.password === options.login?.password;
      if (isRight) callback(null, { user: auth.username ?? '' });
      else callback(refusal(535, '5.7.8 authentication failed'));
    },
    onRcptTo(address, _session, callback) {
      const refused = options.refuse?.(address.address);
      callback(refused === undefined ? null : refusal(refused.code, refused.words));
    },
    onData(stream, session, callback) {
      void (async () => callback(await take(stream, session, received), '2.0.0 taken'))();
    },
  } satisfies SMTPServerOptions);
  // A client that leaves in the middle is no matter of the server's.
  server.on('error', () => undefined);
  const listening = server.listen(options.port ?? 0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  const close = async (): Promise<void> => await new Promise((resolve) => server.close(() => resolve()));
  return { port, received, close, [Symbol.asyncDispose]: close };
}

/** Reads and parses one mail; gives the reason where that fails, which the client is then told. */
async function take(stream: Readable, { envelope, user }: SMTPServerSession, received: ReceivedMail[]): Promise<Error | null> {
  try {
    const raw = await text(stream);
    const { mailFrom, rcptTo } = envelope;
    received.push({
      raw,
      parsed: await simpleParser(raw),
      envelope: { from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address) },
      user: user === undefined ? undefined : String(user),
    });
    return null;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A port on which nothing listens (any more). */
export async function freePort(): Promise<number> {
  const server = await startSmtpServer();
  await server.close();
  return server.port;
}

function refusal(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

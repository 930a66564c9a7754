import { isIP, isIPv6 } from 'node:net';
import type { MailSecurity } from '../../contract/api/mail.ts';
import { isMailAddress } from '../../contract/api/mail.ts';
import type { RenderedLetter } from './letter.ts';
import { oneLine } from './say.ts';

/** MailServer is where mail is handed in, and in whose name. */
export type MailServer = {
  readonly host: string;
  readonly port: number;
  readonly security: MailSecurity;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** PEM; null: the authorities of this machine. */
  readonly caCertificate: string | null;
  readonly sender: { readonly address: string; readonly name: string };
};

export type OutgoingMail = {
  /** Stays the same when it is sent again, so that a receiver who gets it twice sees that it is one. */
  readonly id: string;
  readonly to: string;
  readonly letter: RenderedLetter;
};

/** MailTrouble is why a mail was not taken; `message` is for people: the server's own words where it had any. */
export class MailTrouble extends Error {
  /** unreachable: no other mail gets through either. refused: this one will not be taken, however often. later: may be. */
  readonly kind: 'unreachable' | 'refused' | 'later';

  constructor(kind: MailTrouble['kind'], message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'MailTrouble';
    this.kind = kind;
  }
}

/** Servers that make senders wait on purpose greet within some seconds; who says nothing for longer than this is not there. */
const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 15_000, socketTimeout: 30_000 } as const;

/**
 * sendBySmtp hands one mail to the server and gives its last words. Throws MailTrouble. What was aborted may have been taken. `hostname` is
 * how we introduce ourselves.
 */
export async function sendBySmtp(
  server: MailServer,
  mail: OutgoingMail,
  options: { readonly hostname: string; readonly signal?: AbortSignal },
): Promise<string> {
  if (!isMailAddress(mail.to)) throw new MailTrouble('refused', `${oneLine(mail.to)} is not a mail address`, undefined);
  // Loaded with the first mail: an installation that sends none does not hold it.
  const { createTransport } = await import('nodemailer');
  const { host, port, security, credentials, caCertificate, sender } = server;
  const transport = createTransport({
    host,
    port,
    name: greetingName(options.hostname),
    secure: security === 'tls',
    // A server that does not offer it may be somebody in between who takes the offer away.
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(credentials === null ? {} : { auth: { user: credentials.username, pass: credentials.password } }),
    ...(caCertificate === null ? {} : { tls: { ca: caCertificate } }),
    ...timeouts,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const sent = await transport.sendMail({
      // Addresses as objects: nothing in them is taken for a list or a group.
      from: { address: sender.address, name: oneLine(sender.name) },
      to: { address: mail.to, name: '' },
      envelope: { from: sender.address, to: [mail.to] },
      ...mail.letter,
      messageId: `<${mail.id}@${sender.address.slice(sender.address.lastIndexOf('@') + 1)}>`,
      // Absence notes and other machines are not to answer (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    return serverWords(sent.response);
  } catch (cause) {
    throw asTrouble(cause, server);
  } finally {
    transport.close();
  }
}

/** An address is greeted with in brackets (RFC 5321 4.1.3). */
function greetingName(hostname: string): string {
  if (isIP(hostname) === 0) return hostname;
  return isIPv6(hostname) ? `[IPv6:${hostname}]` : `[${hostname}]`;
}

function asTrouble(cause: unknown, { host, port }: MailServer): MailTrouble {
  const { code, command, response, responseCode, message } = smtpError(cause);
  const said = response ?? message;
  const words = serverWords(said === undefined || said === '' ? String(cause) : said);
  if (response === undefined) return new MailTrouble('unreachable', `${host}:${String(port)}: ${words}`, cause);
  // Who is refused here is refused again tomorrow; anything before is a matter of settings, which may be mended.
  const isAboutThisMail = command === 'RCPT TO' || command === 'DATA';
  if (isAboutThisMail && responseCode !== undefined && responseCode >= 500) return new MailTrouble('refused', words, cause);
  return new MailTrouble(code === 'EAUTH' ? 'unreachable' : 'later', words, cause);
}

function smtpError(cause: unknown): {
  readonly code?: string;
  readonly command?: string;
  readonly response?: string;
  readonly responseCode?: number;
  readonly message?: string;
} {
  return cause instanceof Error ? cause : {};
}

/** It may say anything, and at length. */
function serverWords(text: string): string {
  return oneLine(text, 400);
}

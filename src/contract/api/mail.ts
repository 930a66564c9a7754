import { z } from 'zod';
import { pageQuery, pageResponse } from '../page.ts';
import { optionalText, requiredText } from './fields.ts';
import { defineRoute } from './route.ts';

/**
 * The mail server, and the mails that were sent or wait for it. Ours: CloudConnexa's API has neither. No answer holds a password, the text of
 * a mail or a link: who holds a link from a mail is its receiver.
 */

/** starttls: begins in the clear and refuses to go on so (port 587). tls: from the first byte (465). none: only for a server close by (25). */
export const mailSecurities = ['starttls', 'tls', 'none'] as const;
export type MailSecurity = (typeof mailSecurities)[number];

/**
 * isMailAddress: one @ with something on both sides, and nothing that a mail program takes for the end of an address, for a list or a group:
 * `a,b@example.com` would be delivered to b. Whether mail arrives there, only mail can tell.
 */
export function isMailAddress(text: string): boolean {
  return /^[^\s@<>"(),:;\\[\]\p{Cc}]+@[^\s@<>"(),:;\\[\]\p{Cc}]+$/u.test(text);
}

export const plainMailAddress = requiredText(254).refine(isMailAddress, {
  error: 'is not a mail address; allowed: an address such as causeway@example.com',
});

const hostName = requiredText(253).refine((text) => /^[A-Za-z0-9.:_-]+$/.test(text), {
  error: 'is not a host name or address; allowed: a name such as smtp.example.com, or an address, without port and brackets',
});

/** It stands in a header: one line. */
const senderName = optionalText(80).refine((text) => text === undefined || !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text), {
  error: 'has a line break or another control character; allowed: text on one line',
});

export const mailServerRequest = z.object({
  host: hostName,
  port: z.int().min(1).max(65_535),
  security: z.enum(mailSecurities),
  username: optionalText(254),
  /** Absent: the one that is kept stays, if server and user name are the same; null or empty: none. */
  password: z.string().max(1_000).nullish(),
  senderAddress: plainMailAddress,
  /** Absent: the name of the WPC. */
  senderName,
  /** PEM of the authorities that are trusted for this server, instead of those of the machine. */
  caCertificate: optionalText(20_000),
});
export type MailServerRequest = z.infer<typeof mailServerRequest>;

export const mailServer = z.object({
  host: z.string(),
  port: z.int(),
  security: z.enum(mailSecurities),
  username: z.string().nullable(),
  hasPassword: z.boolean(),
  senderAddress: z.string(),
  senderName: z.string().nullable(),
  caCertificate: z.string().nullable(),
});
export type MailServerAnswer = z.infer<typeof mailServer>;

/** Null: mail is not set up, and each link has to be handed over. */
export const mailSettings = z.object({ server: mailServer.nullable() });

export const mailTest = z.object({
  to: z.string(),
  isAccepted: z.boolean(),
  /** The server's last words, or what kept it from speaking. */
  answer: z.string(),
});

export const mailKinds = ['invitation', 'password'] as const;
export type MailKind = (typeof mailKinds)[number];

/** queued: is tried again. failed: given up, may be retried by hand. withdrawn: its link is void. */
export const mailStates = ['queued', 'sent', 'failed', 'withdrawn'] as const;
export type MailState = (typeof mailStates)[number];

export const mail = z.object({
  id: z.string(),
  kind: z.enum(mailKinds),
  userId: z.string(),
  recipient: z.string(),
  state: z.enum(mailStates),
  attempts: z.int(),
  /** What the server said last, or why it could not be asked; null before the first attempt. */
  lastAnswer: z.string().nullable(),
  createdAt: z.iso.datetime(),
  /** When it is tried next; null unless queued. */
  nextAttemptAt: z.iso.datetime().nullable(),
  settledAt: z.iso.datetime().nullable(),
  /** When the link in it expires: it is not sent after this. */
  expiresAt: z.iso.datetime(),
});
export type Mail = z.infer<typeof mail>;

export const mailRoutes = {
  readSettings: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/settings/mail',
    summary: 'Read by which server mail is sent; the password is never given back',
    answer: mailSettings,
  }),
  writeSettings: defineRoute({
    method: 'PUT',
    path: '/api/causeway/v1/settings/mail',
    summary: 'Set the mail server; mails that wait are tried at once',
    body: mailServerRequest,
    answer: mailSettings,
  }),
  removeSettings: defineRoute({
    method: 'DELETE',
    path: '/api/causeway/v1/settings/mail',
    summary: 'Forget the mail server; mails that wait are kept until their links expire',
    answer: null,
  }),
  test: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/settings/mail/test',
    summary: 'Send a test mail to whoever asks, and answer what the server says; a program names the address',
    body: z.object({ to: plainMailAddress.nullish() }),
    answer: mailTest,
  }),
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/mails',
    summary: 'List mails with their state, the newest first; all or those in one state',
    query: pageQuery.extend({ state: z.enum(mailStates).optional() }),
    answer: pageResponse(mail),
  }),
  retry: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/mails/:id/retry',
    summary: 'Try a mail that waits or was given up at once',
    answer: mail,
  }),
};

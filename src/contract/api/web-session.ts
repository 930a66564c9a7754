import { z } from 'zod';
import { givenPassword, linkToken, mailAddress, newPassword, person, secondFactors, wpcName } from './person.ts';
import { defineRoute } from './route.ts';

/**
 * How a browser signs in. The session is a `__Host-` cookie that scripts cannot read; a request that uses it and changes something needs
 * the header `X-Causeway: 1` (design.md 7). Answers say the same for accounts that exist and those that do not.
 */

/**
 * WebSessionState is what a page has to know before it shows anything. `set-up`: nobody owns this installation yet. `enrolment`: somebody is
 * signed in of whom a second factor is demanded, and who can do nothing before there is one.
 */
export const webSessionState = z.object({
  state: z.enum(['set-up', 'signed-out', 'second-factor', 'enrolment', 'signed-in']),
  /** Null unless `enrolment` or `signed-in`. */
  person: person.nullable(),
  /** What may be given next; empty unless `second-factor`. */
  factors: z.array(z.enum(secondFactors)),
  wpc: z.object({ name: z.string() }),
  server: z.object({
    version: z.string(),
    hostname: z.string(),
    /** The certificate is one that every machine trusts. */
    isTrusted: z.boolean(),
    /** Passkeys need a host name; on an address browsers refuse them. */
    allowsPasskeys: z.boolean(),
    /** Mail can be sent; otherwise every mail is a link to hand over. */
    sendsMail: z.boolean(),
    /** A browser may be trusted: it is not asked for a second factor for 30 days. */
    trustsBrowsers: z.boolean(),
  }),
});
export type WebSessionState = z.infer<typeof webSessionState>;

/** The owner, the name of the WPC and the address by which it is reached: the three questions of the first run. */
export const setUpRequest = z.object({
  token: linkToken,
  email: mailAddress,
  password: newPassword,
  wpcName,
});
export type SetUpRequest = z.infer<typeof setUpRequest>;

export const signInRequest = z.object({ username: mailAddress, password: givenPassword });
export const secondFactorRequest = z.object({
  method: z.enum(['totp', 'recovery-code']),
  code: z.string().trim().min(6).max(40),
  /** This browser is not asked for a second factor for 30 days. */
  trustsDevice: z.boolean().default(false),
});

export const webSessionRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/session',
    summary: 'Read whether somebody is signed in, and what this installation is',
    answer: webSessionState,
  }),
  setUp: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/set-up',
    summary: 'Make the owner of a new installation, with the link that was printed at its start, and sign in',
    body: setUpRequest,
    answer: webSessionState,
  }),
  signIn: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/sign-in',
    summary: 'Sign in with user name or mail address, and password',
    body: signInRequest,
    answer: webSessionState,
  }),
  secondFactor: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/sign-in/second-factor',
    summary: 'Give the second factor that the password demands',
    body: secondFactorRequest,
    answer: webSessionState,
  }),
  signOut: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/sign-out',
    summary: 'End this session',
    answer: webSessionState,
  }),
  startReset: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/password-reset',
    summary: 'Send a link to set a new password; the answer is the same whether the account exists or not',
    body: z.object({ email: mailAddress }),
    answer: null,
  }),
  completeReset: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/password-reset/complete',
    summary: 'Set a new password with the link; ends all sessions of that person',
    body: z.object({ token: linkToken, password: newPassword }),
    answer: null,
  }),
};

/**
 * How a gateway has a person prove at connect that the device is theirs (docs/connect-authentication.md). With the gateway's token, as all
 * of contract/gateway.ts:
 *
 *   POST /gateway/v1/connect-attempts            ConnectAttempt -> StartedAttempt: a page to show; the person decides there
 *   POST /gateway/v1/connect-attempts/password   PasswordAttempt -> PasswordOutcome: checked at once
 *   POST /gateway/v1/connect-attempts/decided    AttemptsWaiting -> AttemptsDecided: answered when one of them is decided, or after `longestWait_s`
 *   POST /gateway/v1/connect-attempts/gone       AttemptsWaiting -> 204: their clients gave up, so nobody can approve them any more
 */
import { z } from 'zod';
import { longestPassword } from './api/person.ts';
import { serial } from './gateway.ts';

/** A person has this long to sign in: who has to fetch a phone for the second factor makes it, and a forgotten link is soon worth nothing. */
export const attemptLifetime_s = 300;

/** A poll is answered within this time although nothing was decided. */
export const longestWait_s = 20;

/** openvpn's cap on what a management command may carry, which the link has to pass through (openvpn.md 2.1). */
export const longestPendingText = 255;

const attemptId = z.uuid();

/** ConnectAttempt names the device by the certificate that its TLS handshake proved. */
export const connectAttempt = z.object({ serial, clientAddress: z.string().max(60) });
export type ConnectAttempt = z.infer<typeof connectAttempt>;

export const startedAttempt = z.object({ attempt: attemptId, url: z.string().max(2000) });
export type StartedAttempt = z.infer<typeof startedAttempt>;

/**
 * What openvpn gives a management client as a password. It is `PASSWORD`, or with `static-challenge` `SCRV1:base64:base64`, or the answer
 * to our challenge `CRV1::STATE::CODE`. Longer than any of these can be is not read.
 */
export const passwordAttempt = connectAttempt.extend({
  username: z.string().max(128),
  password: z.string().max(4 * longestPassword),
});
export type PasswordAttempt = z.infer<typeof passwordAttempt>;

/** `wrong` says the same for names that exist and those that do not, for wrong passwords and wrong codes. */
export const passwordOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approved') }),
  z.object({ kind: z.literal('wrong') }),
  z.object({ kind: z.literal('too-many') }),
  /** The password was right; a second factor is demanded of the person, who has none. */
  z.object({ kind: z.literal('second-factor-missing') }),
  /** The password was right, and a second factor is to be given together with `state`. */
  z.object({ kind: z.literal('second-factor'), state: z.string().regex(/^[A-Za-z0-9_-]{22}$/) }),
]);
export type PasswordOutcome = z.infer<typeof passwordOutcome>;

export const attemptsWaiting = z.object({ attempts: z.array(attemptId).max(1000) });
export type AttemptsWaiting = z.infer<typeof attemptsWaiting>;

/** `refused`: by the person, or because person, device, role or group are not what they were when it began. */
export const attemptsDecided = z.object({
  decided: z.array(z.object({ attempt: attemptId, outcome: z.enum(['approved', 'refused', 'expired']) })),
});
export type AttemptsDecided = z.infer<typeof attemptsDecided>;

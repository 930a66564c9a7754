import { z } from 'zod';
import { requiredText } from './fields.ts';
import { givenPassword } from './person.ts';
import { recoveryCodes } from './own-account.ts';
import { defineRoute } from './route.ts';
import { webSessionState } from './web-session.ts';

/**
 * Passkeys (WebAuthn Level 3): as the second factor after the password, or in the place of both. What authenticators get and give travels as
 * the standard's own JSON, and is judged by the controller.
 */

const instant = z.iso.datetime();

export const passkey = z.object({
  id: z.string(),
  /** Given by its person, to tell one from another. */
  name: z.string(),
  createdAt: instant,
  lastUsedAt: instant.nullable(),
});

/** Options for `navigator.credentials`, as its parse…FromJSON take them. */
export const passkeyOptions = z.object({ options: z.record(z.string(), z.unknown()) });

const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,4096}$/);

/** What `navigator.credentials` gave, by its toJSON. */
const credential = z.object({
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().max(40).optional(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
});
export const newPasskeyCredential = credential.extend({
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: z.string().regex(/^[A-Za-z0-9_-]{1,20000}$/),
    transports: z.array(z.string().max(40)).max(10).optional(),
  }),
});
export const passkeyAnswer = credential.extend({
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.optional(),
  }),
});
export type NewPasskeyCredential = z.infer<typeof newPasskeyCredential>;
export type PasskeyAnswer = z.infer<typeof passkeyAnswer>;

export const passkeyRoutes = {
  list: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/me/passkeys',
    summary: 'List the own passkeys',
    answer: z.array(passkey),
  }),
  startAdding: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/passkeys/start',
    summary: 'Get what an authenticator needs to make a passkey',
    body: z.object({ password: givenPassword }),
    answer: passkeyOptions,
  }),
  add: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/passkeys',
    summary: 'Add a passkey; with the first second factor of an account come recovery codes',
    body: z.object({ name: requiredText(120), credential: newPasskeyCredential }),
    // Empty where the account has some already.
    answer: recoveryCodes,
  }),
  remove: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/passkeys/:id/remove',
    summary: 'Take a passkey away; with the last second factor go recovery codes and trusted browsers',
    body: z.object({ password: givenPassword }),
    answer: null,
  }),
  startSignIn: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/sign-in/passkey/start',
    summary: 'Get what an authenticator needs to sign in, or to be the second factor of a sign-in that waits for one',
    answer: passkeyOptions,
  }),
  signIn: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/sign-in/passkey',
    summary: 'Sign in with a passkey, or give it as the second factor',
    body: z.object({ credential: passkeyAnswer, trustsDevice: z.boolean().default(false) }),
    answer: webSessionState,
  }),
};

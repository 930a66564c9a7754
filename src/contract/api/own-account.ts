import { z } from 'zod';
import { givenPassword, newPassword } from './person.ts';
import { defineRoute } from './route.ts';
import { secondFactorDemands } from './words.ts';

/** What signed-in people do with their own account, whatever their role. */

const instant = z.iso.datetime();

export const accountSecurity = z.object({
  hasTotp: z.boolean(),
  recoveryCodesLeft: z.int(),
  passwordChangedAt: instant,
  /** REQUIRED: by the person's group or of everybody; the last one cannot be removed then. */
  secondFactor: z.enum(secondFactorDemands),
});

export const accountSession = z.object({
  id: z.string(),
  startedAt: instant,
  lastSeenAt: instant,
  expiresAt: instant,
  sourceAddress: z.string().nullable(),
  /** What the browser calls itself, cut; it may say anything. */
  userAgent: z.string(),
  isThis: z.boolean(),
});

export const totpStart = z.object({
  /** Base32, for who cannot scan. */
  secret: z.string(),
  /** `otpauth://…`, for a QR code. */
  uri: z.string(),
});

/** Shown once. */
export const recoveryCodes = z.object({ codes: z.array(z.string()) });

export const ownAccountRoutes = {
  security: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/me/security',
    summary: 'Read how the own account is secured',
    answer: accountSecurity,
  }),
  sessions: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/me/sessions',
    summary: 'List the own sessions in browsers',
    answer: z.array(accountSession),
  }),
  endSession: defineRoute({
    method: 'DELETE',
    path: '/api/causeway/v1/me/sessions/:id',
    summary: 'End one of the own sessions',
    answer: null,
  }),
  changePassword: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/password',
    summary: 'Change the own password; ends the other sessions',
    body: z.object({ current: givenPassword, password: newPassword }),
    answer: null,
  }),
  startTotp: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/totp',
    summary: 'Get a new secret for an authenticator app; it counts when a code has confirmed it',
    body: z.object({ password: givenPassword }),
    answer: totpStart,
  }),
  confirmTotp: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/totp/confirm',
    summary: 'Confirm the new secret with a code, and get recovery codes',
    body: z.object({ code: z.string().trim().min(6).max(12) }),
    answer: recoveryCodes,
  }),
  removeTotp: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/totp/remove',
    summary: 'Take the authenticator app away, with its recovery codes and trusted browsers',
    body: z.object({ password: givenPassword }),
    answer: null,
  }),
  newRecoveryCodes: defineRoute({
    method: 'POST',
    path: '/api/causeway/v1/me/recovery-codes',
    summary: 'Get new recovery codes; the old ones are void',
    body: z.object({ password: givenPassword }),
    answer: recoveryCodes,
  }),
};

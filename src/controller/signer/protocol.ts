/**
 * What the controller and the signer say to each other over DIR/signer/sock/signer.sock: one JSON value on a line, a request is
 * answered by one line with the same `id`, in any order. The signer holds the CA's key and nothing else; it knows no model, so
 * every rule that it can keep by itself (kinds, names, lifetimes, key types) is in rules.ts and holds whatever the controller asks.
 */
import { z } from 'zod';
import { isSerial } from '../../core/certificate-names.ts';
import type { Serial } from '../../core/ids.ts';

/** Longest line in either direction: a revocation list of some 100,000 serials. A longer one ends the connection. */
export const longestLineBytes = 8 * 1024 * 1024;

const id = z.int().min(1);
const serial = z.custom<Serial>(
  (value) => typeof value === 'string' && isSerial(value),
  'expected 32 lower-case hexadecimal digits with the top bit clear',
);
const instant = z.iso.datetime();

/** PKCS#10 as PEM: the proof that whoever asks holds the key. */
const certificateRequest = z.string().max(8192);
const lifetimeSeconds = z.int().min(1);

/** A DNS name of RFC 1123 (lower case) or an address in its usual text; the certificate is for exactly this name. */
const hostName = z.string().max(253);

/** How the root is renewed (authorities.ts). */
const authoritySteps = ['begin', 'switch', 'retire'] as const;
export type AuthorityStep = (typeof authoritySteps)[number];

export const signerRequest = z.discriminatedUnion('kind', [
  z.strictObject({ id, kind: z.literal('authority') }),
  z.strictObject({ id, kind: z.literal('authority-step'), step: z.enum(authoritySteps) }),
  z.strictObject({ id, kind: z.literal('connector'), certificateRequest, lifetimeSeconds }),
  z.strictObject({ id, kind: z.literal('device'), certificateRequest, lifetimeSeconds }),
  z.strictObject({ id, kind: z.literal('gateway'), certificateRequest, lifetimeSeconds }),
  z.strictObject({ id, kind: z.literal('portal'), certificateRequest, lifetimeSeconds, hostName }),
  z.strictObject({
    id,
    kind: z.literal('revocation-list'),
    revoked: z.array(z.strictObject({ serial, revokedAt: instant })),
    lifetimeSeconds,
  }),
]);
export type SignerRequest = z.infer<typeof signerRequest>;

/** CertificateKind is what a certificate is for; each has its rule in rules.ts. */
export type CertificateKind = 'connector' | 'device' | 'gateway' | 'portal';

/** `next` and `switchedAt` while the root is being renewed; PEM. */
const authorityAnswer = z.object({
  id,
  kind: z.literal('authority'),
  certificate: z.string(),
  next: z.string().optional(),
  switchedAt: instant.optional(),
});
const certificateAnswer = z.object({
  id,
  kind: z.literal('certificate'),
  certificate: z.string(),
  serial,
  notBefore: instant,
  notAfter: instant,
});
const revocationListAnswer = z.object({ id, kind: z.literal('revocation-list'), revocationList: z.string() });

/** `refused`: the request breaks a rule and would again. `malformed`: not a request at all. `failed`: the signer's own trouble. */
const refusal = z.object({
  id: id.nullable(),
  kind: z.literal('error'),
  code: z.enum(['malformed', 'refused', 'failed']),
  message: z.string(),
});

export const signerAnswer = z.discriminatedUnion('kind', [authorityAnswer, certificateAnswer, revocationListAnswer, refusal]);
export type SignerAnswer = z.infer<typeof signerAnswer>;

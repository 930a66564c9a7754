import { z } from 'zod';
import { defineRoute } from './route.ts';

/** By what browsers and clients know the portal. Ours: a certificate is nothing secret, and its private key is nowhere near. */

const shown = {
  /** The name or address that it is for. */
  hostname: z.string(),
  /** As browsers show it: `AB:CD:…`. */
  sha256: z.string(),
  validUntil: z.iso.datetime(),
};

export const portalCertificate = z.discriminatedUnion('kind', [
  /** Of the installation's own CA, which has to be told to whoever is to trust it. */
  z.object({
    kind: z.literal('own-authority'),
    ...shown,
    authority: z.object({ sha256: z.string(), validUntil: z.iso.datetime(), pem: z.string() }),
  }),
  /** From the files of --tls-cert and --tls-key. */
  z.object({ kind: z.literal('given'), ...shown }),
]);
export type PortalCertificateAnswer = z.infer<typeof portalCertificate>;

export const portalCertificateRoutes = {
  read: defineRoute({
    method: 'GET',
    path: '/api/causeway/v1/portal-certificate',
    summary: 'Read which certificate the portal shows, and the CA that it is from',
    answer: portalCertificate,
  }),
};

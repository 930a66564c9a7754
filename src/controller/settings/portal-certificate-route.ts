import { X509Certificate } from 'node:crypto';
import { portalCertificateRoutes } from '../../contract/api/portal-certificate.ts';
import type { RegisterRoutes } from '../deps.ts';
import { serve } from '../routes/serve.ts';

/** registerPortalCertificate: what people compare with what their browser shows. Throws `unavailable` while the signer is away, for the CA. */
export const registerPortalCertificate: RegisterRoutes = (app, { installation, portalCertificate, signer }) => {
  serve(app, portalCertificateRoutes.read, { kind: 'administrator' }, async () => {
    const shown = { hostname: installation.hostname, ...described(portalCertificate()) };
    if (installation.portalPin === undefined) return { kind: 'given' as const, ...shown };
    const pem = await signer.authority();
    return { kind: 'own-authority' as const, ...shown, authority: { ...described(pem), pem } };
  });
};

/** The first certificate of a chain is the one that is shown. */
function described(pem: string): { readonly sha256: string; readonly validUntil: string } {
  const { fingerprint256, validToDate } = new X509Certificate(pem);
  return { sha256: fingerprint256, validUntil: validToDate.toISOString() };
}

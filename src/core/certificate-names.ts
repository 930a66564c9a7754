import type { Serial } from './ids.ts';

/**
 * gatewayCertificateName is the subject of every gateway's server certificate. Profiles pin it (`verify-x509-name`), and the signer
 * gives it to no other kind of certificate, so that neither an endpoint nor the portal can pose as a gateway to a client.
 */
export const gatewayCertificateName = 'causeway-gateway';

/** portalCertificateName is the subject of the portal's certificate; its host name stands in the subjectAltName only (RFC 6125). */
export const portalCertificateName = 'causeway-portal';

/**
 * isSerial tells whether text is a serial as the signer makes them: 32 lower-case hexadecimal digits, positive in DER without a
 * padding byte (top bit clear) and without leading zeros, so that its text, its DER and openvpn's decimal name are one to one.
 */
export function isSerial(text: string): text is Serial {
  return /^[0-7][0-9a-f]{31}$/.test(text) && !text.startsWith('00');
}

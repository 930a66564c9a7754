import type { webcrypto } from 'node:crypto';
import { SigningRefused } from './signing-refused.ts';
import { Pkcs10CertificateRequest } from './x509.ts';

const allowedCurves = ['P-256', 'P-384'];

/**
 * readCertificateRequest gives the public key of a PKCS#10 request whose signature proves that the sender holds the private key.
 * Nothing else of the request is used: names and extensions come from rules.ts. Throws SigningRefused.
 */
export async function readCertificateRequest(pem: string): Promise<webcrypto.CryptoKey> {
  const request = decode(pem);
  const algorithm: unknown = request.publicKey.algorithm;
  const curve = curveOf(algorithm);
  if (curve === undefined || !allowedCurves.includes(curve)) {
    throw new SigningRefused(`the key of certificateRequest: an ECDSA key on ${allowedCurves.join(' or ')} is allowed`);
  }
  if (!(await verifies(request))) {
    throw new SigningRefused('the signature of certificateRequest is wrong; sign the request with the key that it contains');
  }
  return request.publicKey.export();
}

function decode(pem: string): Pkcs10CertificateRequest {
  if (!/^-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s/.test(pem.trimStart())) {
    throw new SigningRefused('certificateRequest is not PEM that begins with "-----BEGIN CERTIFICATE REQUEST-----"');
  }
  try {
    return new Pkcs10CertificateRequest(pem);
  } catch (cause) {
    throw new SigningRefused('certificateRequest is not a valid PKCS#10 request', { cause });
  }
}

async function verifies(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    // The library throws where the signature or its algorithm cannot be read at all: that is no proof either.
    return false;
  }
}

function curveOf(algorithm: unknown): string | undefined {
  if (typeof algorithm !== 'object' || algorithm === null) return undefined;
  if (!('name' in algorithm) || algorithm.name !== 'ECDSA' || !('namedCurve' in algorithm)) return undefined;
  return typeof algorithm.namedCurve === 'string' ? algorithm.namedCurve : undefined;
}

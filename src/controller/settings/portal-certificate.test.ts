import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { portalCertificate } from '../../contract/api/portal-certificate.ts';
import { makePerson, signedInBrowser } from '../identity/test-people.ts';
import { currentPortalCertificate } from '../pki/portal-certificate.ts';
import { issuingController } from '../routes/test-api.ts';

const hostname = 'causeway.test';
const installation = { hostname, listenPort: 8443, vpnPort: 1194, version: '0' };

/** What the owner is told by an installation with the certificate of its own CA, as `own` or as if it had been given it. */
async function told(kind: 'own' | 'given') {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'cw-certificate-'));
  const shown = { certificate: '' };
  try {
    await using issuing = await issuingController({
      portalCertificate: () => shown.certificate,
      installation: kind === 'own' ? { ...installation, portalPin: 'sha256//test' } : installation,
    });
    const { signer } = issuing.controller.deps;
    const made = await currentPortalCertificate({ signer, directory, hostname, now: new Date() });
    shown.certificate = made.certificate;
    const owner = await signedInBrowser(
      issuing.controller,
      await makePerson(issuing.controller, { username: 'o', role: 'OWNER' }),
    );
    const { status, text } = await owner.ask('GET', 'portal-certificate');
    assert.equal(status, 200, text);
    assert.doesNotMatch(text, /PRIVATE KEY/);
    return { answer: portalCertificate.parse(JSON.parse(text)), made, authority: await signer.authority() };
  } finally {
    await rm(directory, { recursive: true });
  }
}

test('the certificate of the own CA is told with the CA, which can be handed on', async () => {
  const { answer, made, authority } = await told('own');
  const [certificate, ca] = [new X509Certificate(made.certificate), new X509Certificate(authority)];
  assert.deepEqual(answer, {
    kind: 'own-authority',
    hostname,
    sha256: certificate.fingerprint256,
    validUntil: certificate.validToDate.toISOString(),
    authority: { sha256: ca.fingerprint256, validUntil: ca.validToDate.toISOString(), pem: authority },
  });
});

test('of one that was given nothing is told but itself', async () => {
  const { answer } = await told('given');
  assert.deepEqual(Object.keys(answer), ['kind', 'hostname', 'sha256', 'validUntil']);
});

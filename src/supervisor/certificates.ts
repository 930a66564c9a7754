import { X509Certificate } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { UpOptions } from '../contract/cli/up-options.ts';
import type { ControllerStart } from '../contract/controller-start.ts';
import type { DataDirectory } from './data-directory.ts';
import { placeFile, readOwned } from './data-directory.ts';
import type { SystemUsers } from './system-users.ts';

/** The largest certificate file that is taken for one: a root has some 600 bytes. */
const largestCertificate = 65_536;

/**
 * publishCaCertificate copies the signer's certificate to DIR/ca.crt, which people and scripts trust the portal by. With a certificate of
 * the operator's there is no such file: it would promise something that is not so. What is copied is the parsed certificate, and only
 * from a file of the signer's: root reads in a directory of a less trusted user.
 */
export async function publishCaCertificate(directory: DataDirectory, users: SystemUsers, tls: UpOptions['tls']): Promise<void> {
  if (tls !== null) return rm(directory.caCertificate, { force: true });
  const pem = await readOwned(directory.signerCertificate, users.signer.uid, largestCertificate);
  if (pem === undefined)
    throw new Error(`publishing ${directory.caCertificate}: the signer has made no ${directory.signerCertificate}`);
  await placeFile(directory.caCertificate, new X509Certificate(pem).toString(), { uid: 0, gid: 0, mode: 0o644 });
}

/** copyTls puts the operator's certificate and key where the controller may read them (they usually lie with root alone); at each start. */
export async function copyTls(
  directory: DataDirectory,
  users: SystemUsers,
  tls: UpOptions['tls'],
): Promise<ControllerStart['tls']> {
  if (tls === null) return null;
  const { uid, gid } = users.controller;
  const certFile = path.join(directory.controller, 'given-tls.crt');
  const keyFile = path.join(directory.controller, 'given-tls.key');
  await placeFile(certFile, await readFile(tls.certificate, 'utf8'), { uid, gid, mode: 0o600 });
  await placeFile(keyFile, await readFile(tls.key, 'utf8'), { uid, gid, mode: 0o600 });
  return { certFile, keyFile };
}

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { UpOptions } from '../contract/cli/up-options.ts';
import type { Problem } from './start-failure.ts';

/** checkTls reads the operator's certificate and key: a portal that cannot speak TLS is better told now than in a child's log. */
export async function checkTls(tls: UpOptions['tls']): Promise<Problem[]> {
  if (tls === null) return [];
  const certificate = await read(tls.certificate, '--tls-cert', (pem) => new X509Certificate(pem), 'a certificate in PEM');
  const key = await read(tls.key, '--tls-key', (pem) => createPrivateKey(pem), 'a private key in PEM without passphrase');
  if ('sentence' in certificate || 'sentence' in key) return [certificate, key].filter((problem) => 'sentence' in problem);
  if (certificate.value.checkPrivateKey(key.value)) return [];
  return [
    {
      exitCode: 2,
      sentence: `the key ${tls.key} does not belong to the certificate ${tls.certificate}: give the two that were made together.`,
    },
  ];
}

async function read<T>(
  file: string,
  option: string,
  parse: (pem: string) => T,
  wanted: string,
): Promise<{ readonly value: T } | Problem> {
  let pem: string;
  try {
    pem = await readFile(file, 'utf8');
  } catch (cause) {
    return {
      exitCode: 2,
      sentence: `${option} ${file} cannot be read (${cause instanceof Error ? cause.message : String(cause)}): give the path of ${wanted}.`,
    };
  }
  try {
    return { value: parse(pem) };
  } catch {
    return { exitCode: 2, sentence: `${option} ${file} is not ${wanted}: give the path of one.` };
  }
}

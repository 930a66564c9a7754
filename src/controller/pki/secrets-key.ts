import { randomBytes } from 'node:crypto';
import { writeDurably } from '../durable-file.ts';
import { readIfThere, requirePrivate } from '../private-file.ts';

const keyBytes = 32;

/**
 * openSecretsKey reads the key that encrypts the secrets in the database (store/secret-box.ts), or makes it on the first start. It lies
 * outside the database, as base64 with mode 600, so that a copy of the database alone gives no secret away.
 */
export async function openSecretsKey(path: string): Promise<Buffer> {
  const text = await readIfThere(path);
  if (text === undefined) {
    const key = randomBytes(keyBytes);
    await writeDurably(path, `${key.toString('base64')}\n`, 0o600);
    return key;
  }
  await requirePrivate(path);
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) throw new Error(`${path} holds no key of ${keyBytes} bytes in base64; restore it from a backup`);
  return key;
}

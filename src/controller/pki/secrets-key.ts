import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { writeDurably } from '../durable-file.ts';

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
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) {
    throw new Error(
      `${path} can be read by others (mode ${(mode & 0o777).toString(8)}); set it to 600 and consider the key as known`,
    );
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) throw new Error(`${path} holds no key of ${keyBytes} bytes in base64; restore it from a backup`);
  return key;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new Error(`reading ${path} failed; its owner must be the user that the controller runs as`, { cause });
  }
}

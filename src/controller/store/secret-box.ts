import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Reader } from './database.ts';

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/**
 * SecretBox keeps secrets of the installation (the tls-crypt-v2 server key) in the database, encrypted with a key that is not in it
 * (DIR/controller/secrets.key): who copies the database has none of them. The name is bound to the value, so that one secret cannot be
 * put in the place of another.
 */
export type SecretBox = {
  /** Undefined if there is none. Throws if the key is another than the one it was written with, or the row was changed. */
  readonly read: (reader: Reader, name: string) => Promise<Buffer | undefined>;
  /** Writes it unless there is one; gives what is there afterwards, so that several controllers agree on the first. */
  readonly readOrCreate: (reader: Reader, name: string, create: () => Buffer | Promise<Buffer>) => Promise<Buffer>;
  /** Encrypts a value for a column of another table; only the same name opens it again. */
  readonly seal: (name: string, value: Uint8Array) => Buffer;
  /** Gives what was sealed under this name; throws as `read` does. */
  readonly open: (name: string, sealed: Buffer) => Buffer;
};

/** secretBox takes the 32 bytes of the key. */
export function secretBox(key: Uint8Array): SecretBox {
  if (key.byteLength !== 32) throw new RangeError(`the key of the secrets has ${String(key.byteLength)} bytes; 32 are expected`);

  const read: SecretBox['read'] = async (reader, name) => {
    const row = await reader.selectFrom('secret').select(['nonce', 'ciphertext']).where('name', '=', name).executeTakeFirst();
    return row === undefined ? undefined : open(key, name, row.nonce, row.ciphertext);
  };

  return {
    read,
    seal: (name, value) => {
      const { nonce, ciphertext } = seal(key, name, value);
      return Buffer.concat([nonce, ciphertext]);
    },
    open: (name, sealed) => open(key, name, sealed.subarray(0, nonceBytes), sealed.subarray(nonceBytes)),
    readOrCreate: async (reader, name, create) => {
      const existing = await read(reader, name);
      if (existing !== undefined) return existing;
      const sealed = seal(key, name, await create());
      await reader
        .insertInto('secret')
        .values({ name, ...sealed })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute();
      const kept = await read(reader, name);
      if (kept === undefined) throw new Error(`the secret ${name} vanished while it was written`);
      return kept;
    },
  };
}

function seal(key: Uint8Array, name: string, value: Uint8Array): { nonce: Buffer; ciphertext: Buffer } {
  // Random nonces of 96 bits are safe for some 2^32 values of one key; there are a few for each person.
  const nonce = randomBytes(nonceBytes);
  const encrypt = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(name));
  const ciphertext = Buffer.concat([encrypt.update(value), encrypt.final(), encrypt.getAuthTag()]);
  return { nonce, ciphertext };
}

function open(key: Uint8Array, name: string, nonce: Uint8Array, ciphertext: Buffer): Buffer {
  try {
    const decrypt = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(name));
    decrypt.setAuthTag(ciphertext.subarray(-tagBytes));
    return Buffer.concat([decrypt.update(ciphertext.subarray(0, -tagBytes)), decrypt.final()]);
  } catch (cause) {
    throw new Error(
      `reading the secret ${name}: it was encrypted with another key; restore controller/secrets.key of the data directory that the ` +
        'database came from',
      { cause },
    );
  }
}

import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { MailServerAnswer, MailServerRequest } from '../../contract/api/mail.ts';
import { invalidInput } from '../../contract/errors.ts';
import type { Actor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { Row } from '../store/schema.ts';
import type { SecretBox } from '../store/secret-box.ts';
import type { Store } from '../store/store.ts';
import type { MailServer } from './smtp.ts';

type ServerRow = Row<'mail_server'>;

/** Under this name the password is sealed. */
const passwordSecret = 'mail-server-password';

/** readMailServer gives what may be shown; null: mail is not set up. */
export async function readMailServer(reader: Reader): Promise<MailServerAnswer | null> {
  const row = await readRow(reader);
  return row === undefined ? null : toAnswer(row);
}

/** openMailServer gives what sending needs, with the password; undefined: mail is not set up. */
export async function openMailServer(reader: Reader, secrets: SecretBox): Promise<MailServer | undefined> {
  const row = await readRow(reader);
  if (row === undefined) return undefined;
  const { username, password } = row;
  const { name: wpcName } = await reader.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
  return {
    host: row.host,
    port: row.port,
    security: row.security,
    credentials:
      username === null || password === null
        ? null
        : { username, password: secrets.open(passwordSecret, password).toString('utf8') },
    caCertificate: row.ca_certificate,
    sender: { address: row.sender_address, name: row.sender_name ?? wpcName },
  };
}

/**
 * writeMailServer sets the server; mails that wait are due at once, since this is what they may have waited for. Throws invalidInput for a
 * certificate that is none, and where a password would go to a place that it was not given for.
 */
export async function writeMailServer(
  deps: { readonly store: Store; readonly secrets: SecretBox },
  actor: Actor,
  request: MailServerRequest,
): Promise<MailServerAnswer> {
  refuseNoCertificate(request.caCertificate);
  return await inModelTransaction(deps.store, actor, async ({ trx, record }) => {
    const before = await trx.selectFrom('mail_server').selectAll().forUpdate().executeTakeFirst();
    const row = {
      host: request.host,
      port: request.port,
      security: request.security,
      username: request.username ?? null,
      sender_address: request.senderAddress,
      sender_name: request.senderName ?? null,
      ca_certificate: request.caCertificate ?? null,
    };
    const password = passwordAfter(deps.secrets, request, row, before);
    refuseLogin(row, password !== null);
    const values = { ...row, password };
    await trx
      .insertInto('mail_server')
      .values(values)
      .onConflict((conflict) => conflict.column('singleton').doUpdateSet(values))
      .execute();
    await trx
      .updateTable('mail')
      .set(({ fn }) => ({ due_at: fn<Date>('now') }))
      .where('state', '=', 'queued')
      .execute();
    const after = toAnswer({ singleton: true, ...values });
    record({
      entity: 'settings',
      entityId: 'mail',
      action: 'updated',
      before: before === undefined ? null : toAnswer(before),
      after: { ...after, passwordGiven: request.password !== undefined },
    });
    return after;
  });
}

/** removeMailServer forgets it with its password. Doing it twice changes nothing. */
export async function removeMailServer(store: Store, actor: Actor): Promise<void> {
  await inModelTransaction(store, actor, async ({ trx, record }) => {
    const before = await trx.deleteFrom('mail_server').returningAll().executeTakeFirst();
    if (before !== undefined) record({ entity: 'settings', entityId: 'mail', action: 'deleted', before: toAnswer(before) });
  });
}

async function readRow(reader: Reader): Promise<ServerRow | undefined> {
  return await reader.selectFrom('mail_server').selectAll().executeTakeFirst();
}

function toAnswer(row: ServerRow): MailServerAnswer {
  return {
    host: row.host,
    port: row.port,
    security: row.security,
    username: row.username,
    hasPassword: row.password !== null,
    senderAddress: row.sender_address,
    senderName: row.sender_name,
    caCertificate: row.ca_certificate,
  };
}

/**
 * A password that is kept goes where it was meant for and nowhere else: whoever may change settings but does not know it would otherwise
 * name a server of his own and read it there.
 */
function passwordAfter(
  secrets: SecretBox,
  request: MailServerRequest,
  row: Pick<ServerRow, 'host' | 'port' | 'security' | 'username' | 'ca_certificate'>,
  before: ServerRow | undefined,
): Buffer | null {
  const { password } = request;
  if (password === null || password === '') return null;
  if (password !== undefined) return secrets.seal(passwordSecret, Buffer.from(password, 'utf8'));
  if (before === undefined || before.password === null) return null;
  const binding = (['host', 'port', 'security', 'username', 'ca_certificate'] as const).find(
    (field) => before[field] !== row[field],
  );
  if (binding === undefined) return before.password;
  throw invalidInput(
    'password',
    undefined,
    `is needed again: the one that is kept was given for another ${binding.replace('_', ' ')}`,
    'the password, or null for none',
  );
}

function refuseLogin(row: Pick<ServerRow, 'host' | 'security' | 'username'>, hasPassword: boolean): void {
  if (row.username !== null && !hasPassword) {
    throw invalidInput('password', undefined, 'stands beside a user name', 'the password of that user, or no user name');
  }
  if (!hasPassword) return;
  if (row.username === null)
    throw invalidInput('username', undefined, 'stands beside a password', 'the user name of that password');
  if (row.security === 'none' && !isLoopback(row.host)) {
    throw invalidInput(
      'security',
      row.security,
      'would send the password unencrypted',
      'starttls, tls; none only on this machine',
    );
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

function refuseNoCertificate(pem: string | undefined): void {
  if (pem === undefined) return;
  const found = pem.match(pemCertificate) ?? [];
  const isReadable = found.length > 0 && pem.replaceAll(pemCertificate, '').trim() === '' && found.every(isCertificate);
  if (!isReadable)
    throw invalidInput('caCertificate', pem, 'is not a list of certificates', 'certificates in PEM, and nothing else');
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

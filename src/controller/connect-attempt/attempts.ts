import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { AttemptsDecided, ConnectAttempt, StartedAttempt } from '../../contract/connect-attempt.ts';
import { attemptLifetime_s, longestWait_s } from '../../contract/connect-attempt.ts';
import { connectPagePath } from '../../contract/api/connect-approval.ts';
import { CausewayError } from '../../contract/errors.ts';
import type { ConnectAttemptId, GatewayId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { hashSecret } from '../http/secret-hash.ts';
import { portalUrl } from '../portal-url.ts';
import type { Reader } from '../store/database.ts';
import type { DeviceOwner } from './device-owner.ts';
import { ownerOfCertificate } from './device-owner.ts';

/** A client that comes back again and again (its log says why) leaves no more than this behind; the newest are those that somebody looks at. */
const openPerClient = 5;

/** A code is typed at once, or not at all. */
const codeLifetime_s = 180;

export type NewAttempt = { readonly gateway: GatewayId; readonly owner: DeviceOwner; readonly clientAddress: string };

/**
 * insertAttempt writes down that a client waits for a person, and gives the secret that leads to it: 128 random bits, as short as a link for
 * openvpn has to be. The secret is kept as SHA-256 only.
 */
export async function insertAttempt(
  reader: Reader,
  way: 'web' | 'code',
  { gateway, owner, clientAddress }: NewAttempt,
): Promise<{ readonly id: ConnectAttemptId; readonly secret: string }> {
  const secret = randomBytes(16).toString('base64url');
  const life = `${String(way === 'web' ? attemptLifetime_s : codeLifetime_s)} seconds`;
  const { id } = await reader
    .insertInto('connect_attempt')
    .values({
      secret_sha256: hashSecret(secret),
      way,
      gateway_id: gateway,
      device_id: owner.device,
      client_address: clientAddress,
      role: owner.role,
      group_id: owner.group,
      expires_at: sql<Date>`now() + ${life}::interval`,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`update connect_attempt set state = 'gone' where id in (
    select id from connect_attempt where device_id = ${owner.device} and client_address = ${clientAddress} and state = 'waiting'
    order by created_at desc, id offset ${openPerClient})`.execute(reader);
  return { id, secret };
}

/**
 * startAttempt begins a connection that its person has to approve in the portal. Throws `not-found` for a certificate that belongs to no
 * device, and for one of a person who may not connect: the gateway will be told so by its configuration.
 */
export async function startAttempt(
  { store, installation }: Pick<ControllerDeps, 'store' | 'installation'>,
  gateway: GatewayId,
  { serial, clientAddress }: ConnectAttempt,
): Promise<StartedAttempt> {
  return await store.database.transaction().execute(async (trx) => {
    const owner = await ownerOfCertificate(trx, serial);
    if (owner?.status !== 'ACTIVE') {
      throw new CausewayError('not-found', 'No device of an active user has this certificate.');
    }
    const { id, secret } = await insertAttempt(trx, 'web', { gateway, owner, clientAddress });
    return { attempt: id, url: `${portalUrl(installation)}${connectPagePath}${secret}` };
  });
}

/** waitForDecisions gives those of a gateway's attempts that are decided, as soon as one is, or none after `longestWait_s`. */
export async function waitForDecisions(
  { store, wakeUp }: Pick<ControllerDeps, 'store' | 'wakeUp'>,
  gateway: GatewayId,
  attempts: readonly string[],
  signal: AbortSignal,
): Promise<AttemptsDecided> {
  const until = Date.now() + longestWait_s * 1000;
  for (;;) {
    // Before the look, so that a decision in between wakes the wait that follows.
    const seen = wakeUp.position();
    const decided = await readDecisions(store.database, gateway, attempts);
    const left = until - Date.now();
    if (decided.length > 0 || left <= 0 || signal.aborted) return { decided };
    await wakeUp.waitBeyond({ eventSeq: seen.eventSeq }, left, signal);
  }
}

async function readDecisions(
  reader: Reader,
  gateway: GatewayId,
  attempts: readonly string[],
): Promise<AttemptsDecided['decided']> {
  const rows = await reader
    .selectFrom('connect_attempt')
    .select(['id', 'state'])
    .select(sql<boolean>`expires_at <= now()`.as('late'))
    .where('gateway_id', '=', gateway)
    .where('way', '=', 'web')
    .where(sql<boolean>`id = any(${[...attempts]}::uuid[])`)
    .execute();
  const known = new Map<string, (typeof rows)[number]>(rows.map((row) => [row.id, row]));
  return attempts.flatMap((attempt): AttemptsDecided['decided'] => {
    const row = known.get(attempt);
    // Deleted with its device, or displaced.
    if (row === undefined || row.state === 'gone') return [{ attempt, outcome: 'expired' }];
    if (row.state !== 'waiting') return [{ attempt, outcome: row.state }];
    return row.late ? [{ attempt, outcome: 'expired' }] : [];
  });
}

/** endAttempts notes that the clients of these have given up. */
export async function endAttempts(
  { store }: Pick<ControllerDeps, 'store'>,
  gateway: GatewayId,
  attempts: readonly string[],
): Promise<void> {
  await store.database
    .updateTable('connect_attempt')
    .set({ state: 'gone' })
    .where('gateway_id', '=', gateway)
    .where('state', '=', 'waiting')
    .where(sql<boolean>`id = any(${[...attempts]}::uuid[])`)
    .execute();
}

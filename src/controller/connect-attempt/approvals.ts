import { sql } from 'kysely';
import type { ConnectApproval } from '../../contract/api/connect-approval.ts';
import { CausewayError, invalidInput } from '../../contract/errors.ts';
import type { ConnectAttemptId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { hashSecret } from '../http/secret-hash.ts';
import type { Me } from '../identity/own-account.ts';
import { provePassword } from '../identity/own-account.ts';
import type { Person } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { noteAuthenticated } from './authenticated.ts';
import type { DeviceOwner } from './device-owner.ts';
import { ownerOfDevice } from './device-owner.ts';

type ApprovalDeps = Pick<ControllerDeps, 'store' | 'secrets' | 'clock'>;

/** A sign-in of the last five minutes is as good as a password that is given again. */
const freshFor = '5 minutes';

type Found = {
  readonly id: ConnectAttemptId;
  readonly state: 'waiting' | 'approved' | 'refused' | 'gone';
  readonly clientAddress: string;
  readonly expiresAt: Date;
  readonly owner: DeviceOwner;
  /** Role and group of the person are what they were when the client came. */
  readonly isUnchanged: boolean;
};

/** inspectApproval changes nothing. Throws `not-found` unless the link is one that counts, to a device of this person. */
export async function inspectApproval({ store }: ApprovalDeps, { person, actor }: Me, token: string): Promise<ConnectApproval> {
  const { database } = store;
  const { owner, state, clientAddress, expiresAt } = await find(database, person, token);
  const { name } = await database.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
  return {
    state,
    device: { id: owner.device, name: owner.deviceName },
    wpc: { name },
    clientAddress,
    browserAddress: actor.sourceAddress,
    connectAuth: owner.connectAuth,
    needsPassword: owner.connectAuth === 'EVERY_TIME' && !(await isFresh(database, person)),
    expiresAt: expiresAt.toISOString(),
  };
}

/**
 * approve lets the client in that waits, once. Throws `not-found` as inspectApproval, `invalid-input` without or with a wrong password where one is
 * needed, `conflict` when it is decided, when the client has given up, or when role or group of the person have changed meanwhile; that refuses it.
 */
export async function approve(deps: ApprovalDeps, me: Me, token: string, password: string | undefined): Promise<void> {
  const { store } = deps;
  const { person } = me;
  const { owner } = await find(store.database, person, token);
  // Outside the transaction: argon2 would keep every other change waiting.
  if (password !== undefined) await provePassword(deps, me, password);
  else if (owner.connectAuth === 'EVERY_TIME' && !(await isFresh(store.database, person))) {
    throw invalidInput('password', '(not shown)', 'is missing', 'your password; you signed in more than five minutes ago');
  }
  const isUnchanged = await inModelTransaction(store, me.actor, async (change) => {
    const found = await find(change.trx, person, token);
    await decide(change.trx, found, found.isUnchanged ? 'approved' : 'refused');
    if (found.isUnchanged)
      await noteAuthenticated(change, owner.device, { user: person.name, from: found.clientAddress, by: 'page' });
    else change.record(refusal(found, 'role or group of the person have changed meanwhile'));
    return found.isUnchanged;
  });
  if (!isUnchanged) {
    throw new CausewayError('conflict', 'Your role or group has changed since the device began to connect. Connect again.');
  }
}

/** refuse sends the client away that waits: it is not this person's doing. Throws as approve. */
export async function refuse({ store }: ApprovalDeps, { person, actor }: Me, token: string): Promise<void> {
  await inModelTransaction(store, actor, async (change) => {
    const found = await find(change.trx, person, token);
    await decide(change.trx, found, 'refused');
    change.record(refusal(found, 'refused by the person'));
  });
}

function refusal({ owner, clientAddress }: Found, why: string) {
  return {
    entity: 'device',
    entityId: owner.device,
    action: 'connect-refused',
    after: { user: owner.username, from: clientAddress, why },
  };
}

async function find(reader: Reader, person: Person, token: string): Promise<Found> {
  const row = await reader
    .selectFrom('connect_attempt')
    .select(['id', 'state', 'device_id', 'client_address', 'role', 'group_id', 'expires_at'])
    .where('secret_sha256', '=', hashSecret(token))
    .where('way', '=', 'web')
    .where('expires_at', '>', sql<Date>`now()`)
    .executeTakeFirst();
  const owner = row === undefined ? undefined : await ownerOfDevice(reader, row.device_id);
  // Whose it is stays unknown to everybody else: a link that was sent around must tell nothing, and work for nobody.
  if (row === undefined || owner?.user !== person.id || owner.status !== 'ACTIVE') {
    throw new CausewayError(
      'not-found',
      'This link leads to no connection of yours that waits. It works for five minutes; connect again to get a new one.',
    );
  }
  const { id, state, client_address: clientAddress, expires_at: expiresAt } = row;
  return { id, state, clientAddress, expiresAt, owner, isUnchanged: owner.role === row.role && owner.group === row.group_id };
}

/** One statement judges: of two decisions at once, one finds it decided. */
async function decide(reader: Reader, { id, state }: Found, decision: 'approved' | 'refused'): Promise<void> {
  const { numUpdatedRows } = await reader
    .updateTable('connect_attempt')
    .set({ state: decision })
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n)
    throw new CausewayError('conflict', `This connection ${words[state]}. Connect again to get a new link.`);
}

/** `waiting`: it was when it was looked at. */
const words = {
  waiting: 'was decided this moment',
  approved: 'was approved already',
  refused: 'was refused already',
  gone: 'has given up waiting',
} satisfies Record<Found['state'], string>;

async function isFresh(reader: Reader, { session }: Person): Promise<boolean> {
  const row = await reader
    .selectFrom('web_session')
    .select(sql<boolean>`started_at > now() - ${freshFor}::interval`.as('fresh'))
    .where('id', '=', session)
    .executeTakeFirst();
  return row?.fresh === true;
}

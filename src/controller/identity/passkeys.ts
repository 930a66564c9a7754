import { CausewayError, notFound } from '../../contract/errors.ts';
import type { NewPasskeyCredential } from '../../contract/api/passkey.ts';
import type { PasskeyId, UserId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Reader } from '../store/database.ts';
import { readAccount } from './accounts.ts';
import { distrustBrowsers } from './browsers.ts';
import { settleRemoval } from './demanded-second-factor.ts';
import type { Confirmed, Me } from './own-account.ts';
import { changeSecurity, provePassword } from './own-account.ts';
import { newChallenge, relyingParty, takeChallenge } from './passkey-challenges.ts';
import { replaceRecoveryCodes } from './recovery-codes.ts';

type PasskeyDeps = Pick<ControllerDeps, 'store' | 'installation'>;

/** Enough for the devices of a person, and a page that can be read. */
const mostPasskeys = 20;

/** EdDSA, ES256, RS256 (RFC 9053, RFC 8812): what authenticators have. Asking Node for more writes warnings of experiments into the log. */
const algorithms = [-8, -7, -257] as const;

/** The library is loaded when the first person comes with a passkey: an installation without them does not carry it. */
export const webAuthn = async () => await import('@simplewebauthn/server');

export async function listPasskeys(reader: Reader, user: UserId) {
  return await reader
    .selectFrom('passkey')
    .select(['id', 'name', 'created_at', 'last_used_at', 'credential_id', 'transports'])
    .where('user_id', '=', user)
    .orderBy('created_at')
    .execute();
}

/** startPasskey gives the options with which a browser has a passkey made. The password is asked for again, as for every change of security. */
export async function startPasskey({ store, installation }: PasskeyDeps, me: Me, password: string) {
  const party = relyingParty(installation);
  const account = await provePassword({ store }, me, password);
  const known = await listPasskeys(store.database, me.person.id);
  if (known.length >= mostPasskeys) {
    throw new CausewayError(
      'conflict',
      `This account has ${String(known.length)} passkeys, which is the most; remove one first.`,
    );
  }
  const { name: rpName } = await store.database.selectFrom('wpc').select('name').executeTakeFirstOrThrow();
  const { generateRegistrationOptions } = await webAuthn();
  return await generateRegistrationOptions({
    rpName,
    rpID: party.id,
    userName: account.username,
    userID: Uint8Array.from(Buffer.from(me.person.id)),
    challenge: await newChallenge(store.database, me.person.session),
    supportedAlgorithmIDs: [...algorithms],
    // Nobody is turned away for the make of an authenticator, so none is asked for.
    attestationType: 'none',
    excludeCredentials: known.map((key) => ({ id: key.credential_id.toString('base64url'), transports: key.transports })),
    // Kept by the authenticator, so that it can sign in without a user name.
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
  });
}

/**
 * addPasskey keeps the passkey that was made. The account's first second factor brings recovery codes. Throws `invalid-input` where the answer
 * does not fit what was asked.
 */
export async function addPasskey(
  { store, installation }: PasskeyDeps,
  me: Me,
  { name, credential }: { readonly name: string; readonly credential: NewPasskeyCredential },
): Promise<Confirmed> {
  const made = await verified({ store, installation }, me, credential);
  const user = me.person.id;
  let codes: string[] = [];
  const session = await changeSecurity({ store }, me, 'passkey-added', async (trx) => {
    const before = await readAccount(trx, user);
    await trx
      .insertInto('passkey')
      .values({
        user_id: user,
        name,
        credential_id: Buffer.from(made.id, 'base64url'),
        public_key: Buffer.from(made.publicKey),
        counter: made.counter,
        transports: [...(made.transports ?? [])],
      })
      .execute();
    if (before?.secondFactors.length !== 0) return;
    await distrustBrowsers(trx, user);
    codes = await replaceRecoveryCodes(trx, user);
  });
  return { codes, session };
}

async function verified({ store, installation }: PasskeyDeps, me: Me, credential: NewPasskeyCredential) {
  const party = relyingParty(installation);
  const { verifyRegistrationResponse } = await webAuthn();
  const { registrationInfo } = await verifyRegistrationResponse({
    response: credential as Parameters<typeof verifyRegistrationResponse>[0]['response'],
    expectedChallenge: async (challenge) => await takeChallenge(store.database, me.person.session, challenge),
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    requireUserVerification: false,
    supportedAlgorithmIDs: [...algorithms],
  }).catch((error: unknown) => {
    throw refusedPasskey(error);
  });
  if (registrationInfo === undefined) throw refusedPasskey(undefined);
  const known = await store.database
    .selectFrom('passkey')
    .select('id')
    .where('credential_id', '=', Buffer.from(registrationInfo.credential.id, 'base64url'))
    .executeTakeFirst();
  if (known !== undefined) throw new CausewayError('conflict', 'This passkey is registered already.');
  return registrationInfo.credential;
}

/** removePasskey takes one away. Throws `conflict` for the last second factor where one is demanded. */
export async function removePasskey({ store }: PasskeyDeps, me: Me, id: PasskeyId, password: string): Promise<string> {
  await provePassword({ store }, me, password);
  const user = me.person.id;
  return await changeSecurity({ store }, me, 'passkey-removed', async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('passkey')
      .where('id', '=', id)
      .where('user_id', '=', user)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) throw notFound('passkey', id);
    await settleRemoval(trx, user, await readAccount(trx, user));
  });
}

function refusedPasskey(error: unknown): CausewayError {
  const because = error instanceof Error ? ` (${error.message})` : '';
  const message = `credential: the passkey does not answer what was asked, or too late${because}; begin again`;
  return new CausewayError('invalid-input', `${message}.`, { details: [{ field: 'credential', message }] });
}

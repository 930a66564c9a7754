import { sql } from 'kysely';
import type { PasskeyAnswer } from '../../contract/api/passkey.ts';
import { CausewayError } from '../../contract/errors.ts';
import type { UserId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { sourceNetwork } from '../http/source-network.ts';
import type { Actor, Person } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { recordAudit } from '../store/model-transaction.ts';
import { readAccount } from './accounts.ts';
import { allowsTrust, rememberBrowser } from './browsers.ts';
import { takeAllowances } from './limits.ts';
import { newChallenge, relyingParty, takeChallenge } from './passkey-challenges.ts';
import { listPasskeys, webAuthn } from './passkeys.ts';
import type { SignedIn } from './sign-in.ts';
import type { BrowserFacts, WebSession } from './web-sessions.ts';
import { endWebSession, startWebSession } from './web-sessions.ts';

type SignInDeps = Pick<ControllerDeps, 'store' | 'installation'>;

/** A passkey that is asked for after the password; anything else that the browser may have is no matter of a sign-in. */
function pendingOf(session: WebSession | undefined): WebSession | null {
  return session?.state === 'second-factor' ? session : null;
}

/**
 * startPasskeySignIn gives the options with which a browser has a passkey sign. After the password it names the person's passkeys; before it
 * names none, so that nothing is told of who has one. Throws `rate-limited` for a source that asks without end: each question is a row.
 */
export async function startPasskeySignIn({ store, installation }: SignInDeps, actor: Actor, session: WebSession | undefined) {
  const party = relyingParty(installation);
  const pending = pendingOf(session);
  const source = sourceNetwork(actor.sourceAddress ?? '');
  await takeAllowances(store.database, [{ key: `passkey source ${source}`, burst: 120, refill_s: 2 }]);
  const keys = pending === null ? [] : await listPasskeys(store.database, pending.user);
  const { generateAuthenticationOptions } = await webAuthn();
  return await generateAuthenticationOptions({
    rpID: party.id,
    challenge: await newChallenge(store.database, pending?.id ?? null),
    allowCredentials: keys.map((key) => ({ id: key.credential_id.toString('base64url'), transports: key.transports })),
    userVerification: pending === null ? 'required' : 'preferred',
  });
}

export type PasskeyAttempt = {
  readonly credential: PasskeyAnswer;
  readonly trustsDevice: boolean;
  readonly session: WebSession | undefined;
  readonly browser: string | undefined;
  readonly from: BrowserFacts;
};

/**
 * signInWithPasskey begins a session for whom the passkey belongs to. Alone it has to have verified its person (PIN, finger, face), since it
 * stands for both factors; after the password its possession is enough, and it has to be that person's. Anything else is one answer (401).
 */
export async function signInWithPasskey(
  { store, installation }: SignInDeps,
  actor: Actor,
  { credential, trustsDevice, session, browser, from }: PasskeyAttempt,
): Promise<SignedIn & { readonly user: UserId }> {
  const party = relyingParty(installation);
  const pending = pendingOf(session);
  const { database } = store;
  const used = await verified(database, party, pending, credential);
  return await database.transaction().execute(async (trx) => {
    // In order with whoever removes it or signs with it at the same time.
    const { numUpdatedRows } = await trx
      .updateTable('passkey')
      .set({ counter: used.newCounter, last_used_at: sql<Date>`now()` })
      .where('id', '=', used.id)
      .where('counter', '=', used.counter)
      .executeTakeFirstOrThrow();
    const account = await readAccount(trx, used.user);
    if (numUpdatedRows === 0n || account?.status !== 'ACTIVE') throw refusal();
    if (session !== undefined && !(await endWebSession(trx, session.id, session.user)) && pending !== null) throw refusal();
    const begun = await startWebSession(trx, used.user, 'signed-in', from);
    const person: Person = { kind: 'person', id: used.user, name: account.username, role: account.role, session: begun.id };
    const trustsBrowser = trustsDevice && (await allowsTrust(trx));
    const after = { secondFactor: 'passkey', trustsBrowser };
    await recordAudit(trx, { ...actor, principal: person }, [
      { entity: 'user', entityId: used.user, action: 'signed-in', after },
    ]);
    return {
      kind: 'signed-in' as const,
      user: used.user,
      session: begun.token,
      browser: await rememberBrowser(trx, browser, used.user, trustsBrowser),
    };
  });
}

async function verified(
  reader: Reader,
  party: { readonly id: string; readonly origin: string },
  pending: WebSession | null,
  credential: PasskeyAnswer,
) {
  const key = await reader
    .selectFrom('passkey')
    .selectAll()
    .where('credential_id', '=', Buffer.from(credential.id, 'base64url'))
    .executeTakeFirst();
  if (key === undefined || (pending !== null && key.user_id !== pending.user)) throw refusal();
  const { verifyAuthenticationResponse } = await webAuthn();
  const { verified: isRight, authenticationInfo } = await verifyAuthenticationResponse({
    response: credential as Parameters<typeof verifyAuthenticationResponse>[0]['response'],
    expectedChallenge: async (challenge) => await takeChallenge(reader, pending?.id ?? null, challenge),
    expectedOrigin: party.origin,
    expectedRPID: party.id,
    credential: {
      id: credential.id,
      publicKey: Uint8Array.from(key.public_key),
      counter: Number(key.counter),
      transports: key.transports,
    },
    requireUserVerification: pending === null,
  }).catch(() => {
    throw refusal();
  });
  if (!isRight) throw refusal();
  return { id: key.id, user: key.user_id, counter: key.counter, newCounter: authenticationInfo.newCounter };
}

function refusal(): CausewayError {
  return new CausewayError(
    'unauthenticated',
    'The passkey is not known here, has run out of time, or its account is suspended. Try again, or sign in with user name and password.',
  );
}

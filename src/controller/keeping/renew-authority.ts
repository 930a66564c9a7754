import { X509Certificate } from 'node:crypto';
import { sql } from 'kysely';
import type { AuthorityAnswer } from '../../contract/api/authority.ts';
import { expiryLevel } from '../../core/renewal.ts';
import type { ControllerDeps } from '../deps.ts';
import type { KnownAuthorities } from '../pki/signer-client.ts';
import type { Actor } from '../principal.ts';
import type { AuthorityStep } from '../signer/protocol.ts';
import type { Reader } from '../store/database.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import type { AuthorityFacts } from './authority-plan.ts';
import { planAuthority, retiresAtLatest } from './authority-plan.ts';
import type { Condition } from './condition.ts';

export type AuthorityDeps = Pick<ControllerDeps, 'store' | 'signer'>;

/** What the signer dates back for clocks that are a little behind (signer/authority.ts). */
const backdated = '1 hour';

const steps = ['begin', 'switch', 'retire'] as const satisfies readonly AuthorityStep[];
const done = { begin: 'announced', switch: 'switched', retire: 'retired' } as const satisfies Record<AuthorityStep, string>;

/**
 * renewAuthority takes the steps that are due (authority-plan.ts), one after the other. Each is a change of the model, which connectors and gateways
 * hear of. A failure leaves the state after the last step that was taken; the next call goes on. Throws SignerError.
 */
export async function renewAuthority(deps: AuthorityDeps, actor: Actor, now: Date): Promise<void> {
  for (const _ of steps) {
    const plan = planAuthority(await readFacts(deps, await deps.signer.authorities(), now));
    if (plan.kind === 'wait') return;
    await take(deps, actor, plan.step);
  }
}

/** beginRenewal makes the next CA now instead of when it is due, and takes what follows from it. */
export async function beginRenewal(deps: AuthorityDeps, actor: Actor, now: Date): Promise<void> {
  const { next } = await deps.signer.authorities();
  if (next === undefined) await take(deps, actor, 'begin');
  await renewAuthority(deps, actor, now);
}

/** replaceAuthority ends the CA at once: what it has signed counts no more, and connectors and devices are installed anew. */
export async function replaceAuthority(deps: AuthorityDeps, actor: Actor): Promise<void> {
  for (const step of steps) await take(deps, actor, step);
}

async function take({ store, signer }: AuthorityDeps, actor: Actor, step: AuthorityStep): Promise<void> {
  if (step !== 'retire') {
    const { current, next } = await signer.stepAuthority(step);
    await inModelTransaction(store, actor, async ({ record }) => {
      record({ entity: 'authority', entityId: 'ca', action: done[step], after: described(next ?? current) });
      await Promise.resolve();
    });
    return;
  }
  const { switchedAt, next, current } = await signer.authorities();
  // First: who is refused finds the reason at the device, whatever becomes of the rest.
  await inModelTransaction(store, actor, async ({ trx, record, now }) => {
    if (switchedAt !== undefined) {
      await trx
        .updateTable('certificate')
        .set({ revoked_at: now })
        .where('revoked_at', 'is', null)
        .where(signedBefore(switchedAt))
        .execute();
    }
    record({
      entity: 'authority',
      entityId: 'ca',
      action: done[step],
      before: described(current),
      after: described(next ?? current),
    });
  });
  await signer.stepAuthority(step);
  // The other way round readers would have taken the old one for what is trusted; now those that were woken before have to look again.
  await inModelTransaction(store, actor, async ({ record }) => {
    record({ entity: 'authority', entityId: 'ca', action: 'in-force', after: described(next ?? current) });
    await Promise.resolve();
  });
}

/** Certificates know whole seconds. What was signed in the second of the switch is taken for new: revoking what is good would be worse. */
function signedBefore(time: Date) {
  return sql<boolean>`not_before + ${backdated}::interval < date_trunc('second', ${time}::timestamptz)`;
}

/** describeAuthority is what `causeway ca status` shows. */
export async function describeAuthority(deps: AuthorityDeps, now: Date): Promise<AuthorityAnswer> {
  const known = await deps.signer.authorities();
  const facts = await readFacts(deps, known, now);
  const plan = planAuthority(facts);
  return {
    phase: known.next === undefined ? 'single' : known.switchedAt === undefined ? 'announced' : 'switched',
    current: described(known.current),
    next: known.next === undefined ? null : described(known.next),
    gatewaysBehind: [...facts.gatewaysBehind],
    dependents: await readDependents(deps.store.database, known),
    nextStep: plan.kind === 'step' ? `${plan.step}, within a minute` : `waits until ${plan.until}`,
  };
}

/** authorityConditions: a CA that ended or will, whose clock is not yet there, and who still depends on one that is given up within a year. */
export async function authorityConditions(deps: AuthorityDeps, now: Date): Promise<Condition[]> {
  const known = await deps.signer.authorities();
  const { current, dependents, isSwitched } = await readFacts(deps, known, now);
  const about = { key: 'ca', entity: 'authority', entityId: 'ca' };
  const time = now.getTime();
  if (current.notBefore > time) {
    const from = new Date(current.notBefore).toISOString();
    return [
      {
        ...about,
        code: 'clock-behind',
        level: '',
        message: `The CA is valid from ${from} on, and the clock says ${now.toISOString()}: it is behind, and no tunnel can be made. Set the clock (timedatectl, chrony or systemd-timesyncd).`,
      },
    ];
  }
  const level = expiryLevel(current.notAfter, time);
  const end = new Date(current.notAfter).toISOString().slice(0, 10);
  if (level === 'ended') {
    return [
      {
        ...about,
        code: 'ca-expiring',
        level,
        message: `The CA ended on ${end}, so no tunnel can be made. If the clock is wrong, set it. Otherwise causeway ca renew --now makes another one; then hand out new profiles, and paste new install lines on the connectors.`,
      },
    ];
  }
  if (level !== undefined) {
    return [
      {
        ...about,
        code: 'ca-expiring',
        level,
        message: `The CA ends on ${end}, and its renewal is not done: causeway ca status says what it waits for.`,
      },
    ];
  }
  const givenUp = retiresAtLatest(current);
  if (isSwitched && dependents > 0 && givenUp - time < (current.notAfter - current.notBefore) / 20) {
    return [
      {
        ...about,
        code: 'ca-old-profiles',
        level: '',
        message: `${String(dependents)} certificates of the old CA are still in hands, and are refused from ${new Date(givenUp).toISOString().slice(0, 10)} on: hand out new profiles; causeway ca status names whose.`,
      },
    ];
  }
  return [];
}

async function readFacts({ store }: AuthorityDeps, known: KnownAuthorities, now: Date): Promise<AuthorityFacts> {
  const { validFromDate, validToDate } = new X509Certificate(known.current);
  const { database } = store;
  const gateways =
    known.next === undefined
      ? []
      : await database
          .selectFrom('gateway')
          .select('name')
          .where(sql<boolean>`not trusts ? ${new X509Certificate(known.next).fingerprint256}`)
          .orderBy('name')
          .execute();
  return {
    now: now.getTime(),
    current: { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() },
    isAnnounced: known.next !== undefined,
    isSwitched: known.switchedAt !== undefined,
    gatewaysBehind: gateways.map(({ name }) => name),
    dependents: known.switchedAt === undefined ? 0 : await countDependents(database, known.switchedAt),
  };
}

async function countDependents(reader: Reader, switchedAt: Date): Promise<number> {
  const { count } = await reader
    .selectFrom('certificate')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('revoked_at', 'is', null)
    .where('not_after', '>', sql<Date>`now()`)
    .where(signedBefore(switchedAt))
    .executeTakeFirstOrThrow();
  return count;
}

/** As many as one wants to read; the count says how many there are. */
const namedDependents = 100;

async function readDependents(reader: Reader, { switchedAt }: KnownAuthorities): Promise<AuthorityAnswer['dependents']> {
  if (switchedAt === undefined) return [];
  const { rows } = await sql<{ kind: 'device' | 'connector'; id: string; name: string; until: Date }>`
    select case when device_id is null then 'connector' else 'device' end as kind, coalesce(device_id, connector_id) as id,
      coalesce(app_user.username || ' - ' || device.name, connector.name) as name, max(not_after) as until
    from certificate
    left join device on device.id = certificate.device_id left join app_user on app_user.id = device.user_id
    left join connector on connector.id = certificate.connector_id
    where revoked_at is null and not_after > now() and ${signedBefore(switchedAt)}
    group by 1, 2, 3 order by until desc, name limit ${namedDependents}`.execute(reader);
  return rows.map(({ until, ...rest }) => ({ ...rest, until: until.toISOString() }));
}

function described(pem: string): { readonly sha256: string; readonly validFrom: string; readonly validUntil: string } {
  const { fingerprint256, validFromDate, validToDate } = new X509Certificate(pem);
  return { sha256: fingerprint256, validFrom: validFromDate.toISOString(), validUntil: validToDate.toISOString() };
}

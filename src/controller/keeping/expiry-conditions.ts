import { X509Certificate } from 'node:crypto';
import { sql } from 'kysely';
import type { ExpiryLevel } from '../../core/renewal.ts';
import { expiryLevel } from '../../core/renewal.ts';
import type { Reader } from '../store/database.ts';
import type { Condition } from './condition.ts';

const day_ms = 86_400_000;

/** What renews itself does so with a third of its life left. With a quarter left it has been trying for a week in vain, or was away. */
const lateShare = 1 / 4;

/** endWords says when something ends, or ended. */
function endWords(end: Date, level: ExpiryLevel): string {
  return `${level === 'ended' ? 'ended' : 'ends'} on ${end.toISOString().slice(0, 10)}`;
}

type Profile = { kind: 'device' | 'connector'; id: string; name: string; person: string | null; not_after: Date };

/**
 * profileConditions: handed-out profiles are files that nobody can renew. For each device and connector the profile counts that lasts longest of
 * those that have been used: what was never used is waited for by nobody. Connectors with an agent hold no such file.
 */
export async function profileConditions(reader: Reader, now: Date): Promise<Condition[]> {
  const { rows } = await sql<Profile>`
    with newest as (
      select device_id, connector_id, max(not_after) as not_after from certificate
      where revoked_at is null and agent_certificate is null and first_used_at is not null
      group by device_id, connector_id having max(not_after) < ${new Date(now.getTime() + 30 * day_ms)}
    )
    select 'device' as kind, device.id, device.name, app_user.username as person, newest.not_after
    from newest join device on device.id = newest.device_id join app_user on app_user.id = device.user_id
    union all
    select 'connector', connector.id, connector.name, null, newest.not_after
    from newest join connector on connector.id = newest.connector_id
    where not exists (select from certificate where certificate.connector_id = connector.id and agent_certificate is not null)
    order by not_after`.execute(reader);
  return rows.flatMap(({ kind, id, name, person, not_after: end }) => {
    const level = expiryLevel(end.getTime(), now.getTime());
    if (level === undefined) return [];
    const whose = person === null ? `connector ${name}` : `device ${name} of ${person}`;
    return [
      {
        key: `profile ${id}`,
        code: 'certificate-expiring' as const,
        level,
        entity: kind,
        entityId: id,
        message: `The profile of ${whose} ${endWords(end, level)}, and a file cannot be renewed: hand out a new one (causeway ${kind} profile), then it may connect with either.`,
      },
    ];
  });
}

type Agent = { id: string; name: string; not_before: Date; not_after: Date; credential_until: Date | null };

/**
 * agentConditions: an agent renews its certificate and its credential by itself, so what is told is who has not. With its credential it also
 * comes back after its certificate has ended; without, only by hand.
 */
export async function agentConditions(reader: Reader, now: Date): Promise<Condition[]> {
  const { rows } = await sql<Agent>`
    select connector.id, connector.name, newest.not_before, newest.not_after, (
      select max(expires_at) from agent_credential where agent_credential.connector_id = connector.id
    ) as credential_until
    from (
      select distinct on (connector_id) connector_id, not_before, not_after from certificate
      where agent_certificate is not null and revoked_at is null order by connector_id, not_after desc
    ) newest join connector on connector.id = newest.connector_id
    where newest.not_after < ${new Date(now.getTime() + 30 * day_ms)}
    order by connector.name`.execute(reader);
  return rows.flatMap(({ id, name, not_before, not_after, credential_until: until }): Condition[] => {
    const about = { key: `agent ${id}`, entity: 'connector', entityId: id };
    if (until === null || until <= now) {
      const since = until === null ? '' : ` on ${until.toISOString().slice(0, 10)}`;
      return [
        {
          ...about,
          code: 'connector-shut-out',
          level: '',
          message: `The agent of connector ${name} was away until its credential ended${since}, so it cannot come back by itself: paste a new install line on its machine (causeway connector install ${JSON.stringify(name)}); it stays the same connector.`,
        },
      ];
    }
    const life = not_after.getTime() - not_before.getTime();
    if (not_after.getTime() - now.getTime() > life * lateShare) return [];
    const level = expiryLevel(not_after.getTime(), now.getTime()) ?? '30 days';
    return [
      {
        ...about,
        code: 'certificate-not-renewed',
        level,
        message: `The certificate of connector ${name} ${endWords(not_after, level)}, and its agent has not renewed it: start its machine, and see causeway-connector status there. Until ${until.toISOString().slice(0, 10)} it comes back by itself, then it needs a new install line.`,
      },
    ];
  });
}

/** portalConditions: a certificate that was given cannot be renewed by us; our own that is not renewed in time says that the signer is in trouble. */
export function portalConditions(pem: string, isOurs: boolean, now: Date): Condition[] {
  const { validFromDate, validToDate } = new X509Certificate(pem);
  const level = expiryLevel(validToDate.getTime(), now.getTime());
  if (level === undefined) return [];
  const about = { key: 'portal-certificate', level, entity: 'installation', entityId: 'portal-certificate' };
  const ends = `The certificate of the portal ${endWords(validToDate, level)}`;
  if (!isOurs) {
    return [
      {
        ...about,
        code: 'certificate-expiring',
        message: `${ends}: put a new one into the files of --tls-cert and --tls-key, and start causeway up again. Without one, agents of connectors and programs cannot reach the controller; tunnels go on.`,
      },
    ];
  }
  const left = validToDate.getTime() - now.getTime();
  if (left > (validToDate.getTime() - validFromDate.getTime()) * lateShare) return [];
  return [
    {
      ...about,
      code: 'certificate-not-renewed',
      message: `${ends}, and it could not be renewed: the log of the controller says why ("renewing the portal's certificate failed").`,
    },
  ];
}

/** In the section `agent` (connector/agent/observe.sh): seconds since 1970 by the connector's clock. */
const clockLine = String.raw`(?:^|\n)clock=(\d{1,12})(?:\n|$)`;

type Clock = { id: string; name: string; clock: string; observed_at: Date };

/** The agent looks at its machine for a while, and the controller notes when it began. */
const clockTolerance_ms = 5 * 60_000;

/** connectorClockConditions: certificates of a connector count by its own clock. Only what was reported lately says something of now. */
export async function connectorClockConditions(reader: Reader): Promise<Condition[]> {
  const { rows } = await sql<Clock>`
    select connector.id, connector.name, substring(body from ${clockLine}) as clock, observed_at
    from observation join connector on connector.id = observation.connector_id
    where section = 'agent' and observed_at > now() - interval '10 minutes'
      and abs(extract(epoch from observed_at) - substring(body from ${clockLine})::float8) > ${clockTolerance_ms / 1000}
    order by connector.name`.execute(reader);
  return rows.map(({ id, name, clock, observed_at }) => {
    const by_ms = Number(clock) * 1000 - observed_at.getTime();
    const days =
      Math.abs(by_ms) > 2 * day_ms
        ? `${String(Math.round(Math.abs(by_ms) / day_ms))} days`
        : `${String(Math.round(Math.abs(by_ms) / 60_000))} min`;
    return {
      key: `clock ${id}`,
      code: 'clock-differs' as const,
      level: '',
      entity: 'connector',
      entityId: id,
      message: `The clock of connector ${name} is ${days} ${by_ms < 0 ? 'behind' : 'ahead'}: at the next start of its tunnel it may take certificates for expired or not valid yet. Set the clock of its machine (timedatectl, chrony or systemd-timesyncd).`,
    };
  });
}

import { sql } from 'kysely';
import type { Reader } from '../store/database.ts';
import type { Samples } from './samples.ts';

type Facts = {
  readonly size: number;
  readonly connections: number;
  readonly most: number;
  readonly revision: number;
  readonly last_event: number;
  readonly first_event: number | null;
  readonly mails_queued: number;
  readonly mails_failed: number;
  readonly mail_age: number | null;
  readonly backup_every: number;
  readonly backup_at: Date | null;
  readonly backup_bytes: number | null;
  readonly networks: number;
  readonly hosts: number;
  readonly connectors: number;
  readonly users: number;
  readonly groups: number;
  readonly devices: number;
};

/** readDatabase says how large the database and what is in it are, in two queries. */
export async function readDatabase(reader: Reader, samples: Samples): Promise<void> {
  const { rows } = await sql<Facts>`
    select pg_database_size(current_database()) as size,
      (select numbackends from pg_stat_database where datname = current_database()) as connections,
      current_setting('max_connections')::int as most,
      wpc.revision, wpc.event_seq as last_event,
      (select seq from event order by seq limit 1) as first_event,
      coalesce((select every_s from backup_schedule), 0) as backup_every, backup.started_at as backup_at, backup.bytes as backup_bytes,
      mails.queued as mails_queued, mails.failed as mails_failed, mails.age as mail_age,
      (select count(*) from network) as networks, (select count(*) from host) as hosts,
      (select count(*) from connector) as connectors, (select count(*) from app_user) as users,
      (select count(*) from user_group) as groups, (select count(*) from device) as devices
    from wpc, (select count(*) filter (where state = 'queued') as queued, count(*) filter (where state = 'failed') as failed,
      extract(epoch from now() - min(created_at) filter (where state = 'queued'))::float8 as age
      from mail where state in ('queued', 'failed')) as mails
      left join (select started_at, bytes from backup_run where error is null order by started_at desc limit 1) as backup on true`.execute(
    reader,
  );
  const [facts] = rows;
  if (facts === undefined) return;
  samples.add('causeway_database_size_bytes', {}, facts.size);
  samples.add('causeway_database_connections', {}, facts.connections);
  samples.add('causeway_database_connections_limit', {}, facts.most);
  samples.add('causeway_revision', {}, facts.revision);
  samples.add('causeway_events_last_sequence', {}, facts.last_event);
  samples.add('causeway_events_first_sequence', {}, facts.first_event ?? facts.last_event);
  samples.add('causeway_mails', { state: 'queued' }, facts.mails_queued);
  samples.add('causeway_mails', { state: 'failed' }, facts.mails_failed);
  samples.add('causeway_mail_queue_age_seconds', {}, Math.max(0, facts.mail_age ?? 0));
  samples.add('causeway_backup_interval_seconds', {}, facts.backup_every);
  samples.instant('causeway_backup_last_success_timestamp_seconds', {}, facts.backup_at ?? new Date(0));
  samples.add('causeway_backup_last_success_bytes', {}, facts.backup_bytes ?? 0);
  const { networks, hosts, connectors, users, groups, devices } = facts;
  const objects = { network: networks, host: hosts, connector: connectors, user: users, 'user-group': groups, device: devices };
  for (const [kind, count] of Object.entries(objects)) samples.add('causeway_objects', { kind }, count);
  await readCertificates(reader, samples);
}

/** Of each connector and device the one that ends last counts: those before it have been replaced. What has ended long ago is nobody's any more. */
async function readCertificates(reader: Reader, samples: Samples): Promise<void> {
  const { rows } = await sql<{ connector: Date | null; profile: Date | null }>`
    select min(until) filter (where connector_id is not null) as connector, min(until) filter (where device_id is not null) as profile
    from (select connector_id, device_id, max(not_after) as until from certificate where revoked_at is null
      group by connector_id, device_id) as newest
    where until > now() - interval '7 days'`.execute(reader);
  samples.instant('causeway_certificate_expiry_timestamp_seconds', { kind: 'connector' }, rows[0]?.connector);
  samples.instant('causeway_certificate_expiry_timestamp_seconds', { kind: 'profile' }, rows[0]?.profile);
}

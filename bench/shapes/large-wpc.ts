import { sql } from 'kysely';
import type { Store } from '../../src/controller/store/store.ts';

/** fillLargeWpc makes 5,000 people with a device each, 4,000 of them connected, in 20 groups, and 300 connectors of 200 networks, all connected. */
export async function fillLargeWpc(database: Store['database']): Promise<void> {
  await database.transaction().execute(async (trx) => {
    await sql`select set_config('causeway.model_transaction', 'on', true)`.execute(trx);
    await sql`insert into gateway (name, region, reported_at) values ('bench', 'eu-central-1', now() + interval '1 hour')
      on conflict (region) do update set reported_at = excluded.reported_at`.execute(trx);
    await sql`insert into user_group (name) select 'group ' || n from generate_series(1, 20) n`.execute(trx);
    await sql`insert into app_user (username, group_id)
      select 'user' || n, (select id from user_group order by number offset n % 20 limit 1) from generate_series(1, 5000) n`.execute(
      trx,
    );
    await sql`insert into device (user_id, name) select id, 'laptop' from app_user order by number`.execute(trx);
    await sql`insert into tunnel_address (address, device_id) select '100.97.0.0'::inet + number, id from device`.execute(trx);
    await sql`insert into network (name) select 'site ' || n from generate_series(1, 200) n`.execute(trx);
    await sql`insert into network_route (network_id, prefix)
      select id, set_masklen('10.0.0.0'::inet + number * 256, 24)::cidr from network`.execute(trx);
    await sql`insert into connector (name, network_id, region) select name || ' a', id, 'eu-central-1' from network`.execute(trx);
    await sql`insert into connector (name, network_id, region) select name || ' b', id, 'us-east-1' from network
      where number % 2 = 0`.execute(trx);
    await sql`insert into tunnel_address (address, connector_id) select '100.96.0.0'::inet + 100 + number, id from connector`.execute(
      trx,
    );
    await sql`insert into session (gateway_id, key, lane, device_id, user_id, serial, state, client_address, region, started_at)
      select (select id from gateway where region = 'eu-central-1'), 'u0:1:' || id, 'u0', id, user_id, ${'ab'.repeat(16)}, 'established', '203.0.113.7', 'eu-central-1', now()
      from device where number % 5 > 0`.execute(trx);
    await sql`insert into session (gateway_id, key, lane, connector_id, serial, state, client_address, region, started_at)
      select (select id from gateway where region = 'eu-central-1'), 'c0:1:' || id, 'c0', id, ${'ab'.repeat(16)}, 'established', '203.0.113.7', 'eu-central-1', now()
      from connector`.execute(trx);
  });
  await sql`analyze`.execute(database);
}

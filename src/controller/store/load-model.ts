import { sql } from 'kysely';
import type { ConnectorId } from '../../core/ids.ts';
import type { GatewaySite, WpcModel } from '../../core/model.ts';
import { regionsServed } from '../../core/serving-gateway.ts';
import type { Database, ModelTrx } from './database.ts';
import { internetOf, readConnectors, readHosts, readNetworks } from './read-sites.ts';

/** LoadedModel is the model and the gateways that it is compiled for, of one moment. */
export type LoadedModel = { readonly model: WpcModel; readonly sites: readonly GatewaySite[] };

/**
 * loadModel reads everything that compile needs from one snapshot (repeatable read), so that what belongs together was committed together;
 * a fixed number of queries, however large the WPC is. Lists are in the order in which the rows were made.
 */
export async function loadModel(database: Database): Promise<LoadedModel> {
  return await database.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(readModel);
}

/** readModel is loadModel inside a transaction of the caller's: what a model transaction has written so far is in it. */
export async function readModel(trx: ModelTrx): Promise<LoadedModel> {
  const wpc = await trx
    .selectFrom('wpc')
    .select(['revision', 'tunnel_ranges', 'default_region', 'dns_servers', 'device_enforcement'])
    .executeTakeFirstOrThrow();
  const networks = await readNetworks(trx);
  const hosts = await readHosts(trx);
  const connectors = await readConnectors(trx);
  const userGroups = await trx
    .selectFrom('user_group')
    .select(['id', 'name', 'internet_access', 'gateways_ids', 'tunnel_bypass', 'connect_auth'])
    .orderBy('number')
    .execute();
  const classes = await trx.selectFrom('egress_class').selectAll().execute();
  const users = await trx.selectFrom('app_user').select(['id', 'username', 'group_id', 'status']).orderBy('number').execute();
  const devices = await trx
    .selectFrom('device')
    .innerJoin('tunnel_address', 'tunnel_address.device_id', 'device.id')
    .leftJoin('device_authentication', 'device_authentication.device_id', 'device.id')
    .select([
      'device.id',
      'device.name',
      'device.user_id',
      'device.user_lane',
      'device.client_uuid',
      'tunnel_address.address',
      'device_authentication.authenticated_at',
    ])
    .orderBy('device.number')
    .execute();
  const certificates = await trx
    .selectFrom('certificate')
    .select(['serial', 'connector_id', 'device_id'])
    .where('revoked_at', 'is', null)
    .where('not_after', '>', sql<Date>`now()`)
    .orderBy('created_at')
    .orderBy('serial')
    .execute();
  const lanes = await trx.selectFrom('lane_assignment').selectAll().orderBy('lane').execute();
  const gateways = await trx
    .selectFrom('gateway')
    .select(['id', 'region', 'vpn_port', 'user_lanes', 'connector_lanes', 'public_addresses'])
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const regions = await trx.selectFrom('region').select('id').orderBy('id').execute();

  const laneAssignment: Record<ConnectorId, number> = {};
  for (const { connector_id, lane } of lanes) laneAssignment[connector_id] = lane;

  const model: WpcModel = {
    revision: wpc.revision,
    tunnelRanges: wpc.tunnel_ranges,
    networks,
    hosts,
    connectors,
    userGroups: userGroups.map(({ id, name, internet_access, gateways_ids, tunnel_bypass, connect_auth }) => ({
      id,
      name,
      internet: internetOf(internet_access, gateways_ids, tunnel_bypass),
      connectAuth: connect_auth,
    })),
    users: users.map(({ id, username, group_id, status }) => ({
      id,
      name: username,
      group: group_id,
      suspended: status === 'SUSPENDED',
    })),
    devices: devices.map(({ id, name, user_id, user_lane, client_uuid, address, authenticated_at }) => ({
      id,
      name,
      user: user_id,
      userLane: user_lane,
      address,
      authenticatedAt: authenticated_at?.getTime() ?? null,
      clientUuid: client_uuid,
    })),
    certificates: certificates.map(({ serial, connector_id, device_id }) => ({
      serial,
      endpoint:
        connector_id === null
          ? { kind: 'device', id: present(device_id, 'certificate', serial) }
          : { kind: 'connector', id: connector_id },
    })),
    laneAssignment,
    dnsServers: wpc.dns_servers,
    egressClassNumbers: Object.fromEntries(classes.map(({ key, number }) => [key, number])),
    deviceEnforcement: wpc.device_enforcement,
  };
  const served = regionsServed(
    gateways,
    regions.map(({ id }) => id),
    wpc.default_region,
  );
  const sites = [...served].map(([{ id, vpn_port, user_lanes, connector_lanes, public_addresses }, serves]) => ({
    id,
    regions: serves,
    vpnPort: vpn_port,
    userLanes: user_lanes,
    connectorLanes: connector_lanes,
    publicAddresses: public_addresses,
  }));
  return { model, sites };
}

/** The table's check constraint promises it. */
function present<Value>(value: Value | null, table: string, row: string): Value {
  if (value === null) throw new Error(`the row ${row} of ${table} has no owner`);
  return value;
}

/** What tests of profiles and of the gateway stream need: a database, the real signer process, and a small WPC in it. */
import { randomBytes } from 'node:crypto';
import type { ConnectorId, DeviceId, GatewayId, NetworkId, UserId } from '../../core/ids.ts';
import type { AddressText } from '../../core/ip/address.ts';
import { formatAddress, strictAddress } from '../../core/ip/address.ts';
import { formatPrefix, strictPrefix } from '../../core/ip/prefix.ts';
import { systemActor } from '../principal.ts';
import { startSigner } from '../signer/test-signer.ts';
import type { RunningSigner } from '../signer/test-signer.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { secretBox } from '../store/secret-box.ts';
import type { Store } from '../store/store.ts';
import { testDatabase } from '../store/test-database.ts';
import type { TestDatabase } from '../store/test-database.ts';
import type { ProfileDeps } from './endpoint-profile.ts';
import { SignerClient } from './signer-client.ts';

export type TestPki = AsyncDisposable & {
  readonly deps: ProfileDeps;
  readonly database: TestDatabase;
  readonly signer: RunningSigner;
  readonly close: () => Promise<void>;
};

export async function testPki(): Promise<TestPki> {
  const database = await testDatabase();
  const signer = await startSigner();
  const client = new SignerClient(signer.socketPath);
  const close = async (): Promise<void> => {
    await client.close();
    await signer.stop();
    await database.close();
  };
  const deps: ProfileDeps = {
    store: database.store,
    signer: client,
    secrets: secretBox(randomBytes(32)),
    installation: { hostname: '127.0.0.1', listenPort: 443, vpnPort: 1194, version: '0.0.0-test' },
  };
  return { deps, database, signer, close, [Symbol.asyncDispose]: close };
}

export type SmallWpc = {
  readonly gateway: GatewayId;
  readonly network: NetworkId;
  readonly connector: ConnectorId;
  readonly user: UserId;
  readonly device: DeviceId;
};

/** makeSmallWpc writes the tutorial's rows: HQ Network with 10.0.0.0/18 and a connector at .100, and Bob with a device. */
export async function makeSmallWpc(store: Store, options: { tokenHash?: Buffer; vpnPort?: number } = {}): Promise<SmallWpc> {
  return inModelTransaction(store, systemActor, async ({ trx, record }) => {
    const gateway = await trx
      .insertInto('gateway')
      .values({
        name: 'local',
        // eu-central-1 is the default region.
        region: trx.selectFrom('wpc').select('default_region'),
        token_sha256: options.tokenHash ?? null,
        vpn_port: options.vpnPort ?? 1194,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const network = await trx.insertInto('network').values({ name: 'HQ Network' }).returning('id').executeTakeFirstOrThrow();
    const prefix = formatPrefix(strictPrefix('10.0.0.0/18'));
    await trx.insertInto('network_route').values({ network_id: network.id, prefix }).execute();
    const connector = await trx
      .insertInto('connector')
      .values({ name: 'hq-1', network_id: network.id, region: trx.selectFrom('wpc').select('default_region') })
      .returning('id')
      .executeTakeFirstOrThrow();
    const group = await trx.insertInto('user_group').values({ name: 'Staff' }).returning('id').executeTakeFirstOrThrow();
    const user = await trx
      .insertInto('app_user')
      .values({ username: 'bob', group_id: group.id })
      .returning('id')
      .executeTakeFirstOrThrow();
    const device = await trx
      .insertInto('device')
      .values({ name: 'laptop', user_id: user.id })
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx
      .insertInto('tunnel_address')
      .values({ address: address('100.96.0.100'), connector_id: connector.id })
      .execute();
    await trx
      .insertInto('tunnel_address')
      .values({ address: address('100.96.1.1'), device_id: device.id })
      .execute();
    record({ entity: 'network', entityId: network.id, action: 'created' });
    return { gateway: gateway.id, network: network.id, connector: connector.id, user: user.id, device: device.id };
  });
}

function address(text: string): AddressText {
  return formatAddress(strictAddress(text));
}

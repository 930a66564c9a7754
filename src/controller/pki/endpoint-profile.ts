import { notFound } from '../../contract/errors.ts';
import type { ConnectorId, DeviceId, RegionId, Serial } from '../../core/ids.ts';
import { renderProfile } from '../../core/profile.ts';
import type { ProfileInput } from '../../core/profile.ts';
import { connectorRemotes, deviceRemotes } from '../../core/profile-remotes.ts';
import type { ControllerDeps } from '../deps.ts';
import type { Actor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { insertCertificate } from './certificates.ts';
import type { CertificateOwner } from './certificates.ts';
import { certificateRequest } from './certificate-request.ts';
import { newPrivateKey, privateKeyPem } from './key-pair.ts';
import { readServingGateway } from './serving-gateway.ts';
import type { TlsCryptV2ServerKey } from './tls-crypt-v2.ts';
import { asServerKey, clientKeyPem, newServerKey } from './tls-crypt-v2.ts';

export type ProfileDeps = Pick<ControllerDeps, 'store' | 'signer' | 'secrets' | 'installation'>;

/** ProfilePlace is the part of a profile that depends on the endpoint and not on its certificate. */
export type ProfilePlace = Pick<ProfileInput, 'label' | 'remotes' | 'asksForPassword'>;

/**
 * A handed-out file cannot be renewed, and what ends it is revocation, which works at once. Three years is what the signer allows
 * at most (signer/rules.ts).
 */
const handedOutSeconds = 1095 * 86_400;

/**
 * issueConnectorProfile makes a key and a certificate for the connector and gives the complete .ovpn; the key is in it and nowhere
 * else. Each call gives another one and leaves those before valid (certificates.ts says how many). Throws not-found; conflict without
 * a gateway; unavailable while the signer is away.
 */
export async function issueConnectorProfile(deps: ProfileDeps, actor: Actor, id: ConnectorId): Promise<string> {
  return issue(deps, actor, { kind: 'connector', id }, (reader) => connectorPlace(deps, reader, id));
}

/** DeviceProfileWish: without a region it leads to the default region's gateway. */
export type DeviceProfileWish = {
  readonly region?: RegionId | undefined;
  /** How the client has its person sign in, where their group wants that at connect; a password where it is not said. */
  readonly signIn?: 'password' | 'page' | undefined;
};

/**
 * issueDeviceProfile is the same for a device of a user. `within` runs in the transaction that makes the certificate known, before it does; what
 * it throws leaves none.
 */
export async function issueDeviceProfile(
  deps: ProfileDeps,
  actor: Actor,
  id: DeviceId,
  wish: DeviceProfileWish = {},
  within?: IssuedWithin,
): Promise<string> {
  return issue(deps, actor, { kind: 'device', id }, async (reader) => devicePlace(deps, reader, id, wish), within);
}

export type IssuedWithin = (change: Change, serial: Serial) => Promise<void>;

const serverKeys = new WeakMap<ControllerDeps['secrets'], TlsCryptV2ServerKey>();

/**
 * tlsCryptV2ServerKey is the installation's, one for all its gateways; made when it is first asked for. It never changes, so it is
 * read and decrypted once.
 */
export async function tlsCryptV2ServerKey(deps: Pick<ControllerDeps, 'store' | 'secrets'>): Promise<TlsCryptV2ServerKey> {
  const known = serverKeys.get(deps.secrets);
  if (known !== undefined) return known;
  const { readOrCreate } = deps.secrets;
  const key = asServerKey(await readOrCreate(deps.store.database, 'tls-crypt-v2-server-key', () => Buffer.from(newServerKey())));
  serverKeys.set(deps.secrets, key);
  return key;
}

async function issue(
  deps: ProfileDeps,
  actor: Actor,
  owner: CertificateOwner,
  findPlace: (reader: Reader) => Promise<ProfilePlace>,
  within?: IssuedWithin,
): Promise<string> {
  // Before anything is signed: most failures are an id that does not exist.
  await findPlace(deps.store.database);
  const serverKey = await tlsCryptV2ServerKey(deps);
  const key = await newPrivateKey();
  // Outside the transaction, so that a signer that is away holds up nobody else.
  const signed = await deps.signer.sign({
    kind: owner.kind,
    certificateRequest: certificateRequest(key),
    lifetimeSeconds: handedOutSeconds,
  });
  const ca = await deps.signer.authority();
  const place = await inModelTransaction(deps.store, actor, async (change: Change) => {
    const found = await findPlace(change.trx);
    await within?.(change, signed.serial);
    await insertCertificate(change, owner, signed);
    return found;
  });
  return renderProfile({
    ...place,
    ca,
    certificate: signed.certificate,
    key: privateKeyPem(key),
    tlsCryptV2: clientKeyPem(serverKey, signed.serial, signed.notBefore),
  });
}

/** connectorPlace gives label and remotes of a connector's profile; throws not-found. */
export async function connectorPlace(
  deps: Pick<ControllerDeps, 'installation'>,
  reader: Reader,
  id: ConnectorId,
): Promise<ProfilePlace> {
  const connector = await reader
    .selectFrom('connector')
    .leftJoin('network', 'network.id', 'connector.network_id')
    .leftJoin('host', 'host.id', 'connector.host_id')
    .leftJoin('lane_assignment', 'lane_assignment.connector_id', 'connector.id')
    .select(['connector.name', 'connector.region', 'network.name as network', 'host.name as host', 'lane_assignment.lane'])
    .where('connector.id', '=', id)
    .executeTakeFirst();
  if (connector === undefined) throw notFound('connector', id);
  const gateway = await readServingGateway(reader, deps.installation, connector.region);
  return {
    label: `${connector.network ?? connector.host ?? ''} - ${connector.name}`,
    remotes: connectorRemotes(gateway, connector.lane),
  };
}

async function devicePlace(
  deps: Pick<ControllerDeps, 'installation'>,
  reader: Reader,
  id: DeviceId,
  { region, signIn }: DeviceProfileWish,
): Promise<ProfilePlace> {
  const device = await reader
    .selectFrom('device')
    .innerJoin('app_user', 'app_user.id', 'device.user_id')
    .innerJoin('user_group', 'user_group.id', 'app_user.group_id')
    .select(['device.name', 'device.user_lane', 'app_user.username', 'user_group.connect_auth'])
    .where('device.id', '=', id)
    .executeTakeFirst();
  if (device === undefined) throw notFound('device', id);
  const gateway = await readServingGateway(reader, deps.installation, region);
  return {
    label: `${device.username} - ${device.name}`,
    remotes: deviceRemotes(gateway, device.user_lane),
    asksForPassword: device.connect_auth !== 'NO_AUTH' && signIn !== 'page',
  };
}

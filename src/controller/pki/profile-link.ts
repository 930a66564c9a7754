import { sql } from 'kysely';
import { CausewayError } from '../../contract/errors.ts';
import type { ProfileLink } from '../../contract/api/own-device.ts';
import type { DeviceId, RegionId, Serial } from '../../core/ids.ts';
import { deviceRegion } from '../domain/device-region.ts';
import { requireOwnProfiles } from '../domain/own-devices.ts';
import type { InstallationInfo } from '../deps.ts';
import { hashSecret, newSecret } from '../http/secret-hash.ts';
import { portalUrl } from '../portal-url.ts';
import type { Actor } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { ProfileDeps } from './endpoint-profile.ts';
import { issueDeviceProfile } from './endpoint-profile.ts';

/** From the click to the client: the client starts, asks whether it may, and fetches. */
const life = '10 minutes';

/** Clients ask again when the person says no at first, and some fetch twice. */
const mostDownloads = 3;

/**
 * makeProfileLink gives a link by which a client fetches a profile of the device without signing in; only its hash is kept, and the one before
 * is void. No key exists until it is fetched.
 */
export async function makeProfileLink(
  change: Change,
  installation: InstallationInfo,
  device: DeviceId,
  region: RegionId | undefined,
): Promise<ProfileLink> {
  const token = newSecret();
  const values = {
    token_sha256: hashSecret(token),
    region: region ?? null,
    expires_at: sql<Date>`now() + ${life}::interval`,
    downloads: 0,
    serial: null,
  };
  const { expires_at } = await change.trx
    .insertInto('profile_link')
    .values({ device_id: device, ...values })
    .onConflict((conflict) => conflict.column('device_id').doUpdateSet(values))
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  change.record({
    entity: 'device',
    entityId: device,
    action: 'profile-link-made',
    after: { expiresAt: expires_at.toISOString() },
  });
  const url = `${portalUrl(installation)}/profile/${token}`;
  return { url, importUrl: `openvpn://import-profile/${url}`, expiresAt: expires_at.toISOString() };
}

export type LinkedDevice = { readonly device: DeviceId; readonly name: string; readonly region: RegionId | undefined };

/** findLinkedDevice gives whose profile a link is for, and changes nothing. Throws `not found` where it is of no use (any more), saying why. */
export async function findLinkedDevice(reader: Reader, token: string): Promise<LinkedDevice> {
  const { device_id, name, user_id, region } = await requireUsableLink(reader, token);
  return { device: device_id, name, region: await deviceRegion(reader, user_id, region ?? undefined) };
}

/**
 * downloadProfile makes the profile that the link is for. It may be fetched until the certificate of the last download has had its first
 * tunnel, three times at most; each download voids the certificate of the one before, so one copy works. Throws as findLinkedDevice.
 */
export async function downloadProfile(
  deps: ProfileDeps,
  actor: Actor,
  token: string,
): Promise<{ readonly name: string; readonly profile: string }> {
  const { device, name, region } = await findLinkedDevice(deps.store.database, token);
  const profile = await issueDeviceProfile(deps, actor, device, { region }, async (change, serial) => {
    // Again: writers of the model are in order, so of several downloads at once each sees those before it.
    const link = await requireUsableLink(change.trx, token);
    if (link.serial !== null) await voidCertificate(change, device, link.serial);
    const downloads = link.downloads + 1;
    await change.trx.updateTable('profile_link').set({ downloads, serial }).where('device_id', '=', device).execute();
    change.record({ entity: 'device', entityId: device, action: 'profile-downloaded', after: { serial, downloads } });
  });
  return { name, profile };
}

async function voidCertificate(change: Change, device: DeviceId, serial: Serial): Promise<void> {
  const voided = await change.trx
    .updateTable('certificate')
    .set({ revoked_at: change.now })
    .where('serial', '=', serial)
    .where('revoked_at', 'is', null)
    .returning('serial')
    .executeTakeFirst();
  if (voided === undefined) return;
  change.record({ entity: 'device', entityId: device, action: 'profile-revoked', before: { serials: [serial] } });
}

async function requireUsableLink(reader: Reader, token: string) {
  const link = await reader
    .selectFrom('profile_link')
    .innerJoin('device', 'device.id', 'profile_link.device_id')
    .innerJoin('app_user', 'app_user.id', 'device.user_id')
    .leftJoin('certificate', 'certificate.serial', 'profile_link.serial')
    .select([
      'profile_link.device_id',
      'profile_link.region',
      'profile_link.downloads',
      'profile_link.serial',
      'device.name',
      'device.user_id',
      'app_user.status',
      'certificate.first_used_at',
      sql<boolean>`profile_link.expires_at <= now()`.as('is_expired'),
    ])
    .where('profile_link.token_sha256', '=', hashSecret(token))
    .executeTakeFirst();
  // Who holds a token that was replaced cannot be told from who invents one.
  if (link === undefined) throw useless('is not known: it is not whole, or a newer one has replaced it');
  if (link.is_expired) throw useless('has expired');
  if (link.status === 'SUSPENDED') throw useless('belongs to a user who is suspended');
  if (link.first_used_at !== null) throw useless('has done its work: its profile has connected');
  if (link.downloads >= mostDownloads) throw useless(`has been used ${String(mostDownloads)} times`);
  await requireOwnProfiles(reader);
  return link;
}

function useless(why: string): CausewayError {
  return new CausewayError('not-found', `Profile not found: this link ${why}. Make a new one on your own page.`);
}

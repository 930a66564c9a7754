import { randomBytes } from 'node:crypto';
import type { InstallToken } from '../../contract/api/install-token.ts';
import { shellQuote } from '../../contract/connector-scripts.ts';
import type { InstallationInfo } from '../deps.ts';
import { hashSecret } from '../http/secret-hash.ts';
import { portalUrl } from '../portal-url.ts';
import type { Change } from '../store/model-transaction.ts';
import type { ConnectorView } from './connector-view.ts';

const lifetime_ms = 24 * 3_600_000;

/**
 * createInstallToken makes a one-time token for a connector; only its hash is kept. Earlier ones stay valid until they are used or expire,
 * so that a second click in the portal does not break the line that somebody is just pasting.
 */
export async function createInstallToken(
  change: Change,
  installation: InstallationInfo,
  connector: ConnectorView,
): Promise<InstallToken> {
  // Hexadecimal, because a token that began with a hyphen would be an option of the installer.
  const token = randomBytes(32).toString('hex');
  const expiresAt = new Date(change.now.getTime() + lifetime_ms);
  await change.trx
    .insertInto('install_token')
    .values({ token_sha256: hashSecret(token), connector_id: connector.id, expires_at: expiresAt })
    .execute();
  const after = { expiresAt: expiresAt.toISOString() };
  change.record({ entity: 'connector', entityId: connector.id, action: 'install-token-issued', after });
  return { token, expiresAt: expiresAt.toISOString(), installCommand: installCommand(installation, token) };
}

/**
 * installCommand is the line to paste as root (design.md 6). With our own CA the machine trusts nothing yet: `-k` takes any certificate and
 * the pin only our key, which is the stronger of the two.
 * `--foreground` may be appended.
 */
export function installCommand(installation: InstallationInfo, token: string): string {
  const { portalPin } = installation;
  const url = `${portalUrl(installation)}/connector/install.sh`;
  const trust = portalPin === undefined ? '-fsSL' : `-fsSLk --pinnedpubkey ${shellQuote(portalPin)}`;
  return `curl ${trust} ${shellQuote(url)} | sh -s -- ${token}`;
}

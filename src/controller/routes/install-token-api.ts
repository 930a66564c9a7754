import { installTokenRoutes } from '../../contract/api/install-token.ts';
import { CausewayError } from '../../contract/errors.ts';
import { isAllowed } from '../../contract/permission.ts';
import type { RegisterRoutes } from '../deps.ts';
import { readAnyConnector } from '../domain/connector-view.ts';
import { createInstallToken } from '../domain/install-tokens.ts';
import { objectId } from '../domain/object-id.ts';
import type { Actor } from '../principal.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { allowed, serve } from './serve.ts';

/** registerInstallTokens: network and host connectors alike, so what a host's connector needs beyond the route's permission is checked here. */
export const registerInstallTokens: RegisterRoutes = (app, { store, installation }) => {
  serve(app, installTokenRoutes.create, allowed('network:modify'), async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => {
      const connector = await readAnyConnector(change.trx, objectId('connector', id));
      if (connector.site.kind === 'host') demandHosts(actor);
      return createInstallToken(change, installation, connector);
    }),
  );
};

function demandHosts({ principal }: Actor): void {
  if (principal.kind !== 'api-credential' || isAllowed(principal.permissions, 'host:modify')) return;
  throw new CausewayError(
    'forbidden',
    'This connector stands at a host, and this API credential lacks the permission host:modify; use one that has it.',
  );
}

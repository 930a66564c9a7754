import { installTokenRoutes } from '../../contract/api/install-token.ts';
import type { RegisterRoutes } from '../deps.ts';
import { readAnyConnector } from '../domain/connector-view.ts';
import { createInstallToken } from '../domain/install-tokens.ts';
import { objectId } from '../domain/object-id.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { allowed, serve } from './serve.ts';
import { demandSitePermission } from './site-permission.ts';

/** registerInstallTokens: one call for the connectors of networks and of hosts. */
export const registerInstallTokens: RegisterRoutes = (app, { store, installation }) => {
  serve(app, installTokenRoutes.create, allowed('network:modify'), async ({ actor, id }) =>
    inModelTransaction(store, actor, async (change) => {
      const connector = await readAnyConnector(change.trx, objectId('connector', id));
      demandSitePermission(actor, connector, 'modify');
      return createInstallToken(change, installation, connector);
    }),
  );
};

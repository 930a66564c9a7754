/**
 * src/controller/cloud is what is known of the clouds in which networks stand. Operators bring what the vendors' command lines have answered
 * (`*-commands.ts` write what to run), or a reader asks the API (AWS); a translator (`from-*.ts`, pure) makes a CloudState of it, and traces use that. Nothing is ever
 * written into a cloud from here; credentials are those of the process, none is taken from a request, stored or logged.
 * Tests stand beside: `./causeway node --test 'src/controller/cloud/*.test.ts'`; recorded/ holds answers as the vendors document them.
 *
 * This file: the routes.
 */
import { cloudStateRoutes } from '../../contract/api/cloud-state.ts';
import type { RegisterRoutes } from '../deps.ts';
import { objectId } from '../domain/object-id.ts';
import { allowed, serve } from '../routes/serve.ts';
import { inModelTransaction } from '../store/model-transaction.ts';
import { askCloud } from './ask-cloud.ts';
import { forgetCloud, keepCloud, stateOfAnswers } from './cloud-states.ts';
import { describeCloud, writeCommands } from './network-cloud.ts';

const reading = allowed('network:read');
const modifying = allowed('network:modify');

/** registerClouds: what is known of the clouds in which networks stand. */
export const registerClouds: RegisterRoutes = (app, { store, cloudReaders }) => {
  const { database } = store;
  serve(
    app,
    cloudStateRoutes.read,
    reading,
    async ({ id }) => await describeCloud(database, objectId('network', id), new Date()),
  );
  serve(app, cloudStateRoutes.write, modifying, async ({ actor, id, body }) => {
    const network = objectId('network', id);
    // Before the transaction: megabytes of answers would hold up every other change.
    const state = stateOfAnswers(body, new Date());
    await inModelTransaction(store, actor, async (change) => await keepCloud(change, network, state, 'stated'));
    return await describeCloud(database, network, new Date());
  });
  serve(app, cloudStateRoutes.ask, modifying, async ({ actor, id }) => {
    const network = objectId('network', id);
    const state = await askCloud(database, cloudReaders, network);
    await inModelTransaction(store, actor, async (change) => await keepCloud(change, network, state, 'api'));
    return await describeCloud(database, network, new Date());
  });
  serve(app, cloudStateRoutes.forget, modifying, async ({ actor, id }) => {
    await inModelTransaction(store, actor, async (change) => await forgetCloud(change, objectId('network', id)));
  });
  serve(
    app,
    cloudStateRoutes.commands,
    reading,
    async ({ id, query }) => await writeCommands(database, objectId('network', id), query.cloud),
  );
};

import type { ConnectorId } from '../../core/ids.ts';
import { assignLanes } from '../../core/lanes.ts';
import type { ModelTrx } from '../store/database.ts';

/** What a gateway offers until it has said otherwise (migration 0001). */
const usualConnectorLanes = 256;

/**
 * assignConnectorLanes gives connectors without a lane of their own one while there are some left; nobody is moved. Called after
 * connectors were added (they want one) or deleted (theirs are free again).
 */
export async function assignConnectorLanes(trx: ModelTrx): Promise<void> {
  const connectors = await trx.selectFrom('connector').select('id').orderBy('number').execute();
  const rows = await trx.selectFrom('lane_assignment').selectAll().execute();
  const { limit } = await trx
    .selectFrom('gateway')
    .select(({ fn }) => fn.max('connector_lanes').as('limit'))
    .executeTakeFirstOrThrow();
  const previous = Object.fromEntries(rows.map((row) => [row.connector_id, row.lane])) as Record<ConnectorId, number>;
  const assignment = assignLanes(previous, connectors, limit ?? usualConnectorLanes);
  const added = connectors.flatMap(({ id }) => {
    const lane = assignment[id];
    return lane === undefined || previous[id] === lane ? [] : [{ connector_id: id, lane }];
  });
  if (added.length > 0) await trx.insertInto('lane_assignment').values(added).execute();
}

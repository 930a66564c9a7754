import type { ConnectorId } from '../../core/ids.ts';
import { assignLanes } from '../../core/lanes.ts';
import type { ModelTrx } from './database.ts';

/** As many as the table's check allows; a gateway that has fewer lets the connectors above share (core/compile.ts). */
const defaultConnectorLanes = 256;

/**
 * assignConnectorLanes gives lanes to connectors that have none, as far as there are free ones, in the order in which the connectors
 * were made. What is assigned stays (profiles name its port); the lane of a deleted connector is free by the row's cascade. Called at
 * the end of every model transaction; costs one look-up when nothing is to do.
 */
export async function assignConnectorLanes(trx: ModelTrx): Promise<void> {
  const waiting = await trx
    .selectFrom('connector')
    .leftJoin('lane_assignment', 'lane_assignment.connector_id', 'connector.id')
    .select('connector.id')
    .where('lane_assignment.connector_id', 'is', null)
    .orderBy('connector.number')
    .execute();
  if (waiting.length === 0) return;
  const assigned = await trx.selectFrom('lane_assignment').selectAll().execute();
  const { limit } = await trx
    .selectFrom('gateway')
    .select(({ fn }) => fn.max('connector_lanes').as('limit'))
    .executeTakeFirstOrThrow();
  const previous: Record<ConnectorId, number> = {};
  for (const { connector_id, lane } of assigned) previous[connector_id] = lane;
  // Whoever has a lane comes first, so that the order among those that wait decides nothing but their own lanes.
  const order = [...assigned.map(({ connector_id }) => ({ id: connector_id })), ...waiting];
  const lanes = assignLanes(previous, order, limit ?? defaultConnectorLanes);
  const added = waiting.flatMap(({ id }) => {
    const lane = lanes[id];
    return lane === undefined ? [] : [{ connector_id: id, lane }];
  });
  if (added.length > 0) await trx.insertInto('lane_assignment').values(added).execute();
}

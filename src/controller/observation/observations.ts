/**
 * src/controller/observation gives out what connectors have reported of their machines. It is written by the connector-agent routes and
 * kept as received. Tests: `node --test 'src/controller/observation/*.test.ts'`.
 */
import type { ConnectorId } from '../../core/ids.ts';
import type { Reader } from '../store/database.ts';
import type { Row } from '../store/schema.ts';

/** latestObservations gives each section's latest text, in the order of names; none for a connector that does not exist. */
export async function latestObservations(
  reader: Reader,
  connector: ConnectorId,
): Promise<Pick<Row<'observation'>, 'section' | 'body' | 'observed_at'>[]> {
  return await reader
    .selectFrom('observation')
    .select(['section', 'body', 'observed_at'])
    .where('connector_id', '=', connector)
    .orderBy('section')
    .execute();
}

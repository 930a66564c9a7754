import { conflict, invalidInput } from '../../contract/errors.ts';
import { parseObservation } from '../../contract/connector-observation.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { Store } from '../store/store.ts';

/**
 * keepObservation replaces each section that was sent by its latest raw text, and marks the unchanged ones as seen again. All or
 * nothing: a hash that is not held here is refused (409), and the agent sends everything. Nothing of the texts is interpreted.
 */
export async function keepObservation(store: Store, id: ConnectorId, text: string): Promise<void> {
  const parsed = parseObservation(text);
  if (parsed.kind === 'malformed') throw invalidInput('observation', text, `cannot be read: ${parsed.problem}`);
  const now = new Date();
  const sent = parsed.sections.flatMap(({ name, hash, body }) =>
    // PostgreSQL's text holds no NUL, which a raw output may.
    body === undefined
      ? []
      : [{ connector_id: id, section: name, hash, body: body.replaceAll('\0', '\uFFFD'), observed_at: now }],
  );
  const unchanged = parsed.sections.filter(({ body }) => body === undefined);
  await store.database.transaction().execute(async (trx) => {
    for (const { name, hash } of unchanged) {
      const { numUpdatedRows } = await trx
        .updateTable('observation')
        .set({ observed_at: now })
        .where('connector_id', '=', id)
        .where('section', '=', name)
        .where('hash', '=', hash)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n)
        throw conflict('observation', `The section ${name} is not held here with that hash. Send everything.`);
    }
    if (sent.length === 0) return;
    await trx
      .insertInto('observation')
      .values(sent)
      .onConflict((conflicting) =>
        conflicting.columns(['connector_id', 'section']).doUpdateSet((row) => ({
          body: row.ref('excluded.body'),
          hash: row.ref('excluded.hash'),
          observed_at: row.ref('excluded.observed_at'),
        })),
      )
      .execute();
  });
}

import { sql } from 'kysely';
import { CausewayError, conflict, invalidInput } from '../../contract/errors.ts';
import type { ObservedSection } from '../../contract/connector-observation.ts';
import { parseObservation } from '../../contract/connector-observation.ts';
import type { ConnectorId } from '../../core/ids.ts';
import type { ControllerDeps } from '../deps.ts';
import { isLanRouterNew, refreshLanRouters, routerSections } from '../domain/lan-router.ts';
import type { News } from '../news.ts';
import type { Actor } from '../principal.ts';
import type { ModelTrx } from '../store/database.ts';
import { inModelTransaction } from '../store/model-transaction.ts';

/** What keepObservation needs; `isNews` bounds how often one connector can change the model by what it reports. */
export type ObservationDeps = Pick<ControllerDeps, 'store'> & { readonly isNews: News };

/**
 * keepObservation replaces each section that was sent by its latest raw text, marks the unchanged ones as seen again, and forgets the others. All or
 * nothing: a hash that is not held here is refused (409), and the agent sends everything. Of the texts only the router of its LAN is read, and
 * is a change of the model where it differs. One that changes it again at once is told to wait (429); it then sends the texts again.
 * Observed when the agent `began`: a change made while it looked may be missing, and who reads the time relies on it being there.
 */
export async function keepObservation(
  deps: ObservationDeps,
  actor: Actor,
  id: ConnectorId,
  { text, began }: { readonly text: string; readonly began: Date },
): Promise<void> {
  const { store } = deps;
  const parsed = parseObservation(text);
  if (parsed.kind === 'malformed') throw invalidInput('observation', text, `cannot be read: ${parsed.problem}`);
  const sent = parsed.sections.flatMap(({ name, hash, body }) =>
    // PostgreSQL's text holds no NUL, which a raw output may.
    body === undefined
      ? []
      : [{ connector_id: id, section: name, hash, body: body.replaceAll('\0', '\uFFFD'), observed_at: began }],
  );
  const unchanged = parsed.sections.filter(({ body }) => body === undefined);
  await store.database.transaction().execute(async (trx) => {
    const seen = await markSeen(trx, id, unchanged, began);
    const missing = unchanged.find(({ name }) => !seen.has(name));
    if (missing !== undefined)
      throw conflict('observation', `The section ${missing.name} is not held here with that hash. Send everything.`);
    // What a machine has no more (a firewall that was taken off) it does not report: the old text would go on being believed.
    await trx
      .deleteFrom('observation')
      .where('connector_id', '=', id)
      .where(sql<boolean>`section <> all(${parsed.sections.map(({ name }) => name)}::text[])`)
      .execute();
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
  if (sent.some(({ section }) => routerSections.includes(section))) await noteLanRouter(deps, actor, id);
}

async function noteLanRouter({ store, isNews }: ObservationDeps, actor: Actor, id: ConnectorId): Promise<void> {
  if (!(await isLanRouterNew(store.database, id))) return;
  if (!isNews(id, performance.now())) {
    throw new CausewayError(
      'rate-limited',
      'The default router was reported to have changed a moment ago. Report it again in a minute.',
    );
  }
  await inModelTransaction(store, actor, async (change) => refreshLanRouters(change, { connector: id }));
}

/** One statement for all sections: a thousand agents report some thirty each. Gives the names of those that are held with their hash. */
async function markSeen(trx: ModelTrx, id: ConnectorId, sections: readonly ObservedSection[], began: Date): Promise<Set<string>> {
  if (sections.length === 0) return new Set();
  const rows = await trx
    .updateTable('observation')
    .set({ observed_at: began })
    .where('connector_id', '=', id)
    .where((where) => where.or(sections.map(({ name, hash }) => where.and({ section: name, hash }))))
    .returning('section')
    .execute();
  return new Set(rows.map(({ section }) => section));
}

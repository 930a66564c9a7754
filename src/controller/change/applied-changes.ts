import { sql } from 'kysely';
import type { AppliedChange } from '../../contract/gateway.ts';
import type { ConnectorId, GatewayId } from '../../core/ids.ts';
import { coalesce } from '../store/coalesce.ts';
import type { ModelTrx } from '../store/database.ts';
import type { Store } from '../store/store.ts';

/** Revisions that are looked back: of a gateway some weeks, of 1,000 connectors no more than 50,000 rows. */
const keptOfGateway = 10_000;
const keptOfConnector = 50;

/** Changes wake all connectors at once, and each of them comes back: their words are written together. */
const collect_ms = 500;

/** keepApplied writes what a gateway said of the revisions that it applied; the same twice changes nothing. Two statements, however many. */
export async function keepApplied(trx: ModelTrx, gateway: GatewayId, applied: readonly AppliedChange[]): Promise<void> {
  const newest = Math.max(...applied.map(({ revision }) => revision));
  const rows = JSON.stringify(applied.map(({ revision, ...told }) => ({ revision, told: withoutControls(told) })));
  await sql`insert into applied_change (gateway_id, revision, told)
    select ${gateway}, revision, told from json_to_recordset(${rows}::json) as r (revision bigint, told jsonb)
    on conflict do nothing`.execute(trx);
  await trx
    .deleteFrom('applied_change')
    .where('gateway_id', '=', gateway)
    .where('revision', '<', newest - keptOfGateway)
    .execute();
}

/** PostgreSQL's jsonb takes no NUL, and a list no control characters; a gateway has no reason to send any. */
function withoutControls(told: Omit<AppliedChange, 'revision'>): Omit<AppliedChange, 'revision'> {
  const clean = (text: string) => text.toWellFormed().replace(/\p{Cc}/gu, '\ufffd');
  return {
    ...told,
    steps: Object.fromEntries(Object.entries(told.steps).map(([kind, count]) => [clean(kind), count])),
    commands: told.commands.map(clean),
  };
}

/**
 * ConnectorAcks keeps which revisions connectors say that they have, each once. It is for people who follow a change: what is lost when the
 * controller stops or the database is away is a line there, so failures are dropped.
 */
export class ConnectorAcks {
  readonly #held = new Map<ConnectorId, number>();
  #due = new Map<ConnectorId, number>();
  readonly #write: ReturnType<typeof coalesce>;

  constructor(store: Store) {
    this.#write = coalesce(collect_ms, async () => {
      const due = [...this.#due].map(([connector, revision]) => ({ connector, revision }));
      this.#due = new Map();
      if (due.length > 0) await writeAcks(store, JSON.stringify(due)).catch(() => undefined);
    });
  }

  /** says notes that a connector holds a revision. */
  says(connector: ConnectorId, revision: number): void {
    if (this.#held.get(connector) === revision) return;
    this.#held.set(connector, revision);
    this.#due.set(connector, revision);
    this.#write.call();
  }

  async close(): Promise<void> {
    await this.#write.stop();
  }
}

async function writeAcks(store: Store, due: string): Promise<void> {
  await sql`insert into applied_change (connector_id, revision)
    select said.connector, said.revision from json_to_recordset(${due}::json) as said (connector uuid, revision bigint)
    join connector on connector.id = said.connector on conflict do nothing`.execute(store.database);
  // By number and not by revision: what concerns few connectors makes most revisions none of theirs.
  await sql`delete from applied_change using (
      select connector_id, revision, row_number() over (partition by connector_id order by revision desc) as place
      from applied_change where connector_id in (select connector from json_to_recordset(${due}::json) as said (connector uuid))) as old
    where old.place > ${keptOfConnector} and applied_change.connector_id = old.connector_id
      and applied_change.revision = old.revision`.execute(store.database);
}

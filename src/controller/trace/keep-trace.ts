import { sql } from 'kysely';
import type { KeptTrace, TraceLine } from '../../contract/api/trace.ts';
import { keptTrace, traceLine } from '../../contract/api/trace.ts';
import { conflict, notFound } from '../../contract/errors.ts';
import type { PageQuery } from '../../contract/page.ts';
import type { Permission } from '../../contract/permission.ts';
import type { ListPage } from '../domain/list-page.ts';
import { readPage } from '../domain/list-page.ts';
import { objectId } from '../domain/object-id.ts';
import type { Actor } from '../principal.ts';
import { principalName } from '../principal.ts';
import type { Reader } from '../store/database.ts';
import { recordAudit } from '../store/model-transaction.ts';
import type { Row } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import { demandPermissions, holds, needsOf } from './find-ends.ts';
import type { PreparedTrace, ProbeRound, TraceRun } from './run-trace.ts';

/** So many traces are kept: enough to compare with last week's, and at some 30 kB each a few megabytes. */
export const tracesKept = 500;

/** keepTrace writes an answer down with who asked and when, and drops the oldest beyond the limit in the same transaction. */
export async function keepTrace(store: Store, actor: Actor, { request, ends }: PreparedTrace, run: TraceRun): Promise<KeptTrace> {
  const result = { ...run.check, remarks: run.remarks, probes: run.probes.map(roundOf) };
  const askedBy = principalName(actor.principal).name;
  const { revision } = run.input.model;
  const askedAt = run.input.observed.now;
  const id = await store.database.transaction().execute(async (trx) => {
    const kept = await trx
      .insertInto('trace')
      .values({
        revision,
        asked_at: new Date(askedAt),
        principal_kind: actor.principal.kind,
        principal_name: askedBy,
        asked: JSON.stringify(request),
        verdict: run.check.verdict,
        needs: [...needsOf(ends)],
        result: JSON.stringify(result),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await trx
      .deleteFrom('trace')
      .where('number', '<=', trx.selectFrom('trace').select('number').orderBy('number', 'desc').offset(tracesKept).limit(1))
      .execute();
    const after = { ...request, verdict: run.check.verdict, probes: run.probes.flatMap(({ results }) => results).length };
    await recordAudit(trx, actor, [{ entity: 'trace', entityId: kept.id, action: 'asked', after }]);
    return kept.id;
  });
  return keptTrace.parse({ id, revision, askedAt, askedBy, asked: request, ...result });
}

function roundOf({ results, ...connector }: ProbeRound) {
  return { ...connector, results: results.map(({ question, answer, quote, at }) => ({ ...question, answer, quote, at })) };
}

/** listTraces gives one page of the traces that the caller may know of, the newest first. */
export async function listTraces(reader: Reader, actor: Actor, query: PageQuery): Promise<ListPage<TraceLine>> {
  const held = (['device:read', 'host:read'] as const satisfies readonly Permission[]).filter((each) => holds(actor, each));
  const isAllowed = sql<boolean>`needs <@ ${held}::text[]`;
  const { items, total } = await readPage(
    query,
    reader
      .selectFrom('trace')
      .select(['id', 'revision', 'asked_at', 'principal_name', 'asked', 'result'])
      .where(isAllowed)
      .orderBy('number', 'desc'),
    reader
      .selectFrom('trace')
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .where(isAllowed),
  );
  return { items: items.flatMap((row) => lineOf(row)), total };
}

/** What another version has written, and this one cannot read, is left out of the list: it cannot be run again either. */
function lineOf(row: TraceRow): TraceLine[] {
  const trace = traceOf(row);
  if (trace === undefined) return [];
  const codes = trace.findings.filter(({ hiddenBy }) => hiddenBy === null).map(({ code }) => code);
  return [traceLine.parse({ ...trace, codes })];
}

/** readTrace gives a trace that is kept; not found where it is not any more. */
export async function readTrace(reader: Reader, actor: Actor, text: string): Promise<KeptTrace> {
  const id = objectId('trace', text);
  const row = await reader
    .selectFrom('trace')
    .select(['id', 'revision', 'asked_at', 'principal_name', 'asked', 'result', 'needs'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('trace', text);
  demandPermissions(actor, row.needs as Permission[], 'People or hosts stand at the ends of this trace');
  const trace = traceOf(row);
  if (trace !== undefined) return trace;
  throw conflict('trace', `Trace ${id} was written by another version of Causeway, which this one cannot read; ask it anew.`);
}

type TraceRow = Pick<Row<'trace'>, 'id' | 'revision' | 'asked_at' | 'principal_name' | 'asked' | 'result'>;

function traceOf({ id, revision, asked_at, principal_name, asked, result }: TraceRow): KeptTrace | undefined {
  const head = { id, revision, askedAt: asked_at.toISOString(), askedBy: principal_name, asked };
  const read = keptTrace.safeParse({ ...result, ...head });
  return read.success ? read.data : undefined;
}

import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { z } from 'zod';
import { invalidInput, notFound } from '../../contract/errors.ts';
import type { NetworkId } from '../../core/ids.ts';
import type { CloudId, CloudState } from '../../core/trace/cloud/cloud-state.ts';
import { toInvalidInput } from '../http/validation.ts';
import type { Reader } from '../store/database.ts';
import type { Change } from '../store/model-transaction.ts';
import type { Row } from '../store/schema.ts';
import { cloudVendors } from './cloud-vendors.ts';

export type KeptCloud = Pick<Row<'cloud_state'>, 'cloud' | 'state' | 'read_at' | 'how'>;

/** readClouds gives what was read of the clouds of these networks. One query. */
export async function readClouds(reader: Reader, networks: readonly NetworkId[]): Promise<ReadonlyMap<NetworkId, CloudState>> {
  const rows = await reader
    .selectFrom('cloud_state')
    .select(['network_id', 'state'])
    .where(sql<boolean>`network_id = any(${[...networks]}::uuid[])`)
    .execute();
  return new Map(rows.map(({ network_id, state }) => [network_id, state]));
}

/** readCloud gives what was read of one, with when and how. */
export async function readCloud(reader: Reader, network: NetworkId): Promise<KeptCloud | undefined> {
  return await reader
    .selectFrom('cloud_state')
    .select(['cloud', 'state', 'read_at', 'how'])
    .where('network_id', '=', network)
    .executeTakeFirst();
}

export type CloudAnswers = {
  readonly cloud: CloudId;
  readonly readAt?: string | undefined;
  readonly answers: Readonly<Record<string, unknown>>;
};

/** A clock of the operator's machine may be ahead by so much. */
const ahead_ms = 5 * 60_000;

/**
 * stateOfAnswers makes a state of what a vendor's command line has printed. Throws invalid-input that names the field, with what is allowed:
 * a part that the cloud has not, an answer that is none of this cloud's, a time that has not come yet.
 */
export function stateOfAnswers({ cloud, readAt, answers }: CloudAnswers, now: Date): CloudState {
  const at = readAt === undefined ? now : new Date(readAt);
  if (at.getTime() > now.getTime() + ahead_ms) {
    throw invalidInput('readAt', readAt, 'lies in the future', `a time before ${now.toISOString()}`);
  }
  const vendor = cloudVendors[cloud];
  const stranger = Object.keys(answers).find((part) => !vendor.parts.includes(part));
  if (stranger !== undefined) {
    throw invalidInput(`answers.${stranger}`, stranger, `is no part of the answers of ${cloud}`, vendor.parts.join(', '));
  }
  const translated = vendor.translate(answers, new Date(Math.min(at.getTime(), now.getTime())).toISOString());
  if (translated.ok) return translated.state;
  const below = translated.error.issues.map((issue) => ({ ...issue, path: ['answers', ...issue.path] }));
  throw toInvalidInput(new z.ZodError(below), { answers: translated.answers });
}

/** keepCloud keeps a state in place of what was known before. The same once more changes nothing. Not found where there is no such network. */
export async function keepCloud(
  { trx, record }: Change,
  network: NetworkId,
  state: CloudState,
  how: KeptCloud['how'],
): Promise<void> {
  const before = await required(trx, network);
  if (before?.how === how && isDeepStrictEqual(before.state, state)) return;
  const row = { cloud: state.cloud, state: JSON.stringify(state), read_at: new Date(state.reading.at), how };
  await trx
    .insertInto('cloud_state')
    .values({ network_id: network, ...row })
    .onConflict((conflicting) => conflicting.column('network_id').doUpdateSet(row))
    .execute();
  const after = auditOf({ ...row, state });
  record({
    entity: 'network',
    entityId: network,
    action: 'cloud-kept',
    before: before === undefined ? null : auditOf(before),
    after,
  });
}

/** forgetCloud forgets it. Doing it twice changes nothing. */
export async function forgetCloud({ trx, record }: Change, network: NetworkId): Promise<void> {
  const before = await required(trx, network);
  if (before === undefined) return;
  await trx.deleteFrom('cloud_state').where('network_id', '=', network).execute();
  record({ entity: 'network', entityId: network, action: 'cloud-forgotten', before: auditOf(before), after: null });
}

async function required(reader: Reader, network: NetworkId): Promise<KeptCloud | undefined> {
  const found = await reader.selectFrom('network').select('id').where('id', '=', network).executeTakeFirst();
  if (found === undefined) throw notFound('network', network);
  return await readCloud(reader, network);
}

/** The audit keeps what and when, not megabytes of rules; jsonb refuses what names in a cloud may contain, so no name is in it. */
function auditOf({ cloud, state, read_at, how }: KeptCloud): object {
  const { cards, tables, filters } = state;
  return {
    cloud,
    how,
    readAt: read_at.toISOString(),
    cards: cards.length,
    tables: tables?.length ?? null,
    filters: filters?.length ?? null,
  };
}
